"""How far people have read: gathered for a moment, written together, told to their other connections.

A phone scrolling through a room says "read" many times a second; only the furthest is worth a write.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from chat.listeners import Listener
from chat.protocol import HaveRead
from community.bus import Bus
from community.clock import Clock
from community.database import Database
from community.endings import end
from community.errors import Unavailable
from community.ids import ConversationId, MemberId
from community.store import marks as store

log = logging.getLogger("kith.chat")

WRITE_SECONDS: Final = 1.0
MARKS_MAX: Final = 10_000


class Marks:
    """Best effort: a mark that is lost only shows some messages as unread once more."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._furthest: dict[tuple[MemberId, ConversationId], int] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._write_forever(), name="marks-write")

    async def stop(self) -> None:
        """Stop, and write what was gathered."""
        if self._task is not None:
            await end([self._task])
            self._task = None
        await self.write()

    def have_read(self, listener: Listener, frame: HaveRead) -> None:
        """Note it if it is news. Only for what this connection follows: that is what it may read."""
        key = (listener.person.id, frame.c)
        if frame.c not in listener.following or frame.seq <= self._furthest.get(key, -1):
            return
        if key in self._furthest or len(self._furthest) < MARKS_MAX:
            self._furthest[key] = frame.seq
            self._bus.whisper(frame.c, "read", listener.person.id, frame.seq)

    async def write(self) -> None:
        """Write what was gathered; dropped when the database is away."""
        gathered, self._furthest = self._furthest, {}
        if not gathered:
            return
        try:
            async with self._database.transaction() as tx:
                await store.have_read(tx, gathered)
        except Unavailable:
            log.info("read marks were dropped, the database is away")

    async def _write_forever(self) -> None:
        while True:
            await self._clock.sleep(WRITE_SECONDS)
            try:
                await self.write()
            except Exception:  # border: one batch of marks
                log.exception("writing read marks failed")
