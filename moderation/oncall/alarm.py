"""The other path: when what carries pages stands still, whoever mends Kith hears of it without it.

Nothing here uses the outbox or the escalator. Each process looks by itself whether the escalator's heartbeat is
fresh; one that finds it stopped, or the database gone, sends straight to the alarm channels, which it read
while all was well. What is told to nobody because no process lives must be noticed outside: /carez is for that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from community.clock import Clock
from community.database import Database
from community.errors import Unavailable
from community.ids import PageId, new_id
from moderation.oncall.channels import SEND_SECONDS, Letter, Undelivered, Way
from moderation.oncall.escalator import BEAT
from moderation.store import canary, channels, paging
from moderation.store.channels import Channel

log = logging.getLogger("kith.alarm")

SILENT: Final = timedelta(minutes=2)
QUIET: Final = timedelta(minutes=15)
"""The same alarm isn't given again sooner, by whatever process."""
_SAY: Final = {
    "escalator": "Pages have stopped: the escalator gives no sign of life. Nobody is being paged. "
    "Look at the server and its log now; `kith check` says what is wrong.",
    "late": "A page is more than two minutes past its time although the escalator lives: somebody may not be "
    "asked. Look at the server's log now; /carez says more.",
    "database": "Pages have stopped: the database can't be reached. Nobody is being paged. "
    "Look at the server and its log now.",
    "canary": "The daily test case did not come through: paging may not work from end to end. "
    "`kith check` and /carez say more.",
    "nobody": "A page waits, and there is nobody whom it may ask: whoever could be asked is whom it is about, or gone. "
    "Somebody from outside must look. `kith check` says which back-up is missing.",
    "helplines": "Some helplines were last checked more than 180 days ago; readers are told so. Please ring or open "
    "them again and enter the day.",
}
_SUBJECT: Final = {"helplines": "Kith: helplines to check again"}
_LINK: Final = {"helplines": "/moderation/helplines"}


class DeadMan:
    def __init__(self, database: Database, clock: Clock, base: str, ways: Mapping[str, Way]) -> None:
        self._database = database
        self._clock = clock
        self._base = base.rstrip("/")
        self._ways = ways
        self._known: Sequence[Channel] = ()
        self._since = clock.now()
        self._away_since: datetime | None = None
        self._told_away: datetime | None = None

    async def run(self) -> str | None:
        """Look once; answers which alarm was given, if any."""
        now = self._clock.now()
        try:
            async with self._database.read() as conn:
                beat = await paging.last_beat(conn, BEAT)
                oldest = await paging.oldest_due(conn)
                unasked = await paging.unasked(conn)
                untold = await canary.untold(conn)
                self._known = await channels.alarms(conn)
            self._away_since = None
        except Unavailable:
            return await self._away(now)
        if now - max(beat or self._since, self._since) >= SILENT:
            return await self.give("escalator")
        if oldest is not None and now - max(oldest, self._since) >= SILENT:
            return await self.give("late")
        if unasked:
            return await self.give("nobody")
        return await self.give("canary") if untold else None

    async def give(self, kind: str) -> str | None:
        """Give an alarm unless it was given a short while ago, here or elsewhere."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            if not await paging.may_alarm(tx, kind, now=now, quiet_since=now - QUIET):
                return None
            self._known = await channels.alarms(tx)
        await self._send(kind, now)
        return kind

    async def _away(self, now: datetime) -> str | None:
        """Without the database nobody can be asked who has told already: each process tells for itself."""
        self._away_since = self._away_since or now
        quiet = self._told_away is not None and now - self._told_away < QUIET
        if now - self._away_since < SILENT or quiet:
            return None
        self._told_away = now
        await self._send("database", now)
        return "database"

    async def _send(self, kind: str, now: datetime) -> None:
        log.error("alarm", extra={"kind": kind, "count": len(self._known)})
        await asyncio.gather(*(self._one(channel, kind, now) for channel in self._known))

    async def _one(self, channel: Channel, kind: str, now: datetime) -> None:
        id = new_id()
        words = Letter(
            id,
            PageId(id),
            "fault",
            _SUBJECT.get(kind, "Kith: pages may not go out"),
            _SAY[kind],
            f"{self._base}{_LINK.get(kind, '/carez')}",
            now,
        )
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._ways[channel.kind].send(channel, words)
        except (TimeoutError, Undelivered):
            log.warning("an alarm channel failed", extra={"kind": channel.kind})
