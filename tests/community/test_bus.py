"""Both buses keep one contract: whatever is promised in community/bus.py holds in-process and over Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from community.bus import TOPICS, WHISPER_KINDS, Bus, LocalBus, Topic, Whisper
from community.ids import ConversationId, MemberId, new_id
from community.redis_bus import RedisBus


@dataclass
class Ear:
    """Remembers what it heard."""

    rings: list[tuple[Topic, UUID]] = field(default_factory=list)
    whispers: list[Whisper] = field(default_factory=list)
    gaps: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _soon: set[asyncio.Task[None]] = field(default_factory=set)

    def on_ring(self, topic: Topic, id: UUID) -> None:
        self.rings.append((topic, id))
        self._tell()

    def on_whisper(self, whisper: Whisper) -> None:
        self.whispers.append(whisper)
        self._tell()

    def on_gap(self) -> None:
        self.gaps += 1
        self._tell()

    def _tell(self) -> None:
        task = asyncio.create_task(self._notify())
        self._soon.add(task)
        task.add_done_callback(self._soon.discard)

    async def _notify(self) -> None:
        async with self.news:
            self.news.notify_all()

    async def until(self, holds: Callable[[], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds), self.news:
            await self.news.wait_for(holds)


def listening(bus: Bus) -> Ear:
    ear = Ear()
    bus.listen(ear.on_ring, ear.on_whisper, ear.on_gap)
    return ear


@pytest.fixture(params=["local", "redis"])
async def buses(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bus, Bus]]:
    """Two ends of one bus: the same object in one process, two connections over Redis."""
    async with AsyncExitStack() as stack:
        if request.param == "local":
            here: Bus = LocalBus()
            there = here
        else:
            url = request.getfixturevalue("redis_server")
            here, there = RedisBus(url), RedisBus(url)
        for bus in {id(b): b for b in (here, there)}.values():
            await bus.start()
            stack.push_async_callback(bus.stop)
        yield here, there


async def test_a_ring_reaches_the_listeners_of_every_process(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    near, far = listening(here), listening(there)
    wanted = [(topic, new_id()) for topic in TOPICS]
    for topic, id in wanted:
        here.ring(topic, id)
    await near.until(lambda: near.rings == wanted)
    await far.until(lambda: far.rings == wanted)


async def test_a_ring_reaches_its_own_process_once(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    near, far = listening(here), listening(there)
    first, last = new_id(), new_id()
    here.ring("conversation", first)
    await far.until(lambda: ("conversation", first) in far.rings)
    there.ring("conversation", last)  # comes after any echo of the first
    await near.until(lambda: ("conversation", last) in near.rings)
    assert near.rings.count(("conversation", first)) == 1


async def test_a_whisper_carries_ids_and_a_number(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    far = listening(there)
    c, member = ConversationId(new_id()), MemberId(new_id())
    for kind in WHISPER_KINDS:
        here.whisper(c, kind, member, 2**40)
    await far.until(lambda: far.whispers == [Whisper(c, kind, member, 2**40) for kind in WHISPER_KINDS])


async def test_a_listener_that_fails_hurts_neither_sender_nor_others(
    buses: tuple[Bus, Bus], caplog: pytest.LogCaptureFixture
) -> None:
    here, there = buses

    def broken(*_: object) -> None:
        raise ValueError("a bug in a listener")

    here.listen(broken, broken, broken)
    there.listen(broken, broken, broken)
    near, far = listening(here), listening(there)
    here.ring("member", new_id())
    here.whisper(ConversationId(new_id()), "typing", MemberId(new_id()))
    assert len(near.rings) == 1 and len(near.whispers) == 1
    await far.until(lambda: len(far.rings) == 1 and len(far.whispers) == 1)
    here.ring("member", new_id())
    await far.until(lambda: len(far.rings) == 2)
    assert "a listener failed at a ring" in caplog.text


async def test_the_first_subscription_is_no_gap(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    far = listening(there)
    here.ring("desk", new_id())
    await far.until(lambda: len(far.rings) == 1)
    assert far.gaps == 0


async def test_many_rings_of_one_id_may_be_folded_but_never_vanish(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    far = listening(there)
    busy, last = new_id(), new_id()
    for _ in range(2000):
        here.ring("conversation", busy)
    here.ring("conversation", last)
    await far.until(lambda: ("conversation", last) in far.rings)
    assert ("conversation", busy) in far.rings


async def test_stopping_twice_is_harmless(buses: tuple[Bus, Bus]) -> None:
    here, _ = buses
    await here.stop()
    await here.stop()
    here.ring("conversation", new_id())
