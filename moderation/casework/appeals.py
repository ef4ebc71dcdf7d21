"""Disagreeing with a decision: within 28 days, answered within 7 by a different person (both can be set)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from community.bus import Bus
from community.clock import Clock
from community.database import Database
from community.errors import Conflict, Invalid, NotFound
from community.ids import MemberId, new_id
from community.judging import Words
from moderation.casework.casework import act
from moderation.casework.machine import Appealed, IllegalAct
from moderation.gate.words import Keeper, heard
from moderation.store import appeals as store
from moderation.store import cases
from moderation.store.appeals import AppealRow

TEXT_CHARS_MAX = 4_000


class Appeals:
    def __init__(self, database: Database, clock: Clock, bus: Bus, keeper: Keeper) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._keeper = keeper

    async def appeal(self, member: MemberId, decision: UUID, text: str) -> tuple[AppealRow, Any]:
        """Disagree with the decision on one's own message; the words are judged and kept like all others.
        Raises NotFound, Invalid, Conflict (no decision to disagree with, or disagreed already); a cry in them
        is heard all the same."""
        try:
            return await self._appeal(member, decision, text)
        except (NotFound, Invalid, Conflict) as why:
            raise await heard(self._database, self._keeper, Words(text, "appeal"), member, why) from None

    async def _appeal(self, member: MemberId, decision: UUID, text: str) -> tuple[AppealRow, Any]:
        if not 1 <= len(text.strip()) <= TEXT_CHARS_MAX or "\0" in text:
            raise Invalid(f"Please write 1 to {TEXT_CHARS_MAX} characters.", code="bad_text")
        judged = self._keeper.judge(Words(text, "appeal"))
        now = self._clock.now()
        async with self._database.transaction() as tx:
            found = await store.decided_case(tx, member, decision)
            if found is None:
                raise NotFound
            case_id, decided_by = found
            seen = await cases.get(tx, case_id)
            assert seen is not None, "cases are never deleted"
            # Words first: a cry in them locks the care case, which everywhere comes before a conduct case.
            kept = await self._keeper.keep(tx, judged, author=member, group=seen.group_id)
            row = await cases.lock(tx, case_id)
            assert row is not None, "cases are never deleted"
            try:
                row = await act(tx, row, Appealed(member, kept.message_id), by=member, now=now)
            except IllegalAct as illegal:
                if illegal.why == "too_late":
                    raise Conflict("The time to disagree is over.", code="too_late") from None
                raise Conflict("Somebody is looking at this already.") from None
            assert row.case.due_at is not None, "an appeal has a clock"
            appeal = AppealRow(new_id(), case_id, member, decided_by, "open", now, row.case.due_at, None)
            await store.add(tx, appeal, words=kept.message_id)
            await cases.add_message(tx, case_id, kept.message_id, now=now)
        self._bus.ring("desk", case_id)
        return appeal, kept.support

    async def of(self, member: MemberId) -> list[AppealRow]:
        async with self._database.read() as conn:
            return await store.of_member(conn, member)
