"""Changing what I want to see less of, and taking a break: use-cases that pages and API share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from community.bus import Bus
from community.clock import Clock
from community.database import Database
from community.ids import MemberId
from community.store import people
from community.store import wishes as store
from community.wishes import Wishes, check_break, check_warnings, check_words


class OwnWishes:
    """Each write is one transaction."""

    def __init__(self, database: Database, clock: Clock, bus: Bus) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus

    async def of(self, member: MemberId) -> Wishes:
        async with self._database.read() as conn:
            return await store.of(conn, member)

    async def mute_words(self, member: MemberId, text: str) -> Wishes:
        """These words, one a line or divided by commas, and no others. Raises Invalid."""
        words = check_words(text)
        return await self._change(member, lambda w: replace(w, words=words))

    async def set_warnings(self, member: MemberId, *, opened: Iterable[str], hidden: Iterable[str]) -> Wishes:
        """Which warnings start open and which take the message away; hidden wins over open."""
        away = check_warnings(hidden)
        open_ = tuple(name for name in check_warnings(opened) if name not in away)
        return await self._change(member, lambda w: replace(w, opened=open_, hidden=away))

    async def take_break(self, member: MemberId, until: datetime) -> Wishes:
        """Nothing is sent to me until then. Others see nothing of it. Raises Invalid."""
        end = check_break(until, self._clock.now())
        return await self._change(member, lambda w: replace(w, break_until=end))

    async def end_break(self, member: MemberId) -> Wishes:
        return await self._change(member, lambda w: replace(w, break_until=None))

    def day_ends(self, day: date, zone: ZoneInfo) -> datetime:
        """The moment at which a break "until that day" is over: that morning where the reader is."""
        return datetime.combine(day, time(0), zone)

    def days_ahead(self, days: int, zone: ZoneInfo) -> date:
        """The day so many days from now where the reader is."""
        return (self._clock.now().astimezone(zone) + timedelta(days=days)).date()

    async def _change(self, member: MemberId, step: Callable[[Wishes], Wishes]) -> Wishes:
        async with self._database.transaction() as tx:
            await people.one_at_a_time(tx, member)  # two changes at once must not undo each other
            after = step(await store.of(tx, member))
            await store.put(tx, member, after)
        self._bus.ring("member", member)
        return after
