"""After a death: memorial mode, confirmed by two (care.md).

Nothing reaches for the person any more, nobody signs in as them, no method of theirs stays to be read, their groups
are told once in a lead's own words, the desk sees for thirty days which groups need more care, and whoever carried
the case is offered a talk. Where it was a mistake, a lead takes it back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from community.database import Conn, Tx
from community.errors import Conflict, Forbidden, Invalid, NotFound
from community.ids import CaseId, MemberId, NoticeId, new_id
from community.judging import Words
from community.store import people, sessions
from moderation.casework.casework import Cause, act
from moderation.casework.machine import Closed, Signed
from moderation.desk.ground import DeskGround, Who, staff_words
from moderation.evidence import chain
from moderation.gate.edits import Change
from moderation.gate.masking import MARK, hidden, merged
from moderation.gate.words import Keeper, StandAlone, heard
from moderation.pipeline.types import Outcome
from moderation.store import audit, follow_ups, order, signatures, wellbeing
from moderation.store import cases as cases_store
from moderation.store import memorials as store
from moderation.store.cases import CaseRow
from moderation.store.memorials import Announcement, Memorial, Watched

WATCH: Final = timedelta(days=30)
TEXT_CHARS_MAX: Final = 4_000
METHOD_RULES: Final = (
    "care.means", "care.method", "care.attempt", "care.act_part", "care.ideation.act", "care.intent",
    "safety.reader", "safety.method",
)  # fmt: skip
"""Rules whose words may tell somebody else how: after a death their spans are hidden from readers."""


async def never_write_to(conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
    """Those of them whom no follow-up, digest, mention or mail may reach for: they have died."""
    return await store.dead_among(conn, members)


async def hide_methods(ground: DeskGround, tx: Tx, member: MemberId, *, now: datetime) -> list[Change]:
    """Hide from readers where their words tell of a method, means or place, and titles that do, whole; what was
    hidden stays hidden. Call it before any case is locked: words' locks come first, in the order of their
    conversations."""
    changes = []
    for words in await store.named_methods(tx, member, METHOD_RULES):
        spans = merged((*words.spans, *hidden(words.body, words.shown)), words.body)
        change = await ground.edits.mask(tx, words.message_id, spans, now=now, tell=False)
        changes += [] if change is None else [change]
    await store.hide_titles(tx, member, METHOD_RULES, MARK)
    return changes


async def remember(tx: Tx, row: CaseRow, request: UUID, *, now: datetime) -> None:
    """Two people have confirmed it. The caller holds the case's lock."""
    assert row.member_id is not None, "checked when it was asked"
    await signatures.add_memorial(tx, row.member_id, request, now=now, watch_until=now + WATCH)
    await people.lay_to_rest(tx, row.member_id, now=now)
    await sessions.revoke_all(tx, row.member_id, now=now)
    await follow_ups.cancel_of(tx, row.member_id, now=now)
    for member in await wellbeing.offer_debriefs(tx, row.id, now=now):
        await people.add_notice(
            tx, member, id=NoticeId(new_id()), kind="debrief", message_id=None, parameters={}, now=now
        )
    if row.case.state != "closed":
        await act(tx, row, Closed(None, "died"), by=None, now=now)


