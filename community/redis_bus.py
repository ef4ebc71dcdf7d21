"""The bus between processes: rings and whispers packed into Redis messages, ids and numbers only.

Redis is a loudspeaker here, not a memory. What it loses is repaired from Postgres, so the sender never waits
for it: records go into a bounded outbox that one task empties, many records a message. A ring also reaches
this process's own listeners at once, without the detour; our own messages coming back are dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import struct
from collections.abc import Iterator
from typing import Final
from uuid import UUID

import redis.asyncio as redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from community.bus import (
    TOPICS,
    WHISPER_KINDS,
    Listeners,
    OnGap,
    OnRing,
    OnWhisper,
    Topic,
    Whisper,
    WhisperKind,
)
from community.clock import Clock, SystemClock
from community.endings import end
from community.ids import ConversationId, MemberId

log = logging.getLogger("kith.bus")

CHANNEL: Final = "kith:bus"
COMMAND_SECONDS: Final = 1.0
PING_EVERY_SECONDS: Final = 1.0
SILENCE_SECONDS: Final = 2.5
"""A black hole raises nothing: no pong for this long and the subscription counts as lost."""
RETRY_SECONDS: Final = (0.1, 2.0)
RINGS_MAX: Final = 20_000
WHISPERS_MAX: Final = 2_000
RECORDS_A_MESSAGE: Final = 500

_AWAY: Final = (RedisError, OSError, TimeoutError)
_NODE: Final = struct.Struct("!8s")
_RING: Final = struct.Struct("!B16s")
_WHISPER: Final = struct.Struct("!B16s16sQ")
_WHISPER_BIT: Final = 0x80


class RedisBus:
    """Rings through one Redis channel. `url` may hold a password, so it is never logged."""

    def __init__(self, url: str, *, clock: Clock | None = None, channel: str = CHANNEL) -> None:
        self._clock = clock or SystemClock()
        self._channel = channel
        self._node = os.urandom(8)
        self._listeners = Listeners()
        self._redis = redis.Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=COMMAND_SECONDS,
            socket_connect_timeout=COMMAND_SECONDS,
        )
        self._rings: dict[tuple[Topic, UUID], None] = {}  # a dict keeps order and folds repeats into one
        self._whispers: list[Whisper] = []
        self._pending = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._may_have_missed = False
        self._connected = asyncio.Event()

    @property
    def is_certain(self) -> bool:
        """Never: a message may be on its way to a subscription that is already dead and not yet noticed."""
        return False

    @property
    def is_connected(self) -> bool:
        """Whether the subscription stands, as far as the watchdog knows; for health checks."""
        return self._connected.is_set()

    async def start(self) -> None:
        """Start the two tasks and give the first subscription a moment, so that early rings are heard."""
        assert not self._tasks, "a bus starts once"
        self._tasks = [
            asyncio.create_task(self._hear(), name="redis-bus-hear"),
            asyncio.create_task(self._speak(), name="redis-bus-speak"),
        ]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(COMMAND_SECONDS):
                await self._connected.wait()

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        await end(tasks)
        with contextlib.suppress(*_AWAY):
            await self._redis.aclose()

    def listen(self, on_ring: OnRing, on_whisper: OnWhisper | None, on_gap: OnGap) -> None:
        self._listeners.add(on_ring, on_whisper, on_gap)

    def ring(self, topic: Topic, id: UUID) -> None:
        self._listeners.ring(topic, id)
        if len(self._rings) < RINGS_MAX:  # beyond that the other processes' sweep finds it
            self._rings[topic, id] = None
            self._pending.set()

    def whisper(
        self, conversation_id: ConversationId, kind: WhisperKind, member_id: MemberId, number: int = 0
    ) -> None:
        whisper = Whisper(conversation_id, kind, member_id, number)
        self._listeners.whisper(whisper)
        if len(self._whispers) < WHISPERS_MAX:
            self._whispers.append(whisper)
            self._pending.set()

    # Speaking

    async def _speak(self) -> None:
        while True:
            await self._pending.wait()
            self._pending.clear()
            rings = list(self._rings)[:RECORDS_A_MESSAGE]
            whispers, self._whispers = self._whispers[:RECORDS_A_MESSAGE], self._whispers[RECORDS_A_MESSAGE:]
            for ring in rings:
                del self._rings[ring]
            try:
                await self._redis.publish(self._channel, _pack(self._node, rings, whispers))
            except _AWAY:
                # Rings wait for Redis to come back; if they are lost all the same, a sweep repairs it.
                self._rings = dict.fromkeys(rings) | self._rings
                self._whispers.clear()
                await self._clock.sleep(_jittered(RETRY_SECONDS[0] * 2))
            if self._rings or self._whispers:
                self._pending.set()

    # Hearing

    async def _hear(self) -> None:
        pause = RETRY_SECONDS[0]
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    await self._follow(subscription)
            except _AWAY as why:
                if self._connected.is_set():
                    pause = RETRY_SECONDS[0]
                    log.warning("lost the bus, trying again", extra={"why": type(why).__name__})
                self._may_have_missed = True
            self._connected.clear()
            await self._clock.sleep(_jittered(pause))
            pause = min(pause * 2, RETRY_SECONDS[1])

    async def _follow(self, subscription: PubSub) -> None:
        """Read until the line breaks or falls silent. Pings by itself: nothing else notices a black hole."""
        heard = pinged = self._clock.monotonic()
        while True:
            message = await subscription.get_message(timeout=PING_EVERY_SECONDS / 2)
            now = self._clock.monotonic()
            if message is not None:
                heard = now
                self._take(message["type"], message["data"])
            elif now - heard > SILENCE_SECONDS:
                raise TimeoutError("no answer on the subscription")
            if now - pinged >= PING_EVERY_SECONDS:
                pinged = now
                async with asyncio.timeout(COMMAND_SECONDS):
                    await subscription.ping()

    def _take(self, kind: str, data: object) -> None:
        if kind == "subscribe":
            self._connected.set()
            if self._may_have_missed:
                self._listeners.gap()
            self._may_have_missed = True
        elif kind == "message" and isinstance(data, bytes) and data[:8] != self._node:
            for record in _unpack(data):
                if isinstance(record, Whisper):
                    self._listeners.whisper(record)
                else:
                    self._listeners.ring(*record)


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(0.5, 1.5)


def _pack(node: bytes, rings: list[tuple[Topic, UUID]], whispers: list[Whisper]) -> bytes:
    parts = [_NODE.pack(node)]
    parts += [_RING.pack(TOPICS.index(topic), id.bytes) for topic, id in rings]
    parts += [
        _WHISPER.pack(
            _WHISPER_BIT | WHISPER_KINDS.index(w.kind), w.conversation_id.bytes, w.member_id.bytes, w.number
        )
        for w in whispers
    ]
    return b"".join(parts)


def _unpack(data: bytes) -> Iterator[tuple[Topic, UUID] | Whisper]:
    """The records of a message, up to the first that this version doesn't know (a newer process beside)."""
    at = _NODE.size
    while at < len(data):
        known = data[at] & ~_WHISPER_BIT
        if data[at] & _WHISPER_BIT:
            if known >= len(WHISPER_KINDS) or at + _WHISPER.size > len(data):
                return
            _, c, member, number = _WHISPER.unpack_from(data, at)
            at += _WHISPER.size
            yield Whisper(
                ConversationId(UUID(bytes=c)), WHISPER_KINDS[known], MemberId(UUID(bytes=member)), number
            )
        else:
            if known >= len(TOPICS) or at + _RING.size > len(data):
                return
            _, id = _RING.unpack_from(data, at)
            at += _RING.size
            yield TOPICS[known], UUID(bytes=id)
