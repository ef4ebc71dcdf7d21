"""What the roster does by itself: a test page at each start of a shift, gaps told as a fault, rules made shifts.

Each run is idempotent over any number of processes: a shift is marked as tested by the update that finds it, a
gap page is one a team and day by constraint.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from community.clock import Clock
from community.database import Database
from community.errors import Unavailable
from community.ids import PageId, TeamId, new_id
from moderation.oncall.roster import AHEAD
from moderation.oncall.roster_acts import Oncall
from moderation.store import paging, roster, teams

log = logging.getLogger("kith.watching")

TEST_LATE: Final = timedelta(hours=1)
"""A shift that began longer ago, while we were down, is not tested any more: crises have tested it."""
SOON: Final = timedelta(hours=24)
"""A gap so near is told once more on its day."""


class Watching:
    def __init__(self, database: Database, clock: Clock, oncall: Oncall) -> None:
        self._database = database
        self._clock = clock
        self._oncall = oncall

    async def test_shifts(self) -> int:
        """A test page for every primary whose shift has begun; answers how many."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            begun = await roster.untested(tx, now=now, since=now - TEST_LATE)
            for shift, team in begun:
                id = PageId(new_id())
                await paging.add(tx, id=id, kind="test", team=team, about=str(shift), shift=shift, now=now)
        return len(begun)

    async def tell_gaps(self) -> int:
        """Page the leads about hours without anybody, once a day and team while there are any; answers how many
        teams. A team that never kept a roster is told by `kith check`, not at night."""
        now, told = self._clock.now(), 0
        async with self._database.read() as conn:
            known = await teams.all_teams(conn)
        for team in known:
            try:
                told += await self._tell_gap(team, now)
            except Unavailable:
                raise
            except Exception:  # border: one team; the others are told
                log.exception("a team's gaps couldn't be looked at")
        return told

    async def _tell_gap(self, team: TeamId, now: datetime) -> bool:
        async with self._database.transaction() as tx:
            if not await roster.has_any(tx, team):
                return False
            found = await self._oncall.gaps(tx, team, start=now, end=now + AHEAD)
            if not found:
                return False
            about = f"{now.date()} {'soon' if found[0][0] < now + SOON else 'ahead'}"
            id = PageId(new_id())
            return await paging.add(tx, id=id, kind="gap", team=team, about=about, shift=None, now=now)

    async def expand(self) -> None:
        """Rules become shifts four weeks ahead."""
        await self._oncall.expand_all()
