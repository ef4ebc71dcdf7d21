"""What clocks do with cases: any number of processes may run this, and each takes only rows that no other has.

A case can't rest: acknowledged without human words it goes back to the queue, a decision becomes final after its
appeal time, and nobody who wrote back is forgotten. Who is paged again meanwhile is the page's own row
(moderation/oncall); asked for from here are a crisis without an answer from the person, and a person who wrote back
and waits.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Unavailable
from community.ids import CaseId
from moderation.casework.acts import Supported
from moderation.casework.batches import each
from moderation.casework.case import Case
from moderation.casework.casework import Casework, act
from moderation.casework.machine import Escalated, clock_act
from moderation.casework.passing_on import PassingOn
from moderation.store import cases as store
from moderation.store import pages, situations
from moderation.store.situations import Heard

log = logging.getLogger("kith.case_clocks")

BATCH_MAX = 10
"""Cases whose locks one transaction holds; people who act on them wait that long."""
LEFT_ALONE = timedelta(minutes=1)
"""How long a case that failed waits for its next try; its due time stays what its history says."""


class CaseClocks:
    def __init__(self, database: Database, clock: Clock, bus: Bus, casework: Casework) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._casework = casework
        self.passing = PassingOn(database, clock, bus, casework)
        self._failed: dict[CaseId, datetime] = {}  # when each may be tried again
        self._deaf: dict[CaseId, datetime] = {}  # the same for supporters' words

    async def run(self) -> int:
        """Do what is due now; how many cases it was. Doing it twice for one due time is impossible: the act
        moves the time in the transaction that holds the row. A case that fails hurts only itself."""
        done = 0
        while True:
            async with self._database.transaction() as tx:
                now = self._clock.now()
                self._failed = {id: again for id, again in self._failed.items() if again > now}
                due = await store.lock_due(tx, now=now, limit=BATCH_MAX, besides=list(self._failed))
                moved = [id for id in due if await self._guarded(tx, id, now)]
            for id in moved:
                self._bus.ring("desk", id)
            done += len(moved)
            if len(due) < BATCH_MAX:
                return done

    async def hear_supporters(self) -> int:
        """Ambers that a trained supporter answered in the group wait a day before somebody looks again. Each is
        heard once, over any number of processes, and one that fails hurts only itself."""
        now = self._clock.now()
        self._deaf = {id: again for id, again in self._deaf.items() if again > now}
        async with self._database.transaction() as tx:
            found = await situations.heard_ambers(tx, limit=BATCH_MAX, besides=list(self._deaf))
            done = await each(tx, found, lambda heard: self._hear(tx, heard, now), name="hear_supporters")
        self._deaf |= {heard.case: now + LEFT_ALONE for heard in found if heard not in done}
        return len(done)

    async def _hear(self, tx: Tx, heard: Heard, now: datetime) -> None:
        row = await store.lock_free(tx, heard.case)
        if row is None or row.case.state == "closed" or await situations.was_heard(tx, heard):
            return  # somebody has it in hand, or was first; a batch of cases never waits for one of them
        await act(tx, row, Supported(heard.by, heard.message), by=heard.by, now=now)

    async def _guarded(self, tx: Tx, id: CaseId, now: datetime) -> bool:
        try:
            async with tx.savepoint():
                await self._one(tx, id, now)
        except Unavailable:
            raise
        except Exception:  # border: one case; the others move on, and it isn't first again and again
            log.exception("a case's clock failed", extra={"case_id": id})
            self._failed[id] = now + LEFT_ALONE
            return False
        return True

    async def _one(self, tx: Tx, id: CaseId, now: datetime) -> None:
        row = await store.get(tx, id)
        assert row is not None, "cases are never deleted"
        what = clock_act(row.case, now)
        assert what is not None, "the row was due and is locked"
        after = await act(tx, row, what, by=None, now=now)
        # A page that runs climbs its own ladder: asked anew each time, it would never leave the first rung.
        if isinstance(what, Escalated) and _pages(row.case, what, now):
            if not await pages.runs(tx, row.id, what.reason):
                await self._casework.page(tx, after, row.case.tier, what.reason, now=now)


def _pages(case: Case, what: Escalated, now: datetime) -> bool:
    """Whether people are asked from here: the lead where a crisis doesn't answer, whoever is there where the person
    wrote back and nobody is with them. An acknowledged case's page has its own clock for words."""
    if what.reason == "no_answer":
        return True
    return what.reason == "no_words" and case.state != "acknowledged" and case.held_by(now) is None
