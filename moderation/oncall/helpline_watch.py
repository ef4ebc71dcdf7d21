"""Helplines that were checked once and not for half a year: whoever runs this place hears of each, once.

Entries that nobody ever checked are not told here: every card and `kith check` say so already. In reading hours
only: a date that turns at midnight is nothing to wake anyone for.
"""

from __future__ import annotations

from community.clock import Clock
from community.database import Database
from community.helplines import Helplines
from community.ids import NoticeId, new_id
from community.store import people
from moderation.oncall.alarm import DeadMan
from moderation.oncall.hours import Hours
from moderation.store import paging


class HelplineWatch:
    def __init__(
        self, database: Database, clock: Clock, helplines: Helplines, hours: Hours, dead_man: DeadMan
    ) -> None:
        self._database = database
        self._clock = clock
        self._helplines = helplines
        self._hours = hours
        self._dead_man = dead_man

    async def run(self) -> int:
        """Tell of entries that have become too old since the last time; how many. Each is told once for the day on
        which it was checked, by whatever process comes first."""
        now = self._clock.now()
        if self._hours.windows and not self._hours.is_open(now):
            return 0
        aged = self._helplines.aged(now.date())
        if not aged:
            return 0
        fresh = 0
        async with self._database.transaction() as tx:
            for entry in aged:
                fresh += await paging.may_alarm(tx, f"helpline {entry}", now=now, quiet_since=None)
            for operator in await paging.operators(tx) if fresh else ():
                await people.add_notice(
                    tx, operator, id=NoticeId(new_id()), kind="helplines", message_id=None,
                    parameters={"count": fresh}, now=now,
                )  # fmt: skip
        if fresh:
            await self._dead_man.give("helplines")
        return fresh
