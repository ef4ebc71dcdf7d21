"""What was acknowledged is stored once, everyone hears the same in the same order without gaps, and nobody
ever hears a held word: while lines are cut, rings lost and doubled, backends killed, Redis frozen.

In the manner of Jepsen: people talk through the faults, then the faults end, then their histories are
compared with the log.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from community.bus import LocalBus
from community.clock import SystemClock
from community.database import Database
from community.ids import ConversationId
from community.log import LoggedEvent
from community.redis_bus import RedisBus
from community.store import events
from tests.chat.faults import HELD, LeakyBus, Peer, cut_database, cut_lines
from tests.chat.world import Node, World, node
from tests.line import Line, line

WRITERS = 5
READERS = 3
EACH_SAYS = 60
FAULTY_SECONDS = 3.0
ENOUGH_SECONDS = 60.0
Fault = Callable[[], Any]


@asynccontextmanager
async def one_process(dsn: str, chance: random.Random) -> AsyncIterator[tuple[list[Node], list[Fault]]]:
    database = await Database.connect(dsn, pool_max=6)
    async with node(database, LeakyBus(LocalBus(), chance)) as only:  # type: ignore[arg-type]
        yield [only], []
    await database.close()


@asynccontextmanager
async def two_processes(
    dsn: str, chance: random.Random, redis_url: str
) -> AsyncIterator[tuple[list[Node], list[Fault]]]:
    """Two nodes with pools of their own, each behind a Redis line that can be cut and frozen."""
    address = urlsplit(redis_url)
    assert address.hostname and address.port
    async with AsyncExitStack() as stack:
        nodes, lines = [], []
        for _ in range(2):
            wire = await stack.enter_async_context(line(address.hostname, address.port))
            database = await Database.connect(dsn, pool_max=5)
            stack.push_async_callback(database.close)
            bus = RedisBus(f"redis://127.0.0.1:{wire.port}", clock=SystemClock(), channel=f"kith:{dsn[-12:]}")
            leaky = LeakyBus(bus, chance)
            nodes.append(await stack.enter_async_context(node(database, leaky)))  # type: ignore[arg-type]
            lines.append(wire)
        yield nodes, [lambda: cut_redis(lines, chance)]


async def cut_redis(lines: list[Line], chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(0.3, 0.8))
        wire = chance.choice(lines)
        (wire.cut if chance.random() < 0.6 else wire.freeze)()


@pytest.mark.parametrize("processes", ["one process", "two processes over Redis"])
async def test_nothing_acknowledged_is_lost_doubled_or_out_of_order_and_nothing_held_is_heard(
    processes: str, world: World, dsn: str, admin: Any, redis_server: str
) -> None:
    chance = random.Random(20260105)
    made = (
        one_process(dsn, chance) if processes == "one process" else two_processes(dsn, chance, redis_server)
    )
    async with made as (nodes, more_faults):
        room = await world.room()
        writers = [await peer(world, nodes, room, chance, says=EACH_SAYS) for _ in range(WRITERS)]
        peers = writers + [await peer(world, nodes, room, chance, says=0) for _ in range(READERS)]
        faults = [
            asyncio.create_task(cut_lines(peers, chance)),
            asyncio.create_task(cut_database(admin, urlsplit(dsn).path.lstrip("/"), chance)),
            *(asyncio.create_task(fault()) for fault in more_faults),
        ]
        talking = [asyncio.create_task(one.run()) for one in peers]
        try:
            async with asyncio.timeout(ENOUGH_SECONDS):
                await until_said(writers, talking, seconds=FAULTY_SECONDS)
                await end(faults)
                await until_said(writers, talking, seconds=ENOUGH_SECONDS)
                log = await read_log(world.database, room)
                for one in peers:
                    one.goal = log[-1].seq
                await asyncio.gather(*talking)
        finally:
            await end(faults + talking)
    compare(log, peers)
    assert sum(one.connections for one in peers) > len(peers), "lines were cut"
    lost = [n.bus.lost for n in nodes if isinstance(n.bus, LeakyBus)]
    assert any(lost), "rings were lost"


async def peer(
    world: World, nodes: list[Node], room: ConversationId, chance: random.Random, *, says: int
) -> Peer:
    who = await world.member()
    words = [(f"n{n}", HELD if n % 8 == 5 else f"{who.handle} says {n}") for n in range(says)]
    return Peer(who, nodes, room, chance, [(nonce, f"{body} #{who.handle}-{nonce}") for nonce, body in words])


async def until_said(writers: list[Peer], talking: list[asyncio.Task[None]], *, seconds: float) -> None:
    """Until every writer has an answer to everything, somebody failed, or that time is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while any(one.to_say for one in writers):
                await asyncio.sleep(0.02)
                for task in talking:
                    if task.done():
                        await task


async def end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


async def read_log(database: Database, room: ConversationId) -> list[LoggedEvent]:
    async with database.read() as conn:
        return await events.read_after(conn, {room: 0}, 10_000)


def compare(log: list[LoggedEvent], peers: list[Peer]) -> None:
    assert [event.seq for event in log] == list(range(1, len(log) + 1)), "the log has no gaps"
    bodies = [event.shown for event in log if event.kind == "message"]
    assert len(bodies) == len(set(bodies)), "nothing is stored twice"
    assert not any(HELD in body for body in bodies), "held means not in the log"
    stored = {event.shown: event for event in log}
    for one in peers:
        assert [(f["seq"], f["id"], f["body"]) for f in one.log] == [
            (event.seq, str(event.message_id), event.shown) for event in log
        ], "everyone hears the same, in the same order"
        assert HELD not in str(one.frames), "a held word reaches nobody"
        for nonce, ack in one.acks.items():
            if ack["outcome"] == "hold":
                assert ack["seq"] is None
                continue
            event = next(e for body, e in stored.items() if body.endswith(f"#{one.who.handle}-{nonce}"))
            assert (ack["seq"], ack["id"]) == (event.seq, str(event.message_id)), "the ack told the truth"
    said = sum(len(one.acks) for one in peers)
    held = sum(ack["outcome"] == "hold" for one in peers for ack in one.acks.values())
    assert held and said - held == len(bodies), "acknowledged is stored, and nothing else is"
