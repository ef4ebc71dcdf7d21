"""The desk: what a moderator does with a case. Every act locks the case, checks its version, goes through the
state machine, and is in the history with the change it made, in one transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, Forbidden, Invalid, NotFound
from community.ids import CaseId, MemberId, MessageId, NoticeId, PageId, VerdictId, new_id
from community.log import MessageView
from community.store import groups, messages, people, verdicts
from community.store.messages import Revision
from community.store.verdicts import NewFinding
from moderation.cases import (
    Act,
    Claimed,
    Closed,
    Decided,
    Decision,
    Escalated,
    IllegalAct,
    Noted,
    Released,
)
from moderation.casework import act
from moderation.edits import Change, Edits
from moderation.pipeline.types import Span, Tier
from moderation.rights import Rights, desk_rights
from moderation.store import appeals, pages, teams
from moderation.store import cases as store
from moderation.store.cases import CaseRow, HistoryRow, QueueFilter

NOTE_CHARS_MAX = 4_000
CRISIS_CASES_MAX = 3
"""At most so many crisis cases a person at once (care.md); past it the claim is asked, not forced."""
CONTEXT_BEFORE_AND_AFTER = 10

_WHY = {
    "held": "Someone else has this case at the moment. You can take it over if they agree or are gone.",
    "closed": "This case is closed.",
    "not_yours": "You don't hold this case.",
    "nothing_to_appeal": "There is no decision to disagree with yet.",
    "not_care": "That is for cases of the care lane.",
}


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
    findings: list[NewFinding]
    verdicts: dict[MessageId, VerdictId]
    history: list[HistoryRow]
    revisions: dict[MessageId, list[Revision]]
    before: list[MessageView]
    after: list[MessageView]


@dataclass(frozen=True, slots=True)
class Who:
    member_id: MemberId
    is_operator: bool


class Desk:
    def __init__(self, database: Database, clock: Clock, bus: Bus, edits: Edits) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._edits = edits

    # ---- looking

    async def queue(
        self, who: Who, *, lane: str | None, state: str | None, offset: int, limit: int
    ) -> list[CaseRow]:
        """Most urgent first, then longest waiting. Raises NotFound for whom there is no desk."""
        async with self._database.read() as conn:
            rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
            return await store.queue(conn, _filter(rights, lane, state), offset=offset, limit=limit)

    async def version_for(self, who: Who, id: CaseId) -> int | None:
        """The case's version, or None when it doesn't exist for this person; for the console's stream."""
        async with self._database.read() as conn:
            try:
                row, _ = await self._visible(conn, who, id)
            except NotFound:
                return None
            return row.case.version

    async def see(self, who: Who, id: CaseId) -> Seen:
        """One case with its words, findings, history and what was said around it. Raises NotFound."""
        async with self._database.read() as conn:
            row, subject = await self._visible(conn, who, id)
            return await _load(conn, row, subject)

    # ---- acting

    async def claim(self, who: Who, id: CaseId, version: int, *, take_over: bool = False) -> CaseRow:
        """Take the case for five minutes, renewed by use; its pages stop repeating. Raises Conflict when it
        moved, is held, or when this would be a fourth crisis at once and others are free."""

        async def also(tx: Tx, row: CaseRow, now: datetime) -> Change | None:
            await pages.acknowledge(tx, row.id, who.member_id, now=now)
            return None

        return await self._act(who, id, version, Claimed(who.member_id, take_over), also=also)

    async def release(self, who: Who, id: CaseId, version: int) -> CaseRow:
        """Give the claim back: nobody has it, and a fresh clock runs."""
        return await self._act(who, id, version, Released(who.member_id))

    async def note(self, who: Who, id: CaseId, version: int, text: str) -> CaseRow:
        """An internal note. The member never sees it."""
        return await self._act(who, id, version, Noted(who.member_id), note=_words(text))

    async def escalate(self, who: Who, id: CaseId, version: int, *, tier: str, reason: str) -> CaseRow:
        """To a higher tier, with a fresh clock. Never lowers."""
        try:
            wanted = Tier[tier]
        except KeyError:
            raise Invalid("A tier is amber, red or crisis.", code="bad_tier") from None
        return await self._act(
            who, id, version, Escalated(who.member_id, wanted, "person"), note=_words(reason)
        )

    async def close(self, who: Who, id: CaseId, version: int, reason: str) -> CaseRow:
        """Done, with a reason. A new finding opens it again."""
        return await self._act(who, id, version, Closed(who.member_id, "person"), note=_words(reason))

    async def decide(self, who: Who, id: CaseId, version: int, choice: Choice) -> CaseRow:
        """Publish, remove or mask a message of this case, or close it without a change. The author is told
        kindly; the reporter's name never leaves the case."""

        async def also(tx: Tx, row: CaseRow, now: datetime) -> Change | None:
            await self._answer_appeal(tx, who, row, choice, now)
            await tell_reporters(tx, row, now=now)
            message = (
                choice.message or row.message_id or (row.case.messages[-1] if row.case.messages else None)
            )
            if choice.decision == "close":
                return None
            if message is None or message not in row.case.messages:
                raise Invalid("That message isn't part of this case.", code="not_in_case")
            match choice.decision:
                case "publish":
                    return await self._edits.publish(tx, message, now=now)
                case "remove":
                    return await self._edits.remove(tx, message, now=now, reason=choice.rule)
                case "mask":
                    return await self._edits.mask(tx, message, choice.spans, now=now)

        what = Decided(who.member_id, choice.decision, choice.message, choice.rule)
        row = await self._act(who, id, version, what, note=_words(choice.reason), also=also)
        if choice.decision == "close":
            return await self.close(who, id, row.case.version, choice.reason)
        return row

    async def acknowledge(self, who: Who, page: PageId) -> CaseRow:
        """Answer a page: the same as claiming its case at its present version. Raises NotFound."""
        async with self._database.read() as conn:
            found = await pages.get(conn, page)
            if found is None:
                raise NotFound
            row, _ = await self._visible(conn, who, found.case_id)
        return await self.claim(who, row.id, row.case.version)

    # ---- inner

    async def _answer_appeal(self, tx: Tx, who: Who, row: CaseRow, choice: Choice, now: datetime) -> None:
        """An appeal is answered by somebody else than who decided; its author hears about it."""
        appeal = await appeals.waiting(tx, row.id)
        if appeal is None or row.case.state != "appealed":
            return
        if appeal.decided_by == who.member_id:
            raise Forbidden("You made this decision; someone else answers the appeal.", code="same_person")
        upheld = choice.decision in ("close", "remove", "mask")
        await appeals.answer(tx, appeal.id, by=who.member_id, upheld=upheld, now=now)
        if appeal.member_id is not None:
            await people.add_notice(
                tx,
                appeal.member_id,
                id=NoticeId(new_id()),
                kind="appeal",
                message_id=row.message_id,
                parameters={},
                now=now,
            )

    async def _act(
        self,
        who: Who,
        id: CaseId,
        version: int,
        what: Act,
        *,
        note: str | None = None,
        also: Callable[[Tx, CaseRow, datetime], Awaitable[Change | None]] | None = None,
    ) -> CaseRow:
        now = self._clock.now()
        change: Change | None = None
        async with self._database.transaction() as tx:
            await self._visible(tx, who, id)
            if also is not None:
                # The words' locks come before the case's: the order of the gate (conversation, message, case).
                seen = await store.get(tx, id)
                assert seen is not None, "it was visible in this transaction"
                _check_version(seen, version)
                change = await also(tx, seen, now)
            row = await store.lock(tx, id)
            assert row is not None, "cases are never deleted"
            _check_version(row, version)
            try:
                after = await act(tx, row, what, by=who.member_id, now=now, note=note)
            except IllegalAct as illegal:
                say = _WHY.get(illegal.why, "That isn't possible in the state that this case is in.")
                raise Conflict(say, code=illegal.why if illegal.why in _WHY else "conflict") from None
        self._edits.ring(change)
        self._bus.ring("desk", id)
        return after

    async def _visible(self, conn: Conn, who: Who, id: CaseId) -> tuple[CaseRow, MemberId | None]:
        rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
        row = await store.get(conn, id)
        if row is None:
            raise NotFound
        subject = await _subject(conn, row)
        if not rights.may_see(row, subject):
            raise NotFound
        return row, subject


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision on a message: what, why (internal words), and the rule that the author is told."""

    decision: Decision
    reason: str
    message: MessageId | None = None
    spans: tuple[Span, ...] = ()
    rule: str = "person"


def _filter(rights: Rights, lane: str | None, state: str | None) -> QueueFilter:
    return QueueFilter(
        care_teams=list(rights.care_teams),
        conduct_groups=list(rights.conduct_groups),
        conduct_teams=list(rights.conduct_teams),
        lane=lane,
        state=state,
        not_about=rights.member,
    )


async def _subject(conn: Conn, row: CaseRow) -> MemberId | None:
    if row.case.lane == "care":
        return row.member_id
    return await teams.subject_of(conn, row.message_id)


async def _load(conn: Conn, row: CaseRow, subject: MemberId | None) -> Seen:
    words = await messages.views(conn, row.case.messages)
    rows = {m.id: r for m in words if (r := await messages.get(conn, m.id)) is not None}
    findings = await verdicts.findings_of(conn, [r.verdict_id for r in rows.values()])
    handles = await people.handles(conn, [i for i in (subject, row.case.owner) if i is not None])
    group = await groups.by_id(conn, row.group_id) if row.group_id else None
    latest = next((m for m in reversed(words) if m.c is not None and m.seq is not None), None)
    before: list[MessageView] = []
    after: list[MessageView] = []
    if latest is not None and latest.c is not None and latest.seq is not None:
        around = CONTEXT_BEFORE_AND_AFTER
        near = await messages.history(conn, latest.c, before=latest.seq + 5 * around, limit=7 * around)
        before = [m for m in near if m.seq is not None and m.seq < latest.seq][-around:]
        after = [m for m in near if m.seq is not None and m.seq > latest.seq][:around]
    return Seen(
        row=row,
        subject=subject,
        subject_handle=handles.get(subject) if subject else None,
        owner_handle=handles.get(row.case.owner) if row.case.owner else None,
        group_slug=group.slug if group else None,
        group_name=group.name if group else None,
        messages=words,
        findings=findings,
        verdicts={id: r.verdict_id for id, r in rows.items()},
        history=await store.history(conn, row.id),
        revisions={m.id: await messages.revisions(conn, m.id) for m in words},
        before=before,
        after=after,
    )


def _check_version(row: CaseRow, version: int) -> None:
    if row.case.version != version:
        raise Conflict(extra={"version": row.case.version})


def _words(text: str) -> str:
    clean = text.strip()
    if not 1 <= len(clean) <= NOTE_CHARS_MAX or "\0" in clean:
        raise Invalid(f"Please write 1 to {NOTE_CHARS_MAX} characters, so that the next person understands.")
    return clean


async def tell_reporters(tx: Tx, row: CaseRow, *, now: datetime) -> None:
    """Those who flagged this message hear that a person has looked; not what was decided about whom."""
    for member in await store.reporters(tx, row.case.messages):
        await people.add_notice(
            tx, member, id=NoticeId(new_id()), kind="decision", message_id=None, parameters={}, now=now
        )


__all__ = ["Choice", "Desk", "Forbidden", "Seen", "Who", "tell_reporters"]