class Memorials:
    def __init__(self, ground: DeskGround, keeper: Keeper) -> None:
        self._ground = ground
        self._keeper = keeper

    async def announce(self, who: Who, id: CaseId, text: str) -> tuple[int, Any]:
        """Tell the person's groups of this team, once, in a lead's words; answers how many people, and a support
        card where the writer's own words call for one. Raises NotFound, Forbidden, Conflict, and Invalid where
        the words name a method or place; a cry in them is heard all the same."""
        words = Words(text, "letter")
        try:
            return await self._announce(who, id, words)
        except (NotFound, Forbidden, Invalid, Conflict) as why:
            raise await heard(self._ground.database, self._keeper, words, who.member_id, why) from None

    async def undo(self, who: Who, id: CaseId, reason: str) -> CaseId:
        """It was a mistake: they live. A lead takes it back; they can sign in again, those who were told hear that
        it was wrong, and somebody looks for the person at once: the case to look in. Raises NotFound, Forbidden,
        Conflict, Invalid."""
        why, now = staff_words(reason), self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            seen, rights = await self._ground.visible(tx, who, id)
            if seen.team_id not in rights.lead_teams:
                raise Forbidden("Leads do this.", code="not_lead")
            if seen.member_id is None or await store.of(tx, seen.member_id) is None:
                raise Conflict("Nothing to take back.", code="no_memorial")
            await order.subjects(tx, (seen.member_id,))
            looked_for = await self._look_for(tx, seen, now)
            row = await cases_store.lock(tx, id)
            assert row is not None, "it was visible"
            memorial = await store.lock(tx, seen.member_id)
            if memorial is None:
                raise Conflict("Nothing to take back.", code="no_memorial")  # somebody was first
            told = await store.told(tx, memorial)
            await store.remove(tx, memorial.member_id)
            await people.wake(tx, memorial.member_id, since=memorial.at)
            note = await self._ground.notes.seal(tx, id, why)
            await act(
                tx, row, Signed(who.member_id, "memorial", "undone"), by=who.member_id, now=now, note=note
            )
            for member in told:
                await people.add_notice(
                    tx, member, id=NoticeId(new_id()), kind="memorial_undone", message_id=None,
                    parameters={}, now=now,
                )  # fmt: skip
            said = chain.entry("memorial.undone", who.member_id, row.id, told=len(told))
            await audit.append(tx, [said], now=now)
        for member in told:
            self._ground.bus.ring("member", member)
        for case in {id, looked_for}:
            self._ground.bus.ring("desk", case)
        return looked_for

    async def _look_for(self, tx: Tx, row: CaseRow, now: datetime) -> CaseId:
        """The case of who lives after all is open again, at the tier that it had: nobody has heard of them since."""
        assert row.member_id is not None, "checked by the caller"
        cause = Cause(
            row.case.messages[-1], row.member_id, row.team_id, row.group_id, row.case.tier, None,
            row.case.rules, "worried",
        )  # fmt: skip
        return (await self._ground.casework.care(tx, cause, now=now)).case

    async def watched(self, who: Who) -> list[Watched]:
        """Groups of this person's teams that are looked after with more care, and until when."""
        async with self._ground.database.read() as conn:
            rights = await self._ground.rights(conn, who)
            teams = sorted(rights.care_teams | rights.conduct_teams)
            return await store.watched(conn, teams, now=self._ground.clock.now())

    async def of_case(self, who: Who, id: CaseId) -> Memorial | None:
        """Whether the case's person has died, and whether it was announced. Raises NotFound."""
        async with self._ground.database.read() as conn:
            seen, _rights = await self._ground.visible(conn, who, id)
            return None if seen.member_id is None else await store.of(conn, seen.member_id)

    async def told(self, member: MemberId) -> list[Announcement]:
        """What this member was told, newest first."""
        async with self._ground.database.read() as conn:
            return await store.announced_to(conn, member)

    async def _announce(self, who: Who, id: CaseId, words: Words) -> tuple[int, Any]:
        if not 1 <= len(words.text.strip()) <= TEXT_CHARS_MAX or "\0" in words.text:
            raise Invalid(f"Please write 1 to {TEXT_CHARS_MAX} characters.", code="bad_text")
        judged = self._keeper.judge(words)
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            seen, rights = await self._ground.visible(tx, who, id)
            if seen.team_id not in rights.lead_teams:
                raise Forbidden("Leads write this.", code="not_lead")
            _check(judged)
            if seen.member_id is not None:  # a cry in the lead's own words, and this case
                await order.subjects(tx, (who.member_id, seen.member_id))
            kept = await self._keeper.keep(tx, judged, author=who.member_id, group=None)
            row = await cases_store.lock(tx, id)
            assert row is not None, "it was visible"
            memorial = None if row.member_id is None else await store.lock(tx, row.member_id)
            if memorial is None:
                raise Conflict("Two people must confirm first that this person has died.", code="no_memorial")
            if memorial.announced_at is not None:
                raise Conflict("This was announced already. Once is enough.", code="announced")
            await store.announce(tx, memorial.member_id, who.member_id, kept.message_id, now=now)
            told = await store.around(tx, memorial.member_id, row.team_id)
            for member in told:
                await people.add_notice(
                    tx, member, id=NoticeId(new_id()), kind="memorial", message_id=kept.message_id,
                    parameters={}, now=now,
                )  # fmt: skip
            await act(tx, row, Signed(who.member_id, "memorial", "announced"), by=who.member_id, now=now)
            said = chain.entry("memorial.announced", who.member_id, row.id, told=len(told))
            await audit.append(tx, [said], now=now)
        for member in told:
            self._ground.bus.ring("member", member)
        self._ground.bus.ring("desk", id)
        return len(told), kept.support


def _check(judged: StandAlone) -> None:
    """How it happened is never told: others read it who are near it themselves."""
    decision = judged.decision
    tells = any(f.span is not None and f.rule.startswith(METHOD_RULES) for f in decision.findings)
    if tells or decision.shown != decision.body or decision.outcome >= Outcome.hold:
        raise Invalid("Please leave out how and where it happened: others read this who are near it themselves.",
                      code="tells_how")  # fmt: skip
