"""`kith bench`: fan-out workloads against a fresh Kith and a bare peer in the same run, as ratios.

W1  one room of 1,000, one speaks, 40 messages/s
W2  200 rooms of 10, all speak; Kith judges and commits each message before it is delivered (so this is W4 too)
W3  idle connections: memory of each
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import msgspec
import uvloop

from bench import processes
from bench.load import Adapter, Tally, connect_all, percentile, publish_at, settle
from bench.processes import Running
from bench.world import populate, room_id, token
from server.postgres import find_running

WORKLOADS = {
    "W1": {"rooms": 1, "members": 1000, "speakers": 1, "rates": [10.0, 20.0, 40.0]},
    "W2": {"rooms": 200, "members": 10, "speakers": 10, "rates": [100.0, 200.0, 400.0]},
}


@dataclass(frozen=True, slots=True)
class Row:
    server: str
    workload: str
    rate: float
    deliveries: int
    lost: int
    p50_ms: float
    p99_ms: float
    cpu_s_per_100k: float
    postgres_s_per_100k: float


def main(argv: list[str]) -> int:
    """Run and print a table; JSON lines with --json. Exit 1 when a delivery was lost."""
    parser = argparse.ArgumentParser(prog="kith bench", description=__doc__)
    parser.add_argument("--only", choices=["W1", "W2", "W3"], help="one workload")
    parser.add_argument("--seconds", type=float, default=5.0, help="of publishing at each rate (at most 60)")
    parser.add_argument("--idle", type=int, default=2000, help="connections of W3 (at most 10,000)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    options.seconds, options.idle = min(options.seconds, 60.0), min(options.idle, 10_000)
    processes.pin_generator()
    rows: list[Row] = []
    for name, work in WORKLOADS.items():
        if options.only in (None, name):
            for start in (_peer, _kith):
                rows += _measure(name, work, start, options.seconds)
    for row in rows:
        print(json.dumps(asdict(row)) if options.json else _line(row))
    if options.only in (None, "W3"):
        _idle(options.idle, as_json=options.json)
    return 1 if any(row.lost for row in rows) else 0


def _line(row: Row) -> str:
    return (
        f"{row.workload} {row.server:5} {row.rate:6.0f}/s  deliveries {row.deliveries:7}  lost {row.lost}  "
        f"p50 {row.p50_ms:6.1f} ms  p99 {row.p99_ms:6.1f} ms  CPU {row.cpu_s_per_100k:5.2f} s/100k  "
        f"Postgres {row.postgres_s_per_100k:5.2f} s/100k"
    )


def _measure(name: str, work: dict, start, seconds: float) -> list[Row]:  # type: ignore[no-untyped-def,type-arg]
    with start(work["rooms"], work["members"]) as (server, running, adapter):
        return uvloop.run(_steps(name, work, (server, running, adapter), seconds))


async def _steps(name: str, work: dict, who: tuple[str, Running, Adapter], seconds: float) -> list[Row]:  # type: ignore[type-arg]
    server, running, adapter = who
    tally, rows, number = Tally(), [], 0
    clients = await connect_all(adapter, work["rooms"], work["members"], tally)
    for rate in work["rates"]:
        tally.delivered = tally.sent = 0
        tally.latencies_ns.clear()
        own, postgres = running.cpu_s()
        number = await publish_at(
            clients, rate, seconds, speakers=work["speakers"], body_bytes=200, first=number
        )
        expected = tally.sent * work["members"]
        await settle(tally, expected)
        own_after, postgres_after = running.cpu_s()
        per = 100_000 / max(1, tally.delivered)
        rows.append(
            Row(
                server,
                name,
                rate,
                tally.delivered,
                expected - tally.delivered,
                percentile(tally.latencies_ns, 0.50),
                percentile(tally.latencies_ns, 0.99),
                (own_after - own) * per,
                (postgres_after - postgres) * per,
            )
        )
    for room in clients:
        for client in room:
            client.transport.abort()
    return rows


def _idle(count: int, *, as_json: bool) -> None:
    for start in (_peer, _kith):
        with start(max(1, count // 10), 10) as (server, running, adapter):
            before = running.memory_mb()
            used = uvloop.run(_hold(adapter, count, running)) - before
            row = {
                "workload": "W3",
                "server": server,
                "connections": count,
                "mb_per_1000": used * 1000 / count,
            }
            print(
                json.dumps(row)
                if as_json
                else f"W3 {server:5} {count} idle  {row['mb_per_1000']:.1f} MB/1,000"
            )


async def _hold(adapter: Adapter, count: int, running: Running) -> float:
    clients = await connect_all(adapter, max(1, count // 10), 10, Tally())
    await asyncio.sleep(2)
    used = running.memory_mb()
    for room in clients:
        for client in room:
            client.transport.abort()
    return used


@contextmanager
def _kith(rooms: int, members: int) -> Iterator[tuple[str, Running, Adapter]]:
    with processes.kith() as running:
        assert running.data is not None
        dsn = find_running(running.data)
        assert dsn is not None, "the server that answers has a database"
        asyncio.run(populate(dsn, rooms=rooms, members=rooms * members))

        def join(room: int) -> list[bytes]:
            return [msgspec.json.encode({"t": "join", "c": str(room_id(room))})]

        def publish(room: int, nonce: str, body: str) -> bytes:
            return msgspec.json.encode({"t": "send", "c": str(room_id(room)), "nonce": nonce, "body": body})

        yield (
            "kith",
            running,
            Adapter(
                running.port,
                lambda n, r: "/chat/socket",
                lambda n: {"Authorization": f"Bearer {token(n)}", "Sec-WebSocket-Protocol": "kith.v1"},
                join,
                b'"t":"joined"',
                publish,
            ),
        )


@contextmanager
def _peer(rooms: int, members: int) -> Iterator[tuple[str, Running, Adapter]]:
    with processes.peer() as running:
        yield (
            "peer",
            running,
            Adapter(
                running.port,
                lambda n, r: f"/ws?room={r}",
                lambda n: {},
                lambda r: [],
                b'"t":"joined"',
                lambda r, nonce, body: msgspec.json.encode({"body": body}),
            ),
        )
