"""Faults made on purpose, and people who talk through them: the material of test_delivery.py."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from websockets.exceptions import WebSocketException

from community.bus import Bus, OnGap, OnRing, OnWhisper, Topic, WhisperKind
from community.ids import ConversationId, MemberId
from tests.chat.world import Client, Node, Someone, client

HELD = "kill yourself, nobody would miss you"


class LeakyBus:
    """A bus that loses some rings, doubles some and lets some come late, whatever carries them."""

    is_certain = False

    def __init__(self, inner: Bus, chance: random.Random) -> None:
        self.inner = inner
        self.lost = 0
        self._chance = chance

    async def start(self) -> None:
        await self.inner.start()

    async def stop(self) -> None:
        await self.inner.stop()

    def ring(self, topic: Topic, id: UUID) -> None:
        self.inner.ring(topic, id)

    def whisper(self, c: ConversationId, kind: WhisperKind, member: MemberId, number: int = 0) -> None:
        self.inner.whisper(c, kind, member, number)

    def listen(self, on_ring: OnRing, on_whisper: OnWhisper | None, on_gap: OnGap) -> None:
        def leaky(topic: Topic, id: UUID) -> None:
            dice = self._chance.random()
            if dice < 0.4:
                self.lost += 1
            elif dice < 0.5:
                asyncio.get_running_loop().call_later(0.05, on_ring, topic, id)
            else:
                for _ in range(1 + (dice > 0.9)):
                    on_ring(topic, id)

        self.inner.listen(leaky, on_whisper, on_gap)


@dataclass
class Peer:
    """Someone who follows a room through every fault: comes back with `after`, resends with the same nonce."""

    who: Someone
    nodes: Sequence[Node]
    room: ConversationId
    chance: random.Random
    to_say: list[tuple[str, str]] = field(default_factory=list)  # nonce, body
    acks: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    resent: int = 0
    online: Client | None = None
    goal: int | None = None  # the head to read up to, once everyone has said everything

    @property
    def last(self) -> int:
        return self.log[-1]["seq"] if self.log else 0

    async def run(self) -> None:
        """Until everything is said and acknowledged and `goal` is read."""
        while not self._is_done():
            try:
                async with client(self.chance.choice(self.nodes), self.who, open_timeout=5) as online:
                    self.online, taken = online, 0
                    self.connections += 1
                    await online.send("join", c=self.room, after=self.last)
                    while online.closed is None and not self._is_done():
                        taken = self._take(online, taken)
                        await self._say_next(online)
                    self.online = None
                self._take(online, taken)
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(0.02)

    def _is_done(self) -> bool:
        return not self.to_say and self.goal is not None and self.last >= self.goal

    def _take(self, online: Client, taken: int) -> int:
        """What was heard, checked as it comes: contiguous, and nothing twice on any one connection."""
        for frame in online.frames[taken:]:
            self.frames.append(frame)
            if frame["t"] == "event":
                assert frame["seq"] == self.last + 1, f"{frame['seq']} came after {self.last}"
                self.log.append(frame)
            assert frame["t"] not in ("resync", "skip", "left", "error"), frame
        return len(online.frames)

    async def _say_next(self, online: Client) -> None:
        if not self.to_say:
            await _news(online, lambda: False, 0.05)
            return
        nonce, body = self.to_say[0]
        await online.send("send", c=self.room, nonce=nonce, body=body)
        answered = lambda: _answer(online, nonce)  # noqa: E731
        await _news(online, lambda: answered() is not None, 4)
        answer = answered()
        if answer is None:
            self.resent += 1
            if online.closed is None:
                online.ws.transport.abort()  # no answer in time: a client tries another line
                await _news(online, lambda: online.closed is not None, 4)
        elif answer["t"] == "ack":
            self.acks[nonce] = answer
            self.to_say.pop(0)
        else:
            assert answer["code"] in ("unavailable", "too_fast"), answer
            answer["nonce"] = "answered"  # so that the next answer to it is found
            self.resent += 1
            await asyncio.sleep(0.05)


def _answer(online: Client, nonce: str) -> dict[str, Any] | None:
    return next((f for f in online.of("ack", "nack") if f.get("nonce") == nonce), None)


async def _news(online: Client, holds: Callable[[], bool], seconds: float) -> None:
    """Wait for something to hold, the end of the connection, or some time."""
    try:
        async with asyncio.timeout(seconds):
            while online.closed is None and not holds():
                online._news.clear()
                await online._news.wait()
    except TimeoutError:
        pass


async def cut_lines(peers: Sequence[Peer], chance: random.Random) -> None:
    """Reset somebody's connection now and then, in the middle of whatever it was doing."""
    while True:
        await asyncio.sleep(chance.uniform(0.01, 0.1))
        online = [peer.online for peer in peers if peer.online is not None]
        if online:
            chance.choice(online).ws.transport.abort()


async def cut_database(admin: Any, name: str, chance: random.Random) -> None:
    """Kill one of the database's backends now and then, in the middle of whatever it was doing."""
    while True:
        await asyncio.sleep(chance.uniform(0.1, 0.4))
        await admin.execute(
            """
            select pg_terminate_backend(pid)
            from (select pid from pg_stat_activity where datname = $1 order by random() limit 1) victim
            """,
            name,
        )
