"""Shapes of the moderation API: sent messages, cases and what is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from community.store.verdicts import NewFinding
from community.web.shapes import Author, MessageShape, message_shape
from moderation.casework.reporters import weight
from moderation.desk.looking import Seen
from moderation.gate.submissions import Sent
from moderation.gate.support import SupportCard
from moderation.store.cases import CaseRow, HistoryRow
from moderation.store.flags import FlagRow


class SentShape(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a send or an edit; `seq` is null while held."""

    id: UUID
    seq: int | None
    outcome: str
    masked: bool
    again: bool = False
    help: bool = False
    support: SupportCard | None = None


def sent_shape(sent: Sent) -> SentShape:
    return SentShape(sent.id, sent.seq, sent.outcome, sent.masked, sent.again, sent.help, sent.support)


class FindingShape(msgspec.Struct, frozen=True):
    message: UUID
    stage: str
    rule: str
    version: str
    lane: str
    severity: str
    field: str
    span: tuple[int, int] | None
    note: str


class HistoryShape(msgspec.Struct, frozen=True):
    n: int
    act: str
    actor: Author | None
    parameters: dict[str, Any]
    note: str | None
    at: datetime


class CaseSummary(msgspec.Struct, frozen=True):
    """A row of the queue: no words of anyone until the case is opened."""

    id: UUID
    lane: str
    tier: str
    state: str
    version: int
    opened_at: datetime
    raised_at: datetime
    due_at: datetime | None
    owner: UUID | None
    lease_until: datetime | None
    group: UUID | None
    message_count: int
    rules: list[str]


class FlagShape(msgspec.Struct, frozen=True):
    """What somebody said when they flagged a message; never who. `weight` is 1, or more for whoever was right
    before: it orders the queue and is nothing anybody is told."""

    message: UUID
    kind: str
    note: str | None
    at: datetime
    weight: float


class CaseShape(msgspec.Struct, frozen=True):
    """`messages` are the latest of `message_count`; `?before=` with `messages_before` gives those before them, and
    null says that there are none. `history` is its newest part. `elsewhere`: another team is with this person.
    `sealed`: what was said around it is private, and reading it needs a written reason."""

    id: UUID
    lane: str
    tier: str
    state: str
    version: int
    opened_at: datetime
    raised_at: datetime
    due_at: datetime | None
    owner: Author | None
    lease_until: datetime | None
    group: str | None
    subject: Author | None
    message_count: int
    messages_before: UUID | None
    messages: list[MessageShape]
    findings: list[FindingShape]
    history: list[HistoryShape]
    context: dict[str, list[MessageShape]]
    revisions: dict[str, list[dict[str, Any]]]
    flags: list[FlagShape]
    earlier: list[CaseSummary]
    elsewhere: bool
    sealed: bool
    ladder: str | None
    ladder_when: str | None
    merged_into: UUID | None


def case_summary(row: CaseRow) -> CaseSummary:
    case = row.case
    return CaseSummary(
        id=row.id,
        lane=case.lane,
        tier=case.tier.name,
        state=case.state,
        version=case.version,
        opened_at=case.opened_at,
        raised_at=case.raised_at,
        due_at=case.due_at,
        owner=case.owner,
        lease_until=case.lease_until,
        group=row.group_id,
        message_count=len(case.messages),
        rules=sorted(case.rules),
    )


def case_shape(seen: Seen) -> CaseShape:
    """A case for whoever may work on it: the original words are in `own`, place of masks included."""
    row, case = seen.row, seen.row.case
    by_verdict = {verdict: message for message, verdict in seen.verdicts.items()}
    return CaseShape(
        id=row.id,
        lane=case.lane,
        tier=case.tier.name,
        state=case.state,
        version=case.version,
        opened_at=case.opened_at,
        raised_at=case.raised_at,
        due_at=case.due_at,
        owner=Author(case.owner, seen.owner_handle) if case.owner else None,
        lease_until=case.lease_until,
        group=seen.group_slug,
        subject=Author(seen.subject, seen.subject_handle) if seen.subject else None,
        message_count=len(case.messages),
        messages_before=seen.more_before,
        messages=[message_shape(m, None, staff=True) for m in seen.messages],
        findings=[_finding(f, by_verdict[f.verdict_id]) for f in seen.findings],
        history=[_history(h) for h in seen.history],
        context={
            "before": [message_shape(m, None) for m in seen.before],
            "after": [message_shape(m, None) for m in seen.after],
        },
        revisions={
            str(id): [{"n": r.n, "state": r.state, "body": r.body, "at": r.at} for r in revisions]
            for id, revisions in seen.revisions.items()
            if revisions
        },
        flags=[_flag(f) for f in seen.flags],
        earlier=[case_summary(earlier) for earlier in seen.earlier],
        elsewhere=seen.elsewhere,
        sealed=seen.around.sealed,
        ladder=case.ladder,
        ladder_when=case.ladder_when,
        merged_into=row.merged_into,
    )


def _flag(flag: FlagRow) -> FlagShape:
    return FlagShape(flag.message_id, flag.kind, flag.note, flag.at, weight(flag.right, flag.judged))


def _finding(finding: NewFinding, message: UUID) -> FindingShape:
    spans = finding.span_start is not None and finding.span_end is not None
    return FindingShape(
        message=message,
        stage=finding.stage,
        rule=finding.rule,
        version=finding.rule_version,
        lane=finding.lane,
        severity=finding.severity,
        field=finding.field,
        span=(finding.span_start or 0, finding.span_end or 0) if spans else None,
        note=finding.note,
    )


def _history(row: HistoryRow) -> HistoryShape:
    actor = Author(row.actor_id, row.actor_handle) if row.actor_id else None
    return HistoryShape(row.n, row.act, actor, row.parameters, row.note, row.at)
