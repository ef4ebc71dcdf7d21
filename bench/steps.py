"""Punctuality with a real clock: how far from their due times steps are taken, and how soon another channel is
asked when the first is down, answers 500 or hangs. `python -m bench.steps`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.storm import repeat, share, sink
from bench.team import Stage, lay_team
from community.clock import SystemClock
from community.database import Database
from community.migrate import migrate
from moderation.casework.clocks import Clocks, Times
from moderation.oncall.cover import CareSettings
from moderation.pipeline.types import Tier

PAGES: Final = 300
SECONDS: Final = 30
QUICK: Final = Clocks(timedelta(seconds=3), timedelta(seconds=60), timedelta(seconds=3), timedelta(seconds=9))


async def punctual(dsn: str) -> dict[str, float]:
    """Many pages that nobody answers, repeated every three seconds by two processes' worth of escalators."""
    clock = SystemClock()
    database = await Database.connect(dsn, pool_max=12)
    try:
        async with sink() as (_, url):
            stage = await lay_team(
                database, [url], CareSettings(times=Times(QUICK, QUICK, QUICK, QUICK), small_team="no")
            )
            for _n in range(PAGES):
                await stage.cry(Tier.crisis)
            async with running(stage), running(stage):
                await clock.sleep(SECONDS)
            async with database.read() as conn:
                rows = await conn.fetch(
                    "select extract(epoch from min(made_at) - due_at) as late from page_attempt "
                    "where round > 1 group by page_id, due_at"
                )
        late = sorted(float(row["late"]) for row in rows)
        return {"steps": len(late), "p50_s": share(late, 0.5), "p99_s": share(late, 0.99), "max_s": late[-1]}
    finally:
        await database.close()


async def outage(dsn: str, how: str) -> float:
    """Seconds from the cry to its page by the second channel, the first being down, hanging or answering 500."""
    clock = SystemClock()
    database = await Database.connect(dsn, pool_max=8)
    try:
        async with sink() as (server, url), broken(how) as bad:
            stage = await lay_team(database, [bad, url], CareSettings(small_team="no"))
            began = clock.monotonic()
            await stage.cry(Tier.red)
            async with running(stage):
                while not server.got:
                    await clock.sleep(0.02)
            return clock.monotonic() - began
    finally:
        await database.close()


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[None]:
    """The jobs of one process."""
    jobs = [
        asyncio.create_task(repeat(stage.clock, stage.escalator().run, 1.0)),
        asyncio.create_task(repeat(stage.clock, stage.sender().run, 0.5)),
    ]
    try:
        yield
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


@asynccontextmanager
async def broken(how: str) -> AsyncIterator[str]:
    """The address of a server that is down, hangs, or answers 500."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if how == "hangs":
                await reader.read()
            else:
                writer.write(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if how == "down":
        server.close()
    try:
        yield f"http://127.0.0.1:{port}/pages"
    finally:
        server.close()


def main() -> None:
    from server.postgres import EmbeddedPostgres

    told: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="ks", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        for name in ("punctual", "down", "answers_500", "hangs"):
            postgres = EmbeddedPostgres(Path(folder) / name)
            try:
                dsn = postgres.start()
                asyncio.run(migrate(dsn))
                told[name] = asyncio.run(punctual(dsn) if name == "punctual" else outage(dsn, name))
            finally:
                postgres.stop()
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
