"""The only module that reads time: everything else is handed a Clock.

A deadline that can be moved by hand can be tested; a sleep in a test proves nothing. So jobs and sockets
wait on a Clock too, and a test walks a ManualClock past the moment instead of waiting for it.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits for it."""

    def now(self) -> datetime:
        """The wall clock, always aware and in UTC. May jump; for what is stored or shown."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never backwards. For how long something took."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` on this clock; at once when zero or less."""

    async def until(self, moment: datetime) -> None:
        """Return when `now()` has reached `moment`; at once when it has passed."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    async def until(self, moment: datetime) -> None:
        # In steps, because the wall clock may be set while we wait.
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - nothing signals time
            await asyncio.sleep(min(left, 30.0))


class ManualClock:
    """A clock that moves only when told to. Sleepers wake in the order of their moments.

    `advance` only marks sleepers as due; they run when the caller next awaits something. To be sure that
    somebody is asleep before the clock moves, await `sleepers(n)`.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        if self._now.tzinfo is None:
            raise ValueError("a clock starts at an aware datetime")
        self._now = self._now.astimezone(UTC)
        self._elapsed = timedelta()
        self._order = count()
        self._asleep: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._arrival = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed.total_seconds()

    def advance(self, by: timedelta | float) -> None:
        """Move forward by a timedelta or by seconds and wake everyone whose moment has come."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta():
            raise ValueError("a clock never runs backwards")
        self._now += step
        self._elapsed += step
        while self._asleep and self._asleep[0][0] <= self._now:
            _, _, sleeper = heapq.heappop(self._asleep)
            if not sleeper.done():
                sleeper.set_result(None)

    async def sleep(self, seconds: float) -> None:
        await self.until(self._now + timedelta(seconds=seconds))

    async def until(self, moment: datetime) -> None:
        if moment <= self._now:
            await asyncio.sleep(0)  # still a point where others may run, like a real sleep
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._asleep, (moment, next(self._order), sleeper))
        self._arrival.set()
        await sleeper

    async def sleepers(self, at_least: int = 1) -> None:
        """Wait until at least so many are asleep on this clock."""
        while sum(not sleeper.done() for _, _, sleeper in self._asleep) < at_least:
            self._arrival.clear()
            await self._arrival.wait()
