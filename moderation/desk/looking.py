"""What a moderator sees of a case: its words, findings, history, what was said around it, and what came before.

Words around a private conversation are not shown: that needs a written reason (moderation/casework/break_glass.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from community.database import Conn
from community.ids import MemberId, MessageId, VerdictId
from community.log import MessageView
from community.store import conversations, groups, messages, people, revisions, verdicts
from community.store.revisions import Revision
from community.store.verdicts import NewFinding
from moderation.store import cases as store
from moderation.store import flags, situations
from moderation.store.cases import CaseRow, HistoryRow
from moderation.store.flags import FlagRow

CONTEXT_BEFORE_AND_AFTER = 10
SHOWN_MAX = 50
"""Messages of a case shown at once; earlier ones are asked for."""
REVISIONS_MAX = 10
HISTORY_MAX = 200


@dataclass(frozen=True, slots=True)
class Around:
    """The messages before and after the case's latest one. `sealed`: it stands in a private conversation."""

    before: list[MessageView]
    after: list[MessageView]
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A case with everything its page needs."""

    row: CaseRow
    subject: MemberId | None
    subject_handle: str | None
    owner_handle: str | None
    group_slug: str | None
    group_name: str | None
    messages: list[MessageView]
    more_before: MessageId | None  # there are earlier ones; ask for what stands before this
    findings: list[NewFinding]
    verdicts: dict[MessageId, VerdictId]
    history: list[HistoryRow]
    revisions: dict[MessageId, list[Revision]]
    around: Around
    flags: list[FlagRow]
    earlier: list[CaseRow]
    elsewhere: bool

    @property
    def before(self) -> list[MessageView]:
        return self.around.before

    @property
    def after(self) -> list[MessageView]:
        return self.around.after


async def load(
    conn: Conn, row: CaseRow, subject: MemberId | None, *, before: MessageId | None = None
) -> Seen:
    """Read it, its latest messages or those before one of them, in as many readings for many as for one; the
    caller has ruled that this person may see the case."""
    shown = shown_of(row.case.messages, before)
    words = await messages.views(conn, shown)
    judged = await messages.judged_by(conn, shown)
    findings = await verdicts.findings_of(conn, list(judged.values()))
    handles = await people.handles(conn, [i for i in (subject, row.case.owner) if i is not None])
    group = await groups.by_id(conn, row.group_id) if row.group_id else None
    return Seen(
        row=row,
        subject=subject,
        subject_handle=handles.get(subject) if subject else None,
        owner_handle=handles.get(row.case.owner) if row.case.owner else None,
        group_slug=group.slug if group else None,
        group_name=group.name if group else None,
        messages=words,
        more_before=shown[0] if shown and shown[0] != row.case.messages[0] else None,
        findings=findings,
        verdicts=judged,
        history=await store.history(conn, row.id, limit=HISTORY_MAX),
        revisions=await revisions.latest(conn, shown, limit=REVISIONS_MAX),
        around=await around(conn, words, private_too=False),
        flags=await flags.of_case(conn, shown),
        earlier=await situations.earlier_of(conn, row, subject),
        elsewhere=row.case.lane == "care" and await situations.elsewhere(conn, row),
    )


def shown_of(all: tuple[MessageId, ...], before: MessageId | None) -> tuple[MessageId, ...]:
    """The latest of a case's messages, or those just before one of them."""
    end = all.index(before) if before in all else len(all)
    return all[max(0, end - SHOWN_MAX) : end]


async def around(conn: Conn, words: list[MessageView], *, private_too: bool) -> Around:
    """Ten before and ten after the latest message that stands in a conversation, or would: what is held is looked at
    where it was written."""
    latest = next((m for m in reversed(words) if m.c is not None), None)
    if latest is None or latest.c is None:
        return Around([], [])
    place = await conversations.get(conn, latest.c)
    if place is not None and place.kind == "pairing" and not private_too:
        return Around([], [], sealed=True)
    n = CONTEXT_BEFORE_AND_AFTER
    end = None if latest.seq is None else latest.seq + 5 * n
    near = await messages.history(conn, latest.c, before=end, limit=7 * n)
    before = [m for m in near if m.id != latest.id and _is_before(m, latest)]
    after = [m for m in near if m.id != latest.id and not _is_before(m, latest)]
    return Around(before[-n:], after[:n])


def _is_before(one: MessageView, latest: MessageView) -> bool:
    if one.seq is not None and latest.seq is not None:
        return one.seq < latest.seq
    return one.created_at <= latest.created_at
