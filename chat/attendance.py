"""Rooms that are open while a trained facilitator is in them: who is there is said again and again, and when
nobody was heard of for a while the room turns read-only, kindly; it opens by itself when one comes.

Being there means having the room open, seen by others or not: a facilitator who isn't shown still looks after
it. Each process says which facilitators are connected to it, as rows; whichever process looks first opens or
closes, so no process need know of another. A cry for help is heard in a closed room too: the gate judges first.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from chat.hub import Hub
from chat.store import attendance as store
from community.bus import Bus
from community.clock import Clock
from community.database import Database
from community.endings import end
from community.errors import Unavailable
from community.ids import ConversationId, MemberId
from community.store import conversations, events
from community.store.events import NewEvent

log = logging.getLogger("kith.chat")

LOOK_SECONDS: Final = 5.0
GRACE: Final = timedelta(seconds=60)
"""A broken line or a reload doesn't close a room; our own value."""


class Attendance:
    """One task: says who is here, opens, closes."""

    def __init__(self, database: Database, hub: Hub, clock: Clock, bus: Bus) -> None:
        self._database = database
        self._hub = hub
        self._clock = clock
        self._bus = bus
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._look_forever(), name="attendance")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await end([task])

    async def look(self) -> None:
        """Say who is here, then open or close what is due. Harmless to do at any time, in any process."""
        now = self._clock.now()
        async with self._database.read() as conn:
            rooms = await store.facilitated(conn)
        if not rooms:
            return
        here = {(member, c) for c in rooms for member in self._members_in(c)}
        async with self._database.transaction() as tx:
            await store.note(tx, here, now=now)
            due = await store.due(tx, since=now - GRACE)
        for id in due:
            await self._turn(id)

    async def _turn(self, id: ConversationId) -> None:
        """Open or close one room under its lock, with an event that says so to everyone there."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            heads = await conversations.lock(tx, [id])
            opens = (await store.due(tx, since=now - GRACE)).get(id)
            if opens is None or id not in heads:
                return  # another process was quicker
            seq = heads[id] + 1
            await conversations.set_state(tx, id, "open" if opens else "read_only")
            notice = "facilitator_here" if opens else "facilitator_gone"
            await events.append(tx, [NewEvent(id, seq, "notice", notice=notice)], now=now)
            await conversations.set_heads(tx, {id: seq})
        self._bus.ring("conversation", id)

    def _members_in(self, c: ConversationId) -> set[MemberId]:
        return {listener.person.id for listener in self._hub.followers(c)}

    async def _look_forever(self) -> None:
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Unavailable:
                continue
            except Exception:  # border: one look; the next one comes
                log.exception("looking who facilitates failed")
