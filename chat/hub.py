"""Ring and read: follows the logs of all conversations that someone here listens to, and tells them.

A ring only says that a conversation is due. What is due is read together in one query, each event is encoded
once for each kind of reader and written to many. A channel's position is the only state: whatever was lost
on the way (rings, the bus, the database for a while), reading on from the position repairs it, and a sweep
does so every few seconds unasked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID

from chat.frames import encode
from chat.listeners import Crowd, Listener, Person
from chat.reading import Reader
from community.bus import Topic
from community.clock import Clock
from community.endings import end
from community.errors import Unavailable
from community.ids import ConversationId
from community.log import LoggedEvent
from community.web.frames import event_frame, is_hidden, skip_frame

log = logging.getLogger("kith.chat")

PAGE: Final = 100
SWEEP_SECONDS: Final = 2.0
AGE_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 0.3
HEADS_AT_ONCE: Final = 2_000


class Encoded:
    """One event as bytes, at most once for each kind of reader."""

    __slots__ = ("_own", "_skip", "event", "public")

    def __init__(self, event: LoggedEvent) -> None:
        self.event = event
        self.public = encode(event_frame(event))
        self._own: bytes | None = None
        self._skip: bytes | None = None

    def for_person(self, person: Person) -> bytes:
        event = self.event
        if person.blocks.blocked and is_hidden(event, person.blocks.blocked):
            if self._skip is None:
                self._skip = encode(skip_frame(event))
            return self._skip
        if event.own_body is not None and event.author_id == person.id:
            if self._own is None:
                self._own = encode(event_frame(event, own=True))
            return self._own
        return self.public


class Channel:
    """A conversation that someone here follows. `position`: every follower has been told up to there,
    except those in `ahead`, who were told further while they caught up."""

    __slots__ = ("ahead", "followers", "position")

    def __init__(self, position: int) -> None:
        self.position = position
        self.followers: set[Listener] = set()
        self.ahead: dict[Listener, int] = {}


@dataclass(slots=True)
class Figures:
    """Counted since the start; for metrics and benchmarks."""

    reads: int = 0
    events: int = 0
    deliveries: int = 0
    repaired: int = 0  # conversations that a sweep found behind


class Hub:
    """The channels of this process and the tasks that keep them moving."""

    def __init__(self, reader: Reader, clock: Clock, crowd: Crowd) -> None:
        self._reader = reader
        self._clock = clock
        self._crowd = crowd
        self._channels: dict[ConversationId, Channel] = {}
        self._due: set[ConversationId] = set()
        self._is_due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.figures = Figures()

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._deliver_forever(), name="hub-deliver"),
            asyncio.create_task(self._sweep_forever(), name="hub-sweep"),
            asyncio.create_task(self._age_forever(), name="hub-age"),
        ]

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        await end(tasks)

    # What the bus says

    def on_ring(self, topic: Topic, id: UUID) -> None:
        if topic == "conversation" and id in self._channels:
            self._mark_due(ConversationId(id))

    def on_gap(self) -> None:
        """Rings may have been lost: read everything on from its position."""
        self._due.update(self._channels)
        self._is_due.set()

    # Who follows what

    def position(self, c: ConversationId) -> int | None:
        """How far this process has told its followers of `c`; None when nobody follows."""
        channel = self._channels.get(c)
        return None if channel is None else channel.position

    def followed(self) -> list[ConversationId]:
        """Every conversation that someone here follows."""
        return list(self._channels)

    def followers(self, c: ConversationId) -> list[Listener]:
        channel = self._channels.get(c)
        return [] if channel is None else list(channel.followers)

    def follow(self, listener: Listener, c: ConversationId, position: int) -> None:
        """From now on tell `listener` every event after `position`, which is not behind the channel's."""
        channel = self._channels.get(c)
        if channel is None:
            channel = self._channels[c] = Channel(position)
            self._mark_due(c)  # events since that position were read rang when nobody here followed
        assert position >= channel.position, "a follower can't be behind its channel"
        channel.followers.add(listener)
        listener.following.add(c)
        if position > channel.position:
            channel.ahead[listener] = position
            self._mark_due(c)

    def unfollow(self, listener: Listener, c: ConversationId) -> None:
        listener.following.discard(c)
        channel = self._channels.get(c)
        if channel is not None:
            channel.followers.discard(listener)
            channel.ahead.pop(listener, None)
            if not channel.followers:
                del self._channels[c]

    # Delivery

    def _mark_due(self, c: ConversationId) -> None:
        self._due.add(c)
        self._is_due.set()

    async def _deliver_forever(self) -> None:
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            try:
                await self._deliver_due()
            except Unavailable:
                self._is_due.set()
                await self._clock.sleep(RETRY_SECONDS)
            except Exception:  # border: one round of delivery; positions haven't moved, so nothing is lost
                log.exception("a round of delivery failed")
                await self._clock.sleep(RETRY_SECONDS)

    async def _deliver_due(self) -> None:
        due, self._due = self._due, set()
        positions = {c: self._channels[c].position for c in due if c in self._channels}
        if not positions:
            return
        try:
            events = await self._reader.read_after(positions, PAGE)
        except BaseException:
            self._due |= due
            raise
        self.figures.reads += 1
        for c, group in groupby(events, key=lambda event: event.c):
            news = list(group)
            self._tell(c, news)
            if len(news) >= PAGE:
                self._mark_due(c)

    def _tell(self, c: ConversationId, events: Sequence[LoggedEvent]) -> None:
        channel = self._channels.get(c)
        if channel is None:
            return
        news = [event for event in events if event.seq > channel.position]
        if not news:
            return
        if news[0].seq != channel.position + 1:  # the channel was opened anew, further back, while we read
            self._mark_due(c)
            return
        self._write(channel, [Encoded(event) for event in news])
        channel.position = news[-1].seq
        if channel.ahead:
            channel.ahead = {who: at for who, at in channel.ahead.items() if at > channel.position}

    def _write(self, channel: Channel, news: Sequence[Encoded]) -> None:
        """The loop that everything else serves: nothing in it waits, and it allocates nothing a listener."""
        public, n = b"".join([one.public for one in news]), len(news)
        authors = {one.event.author_id for one in news if one.event.own_body is not None}
        ahead = channel.ahead
        for listener in channel.followers:
            person = listener.person
            if ahead and listener in ahead:
                self._write_some(listener, [one for one in news if one.event.seq > ahead[listener]])
            elif person.blocks.blocked or person.id in authors:
                self._write_some(listener, news)
            else:
                listener.outlet.put(public, n)
        self.figures.events += n
        self.figures.deliveries += n * len(channel.followers)

    def _write_some(self, listener: Listener, news: Sequence[Encoded]) -> None:
        if news:
            listener.outlet.put(personal(news, listener.person), len(news))

    # Repair

    async def _sweep_forever(self) -> None:
        while True:
            await self._clock.sleep(SWEEP_SECONDS)
            try:
                await self.sweep()
            except Unavailable:
                continue
            except Exception:  # border: one sweep; the next one looks at the same things again
                log.exception("a sweep failed")

    async def _age_forever(self) -> None:
        """Give up on readers whose oldest frame has waited too long; a silent room wouldn't notice them."""
        while True:
            await self._clock.sleep(AGE_SECONDS)
            now = self._clock.monotonic()
            for listener in self._crowd.listeners():
                listener.outlet.check_age(now)

    async def sweep(self) -> None:
        """Find conversations whose ring was lost."""
        ids = list(self._channels)
        for start in range(0, len(ids), HEADS_AT_ONCE):
            heads = await self._reader.heads(ids[start : start + HEADS_AT_ONCE])
            for c, head in heads.items():
                channel = self._channels.get(c)
                if channel is not None and head > channel.position and c not in self._due:
                    self.figures.repaired += 1
                    self._mark_due(c)


def personal(news: Iterable[Encoded], person: Person) -> bytes:
    """These events as this person may see them, as one run of frames."""
    return b"".join([one.for_person(person) for one in news])
