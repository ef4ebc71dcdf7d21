"""Jobs: what must happen later without anybody asking. Every deadline is a row; any number of processes may
run these, and each takes only rows that no other has locked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from chat.coming import Reminders
from community.endings import end
from community.errors import Unavailable
from community.store import export, idempotency, retention
from moderation.store import sealing
from server.notice_parts import notice_jobs, notice_parts
from server.oncall_parts import oncall_jobs

if TYPE_CHECKING:
    from server.assembly import House

log = logging.getLogger("kith.jobs")

WITHDRAWN_KEPT = timedelta(days=30)
"""How long the team keeps a sealed copy of what its author took back (our own value)."""


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


class Jobs:
    """One task a job. A job that fails is logged and tried again at its next turn."""

    def __init__(self, house: House, more: Sequence[Job] = ()) -> None:
        self._house = house
        self._jobs = [
            Job("forget_answers", timedelta(minutes=10), self.forget_answers),
            Job("drop_sealed", timedelta(hours=1), self.drop_sealed),
            Job("drop_withdrawn", timedelta(hours=1), self.drop_withdrawn),
            Job("case_clocks", timedelta(seconds=5), self.case_clocks),
            Job("follow_ups", timedelta(minutes=1), self.follow_ups),
            Job("watch", timedelta(minutes=1), self.watch),
            Job("meeting_reminders", timedelta(seconds=30), self.meeting_reminders),
            Job("pairings", timedelta(seconds=15), self.pairings),
            Job("audit", timedelta(seconds=10), self.audit),
            *oncall_jobs(house.oncall),
            *notice_jobs(notice_parts(house)),
            *more,
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._repeat(job), name=f"job {job.name}") for job in self._jobs]

    async def stop(self) -> None:
        await end(self._tasks)

    async def forget_answers(self) -> None:
        """Answers kept for Idempotency-Key live for a day."""
        async with self._house.database.transaction() as tx:
            await idempotency.purge(tx, before=self._house.clock.now() - timedelta(hours=24))

    async def drop_sealed(self) -> None:
        """An erased member's words in a case go once it is closed and its appeal time over."""
        async with self._house.database.transaction() as tx:
            appeals_end = self._house.clock.now() - self._house.oncall.oncall.settings.times.appeal_window
            ids = await sealing.unsealed(tx, closed_before=appeals_end)
            await export.drop_sealed(tx, ids)

    async def drop_withdrawn(self) -> None:
        """The team's copy of withdrawn words ends, unless a case still needs it."""
        before = self._house.clock.now() - WITHDRAWN_KEPT
        async with self._house.database.transaction() as tx:
            ids = await sealing.withdrawn_without_case(tx, before=before)
            await retention.empty(tx, ids)

    async def case_clocks(self) -> None:
        """Cases whose clock ran out go back to people, as do those whose holder may not have them any more;
        decisions become final."""
        await self._house.case_clocks.passing.run()
        await self._house.case_clocks.hear_supporters()
        await self._house.case_clocks.run()

    async def follow_ups(self) -> None:
        """People who agreed to be asked again are, in their daytime."""
        await self._house.follow_up_job.run()

    async def meeting_reminders(self) -> None:
        """Whoever said that they come to a meeting is told before it begins."""
        await Reminders(self._house.database, self._house.clock, self._house.bus).run()

    async def audit(self) -> None:
        """What was done to cases is chained into the audit log."""
        await self._house.audit_job.run()

    async def pairings(self) -> None:
        """Asks that nobody answered rest; what somebody left is over; who has something to read is told."""
        await self._house.pairings.sweeping.run()

    async def watch(self) -> None:
        """Members hear later what of theirs was opened; leads hear of several people in danger in one group."""
        await self._house.watch_job.run()

    async def _repeat(self, job: Job) -> None:
        while True:
            try:
                await job.run()
            except Unavailable:
                log.warning("job waits for the database", extra={"job": job.name})
            except Exception:  # border: a job; the next turn tries again
                log.exception("job failed", extra={"job": job.name})
            await self._house.clock.sleep(job.every.total_seconds())
