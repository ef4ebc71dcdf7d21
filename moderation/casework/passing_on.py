"""Cases whose holder may not have them any more are passed on: a tie was declared or a pairing begun, words accuse the
holder, their seat or their account has gone, or the person is one of the team now.

Whatever brought it about, nothing else has to think of it: this looks at the rows, any number of processes may run
it, and who is at risk is asked for again at once, with the clock that an open case has.
"""

from __future__ import annotations

import logging
from datetime import datetime

from community.again import until_done
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Unavailable
from community.ids import CaseId
from moderation.casework.casework import Casework, act
from moderation.casework.machine import Released
from moderation.store import cases as store
from moderation.store import holders, letters
from moderation.store.cases import CaseRow

log = logging.getLogger("kith.passing_on")

AT_ONCE = 100


class PassingOn:
    def __init__(self, database: Database, clock: Clock, bus: Bus, casework: Casework) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._casework = casework

    async def run(self) -> int:
        """Pass on what is in such hands now; how many it was. One that fails hurts only itself."""
        async with self._database.read() as conn:
            found = await holders.unfit(conn, limit=AT_ONCE)
        return sum([await self._guarded(id) for id in found])

    async def _guarded(self, id: CaseId) -> bool:
        try:
            passed = await until_done(lambda: self._one(id))
        except Unavailable:
            raise
        except Exception:  # border: one case; the others are passed on, and this one is tried each turn
            log.exception("a case couldn't be passed on", extra={"case_id": id})
            return False
        if passed:
            self._bus.ring("desk", id)
        return passed

    async def _one(self, id: CaseId) -> bool:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            row = await store.lock_free(tx, id)
            if row is None or not await holders.is_unfit(tx, id):
                return False  # somebody has it in hand, or was first
            await self._pass(tx, row, now)
        return True

    async def _pass(self, tx: Tx, row: CaseRow, now: datetime) -> None:
        assert row.case.owner is not None, "somebody has it in hand"
        waits = row.case.state == "acknowledged" or row.case.held_by(now) is not None
        after = await act(tx, row, Released(row.case.owner, passed=True), by=None, now=now)
        if row.member_id is not None:
            await letters.step_out(tx, row.case.owner, team=row.team_id, member=row.member_id, now=now)
        if (
            row.case.lane == "care" and waits
        ):  # else they were spoken to, and the clock says when somebody looks
            await self._casework.page(tx, after, after.case.tier, "passed", now=now)
