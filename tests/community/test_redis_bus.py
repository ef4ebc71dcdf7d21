"""What only Redis can do to us: go away, fall silent, come back. Senders never notice, listeners catch up."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from community.ids import ConversationId, MemberId, new_id
from community.redis_bus import CHANNEL, RedisBus, _unpack
from tests.community.test_bus import Ear, listening
from tests.line import Line, line


@pytest.fixture
def server(redis_server: str) -> tuple[str, int]:
    address = urlsplit(redis_server)
    assert address.hostname and address.port
    return address.hostname, address.port


@asynccontextmanager
async def started(port: int) -> AsyncIterator[RedisBus]:
    bus = RedisBus(f"redis://127.0.0.1:{port}")
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


@pytest.fixture
async def wire(server: tuple[str, int]) -> AsyncIterator[Line]:
    async with line(*server) as made:
        yield made


async def heard_again(ear: Ear, other: RedisBus) -> None:
    id = new_id()
    other.ring("conversation", id)
    await ear.until(lambda: ("conversation", id) in ear.rings)


async def test_a_cut_line_is_mended_and_tells_of_the_gap(server: tuple[str, int], wire: Line) -> None:
    async with started(wire.port) as shaky, started(server[1]) as steady:
        ear = listening(shaky)
        wire.cut()
        await ear.until(lambda: ear.gaps == 1)
        await heard_again(ear, steady)


async def test_a_black_hole_is_noticed_by_the_watchdog(server: tuple[str, int], wire: Line) -> None:
    async with started(wire.port) as shaky, started(server[1]) as steady:
        ear = listening(shaky)
        await heard_again(ear, steady)
        wire.freeze()
        await ear.until(lambda: ear.gaps == 1)
        await heard_again(ear, steady)


async def test_rings_rung_while_redis_is_away_arrive_afterwards(server: tuple[str, int], wire: Line) -> None:
    async with started(wire.port) as shaky, started(server[1]) as steady:
        far = listening(steady)
        wire.is_down = True
        wire.cut()
        wanted = [("member", new_id()) for _ in range(5)]
        began = time.monotonic()
        for _topic, id in wanted:
            shaky.ring("member", id)
            shaky.whisper(ConversationId(new_id()), "typing", MemberId(new_id()))
        assert time.monotonic() - began < 0.1, "ringing must not wait for Redis"
        wire.is_down = False
        await far.until(lambda: set(wanted) <= set(far.rings))


async def test_a_bus_starts_without_redis_and_catches_up_when_it_comes(wire: Line) -> None:
    wire.is_down = True
    async with started(wire.port) as bus:
        ear = listening(bus)
        assert not bus.is_connected
        wire.is_down = False
        await ear.until(lambda: ear.gaps == 1)


async def test_redis_sees_ids_and_nothing_else(server: tuple[str, int]) -> None:
    import redis.asyncio as redis

    async with started(server[1]) as bus, redis.Redis(port=server[1]) as spy, spy.pubsub() as sub:
        await sub.subscribe(CHANNEL)
        await sub.get_message(timeout=5)
        id, c, member = new_id(), ConversationId(new_id()), MemberId(new_id())
        bus.ring("conversation", id)
        bus.whisper(c, "read", member, 7)
        message = await sub.get_message(timeout=5)
        assert message is not None
        assert len(message["data"]) == 8 + 17 + 41
        assert list(_unpack(message["data"])) != []


def test_records_of_a_newer_version_end_the_message_without_harm() -> None:
    assert list(_unpack(b"nodenode" + b"\x7f" + b"x" * 40)) == []
    assert list(_unpack(b"nodenode" + b"\xff" + b"x" * 40)) == []
    assert list(_unpack(b"nodenode" + b"\x00short")) == []
