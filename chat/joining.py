"""Joining a conversation: may this person read it, what did they miss, and from where do they follow.

What was missed goes out before `joined`, in order, page by page as fast as the client takes it and outside
the outlet's limits: coming back after a bad line must not look like reading too slowly.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from chat.frames import encode
from chat.hub import PAGE, Encoded, Hub, personal
from chat.listeners import Listener, Ticket
from chat.presence import Presence
from chat.protocol import Join, Joined, Left, Nack, Resync, echo
from chat.reading import Reader
from community.endings import end
from community.errors import NotFound, Refusal, Unavailable
from community.ids import ConversationId
from community.web.words import _, speaking

log = logging.getLogger("kith.chat")

REPLAY_EVENTS_MAX: Final = 500
FOLLOWING_MAX: Final = 1_000
PATIENCE_SECONDS: Final = 30.0
READS_AT_ONCE: Final = 6
RETRY_SECONDS: Final = 0.5
SLOW: Final = 4008


class Joining:
    """Brings listeners to the point where the hub takes over."""

    def __init__(self, hub: Hub, reader: Reader, presence: Presence) -> None:
        self._hub = hub
        self._reader = reader
        self._presence = presence
        self._epoch: str | None = None
        self._reading = asyncio.Semaphore(READS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        tasks = list(self._tasks)
        await end(tasks)

    async def join(self, listener: Listener, ask: Join) -> None:
        """Follow `ask.c`. Returns when the start is fixed; a longer catch-up goes on by itself.

        Joining again replaces what was before. Raises Refusal: NotFound for what may not be read.
        """
        c = ask.c
        self.leave(listener, c)
        if len(listener.following) + len(listener.joins) >= FOLLOWING_MAX:
            raise Refusal("That is more conversations than one connection can follow.", code="too_many")
        ticket = listener.joins[c] = Ticket()  # from here on a change of standing finds this join
        try:
            head, epoch = await self._head(listener, c), await self._current_epoch()
        except BaseException:
            self._forget(listener, c, ticket)
            raise
        if ticket.is_void:
            return
        position = ask.after
        if position is None:
            position = head
        elif position > head or head - position > REPLAY_EVENTS_MAX or ask.epoch not in (None, epoch):
            listener.outlet.put(encode(Resync(c, head)))
            position = head
        if not self._settle(listener, ask, ticket, position, head):
            task = asyncio.create_task(self._catch_up(listener, ask, ticket, position, head))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def leave(self, listener: Listener, c: ConversationId) -> None:
        """Stop following, or joining."""
        ticket = listener.joins.pop(c, None)
        if ticket is not None:
            ticket.is_void = True
        if c in listener.following:
            self._hub.unfollow(listener, c)
            self._presence.went(listener, c)

    def put_out(self, listener: Listener, c: ConversationId) -> None:
        """This person may not read `c` any more: nothing further reaches them, and they are told."""
        self.leave(listener, c)
        with speaking(listener.person.language):  # somebody else's act may have brought us here
            say = _("This conversation isn't open to you any more.")
        listener.outlet.put(encode(Left(c, "not_allowed", say)))

    def leave_all(self, listener: Listener) -> None:
        """The connection has gone."""
        for c in listener.wanted():
            self.leave(listener, c)

    async def _head(self, listener: Listener, c: ConversationId) -> int:
        pair = (listener.person.id, c)
        heads = await self._reader.readable([pair])
        if pair not in heads:
            raise NotFound
        return heads[pair]

    async def _current_epoch(self) -> str:
        """Read once: history is only ever restored while no server runs."""
        if self._epoch is None:
            self._epoch = await self._reader.epoch()
        return self._epoch

    def _settle(self, listener: Listener, ask: Join, ticket: Ticket, position: int, head: int) -> bool:
        """Hand over to the hub if `position` has arrived: at the head that was, and at the channel's."""
        told = self._hub.position(ask.c)
        if position < head or (told is not None and position < told):
            return False
        self._forget(listener, ask.c, ticket)
        assert self._epoch is not None, "join reads the epoch first"
        listener.outlet.put(encode(Joined(ask.c, position, self._epoch, echo(ask.nonce))))
        self._hub.follow(listener, ask.c, position)
        self._presence.came(listener, ask.c)
        return True

    async def _catch_up(
        self, listener: Listener, ask: Join, ticket: Ticket, position: int, head: int
    ) -> None:
        try:
            while not ticket.is_void and not self._settle(listener, ask, ticket, position, head):
                position = await self._page(listener, ask.c, ticket, position)
        except Unavailable as why:
            self._give_up(listener, ask, ticket, why)
        except TimeoutError:
            listener.outlet.close(SLOW, "You were reading too slowly; come back with `after`.")
        except Exception:  # border: one catch-up
            log.exception("a catch-up failed")
            self._give_up(listener, ask, ticket, Unavailable())

    async def _page(self, listener: Listener, c: ConversationId, ticket: Ticket, position: int) -> int:
        """Read and send what comes next; answers how far that got."""
        async with self._reading:
            events = await self._reader.read_after({c: position}, PAGE)
        await self._flowing(listener)
        if ticket.is_void or not events:
            return position
        listener.outlet.put(personal([Encoded(event) for event in events], listener.person), len(events))
        return events[-1].seq

    async def _flowing(self, listener: Listener) -> None:
        """Wait for this one client, for a while. Only its own catch-up waits here, never a room."""
        flows: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        listener.outlet.when_flowing(lambda: None if flows.done() else flows.set_result(None))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await flows

    def _give_up(self, listener: Listener, ask: Join, ticket: Ticket, why: Refusal) -> None:
        self._forget(listener, ask.c, ticket)
        if not ticket.is_void:
            listener.outlet.put(
                encode(Nack(why.code, _(why.say), echo(ask.nonce), str(ask.c), retry_after=RETRY_SECONDS))
            )

    def _forget(self, listener: Listener, c: ConversationId, ticket: Ticket) -> None:
        if listener.joins.get(c) is ticket:
            del listener.joins[c]
