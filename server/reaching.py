"""How a command reaches the database: beside a running server, or by starting it for as long as it takes.

Every command must work while the server runs, so the embedded Postgres is asked for first and only
started when nobody has. A database of one's own (`database.url`) is simply used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from community.clock import SystemClock
from community.database import Database
from community.migrate import migrate
from community.store import organisation
from moderation.oncall.sender import begin_alone
from server.postgres import EmbeddedPostgres, find_running
from server.settings import Settings


@contextmanager
def dsn_for(settings: Settings, data: Path) -> Iterator[str]:
    """The application's DSN while the block runs. Raises PostgresError. From the main thread."""
    if settings.database.url:
        yield settings.database.url
    elif (running := find_running(data)) is not None:
        yield running
    else:
        postgres = EmbeddedPostgres(data)
        try:
            yield postgres.start()
        finally:
            postgres.stop()


@contextmanager
def prepared(settings: Settings, data: Path) -> Iterator[str]:
    """The same, made ready for use: a command may come before the first `kith serve`."""
    with dsn_for(settings, data) as dsn:
        asyncio.run(prepare(dsn))
        yield dsn


async def leases_end(dsn: str) -> int:
    """The only server on this database begins; moderation/oncall/sender.py says what that means."""
    database = await Database.connect(dsn, pool_max=1)
    try:
        return await begin_alone(database, SystemClock())
    finally:
        await database.close()


async def prepare(dsn: str) -> list[str]:
    """Apply what is missing and found the organisation; answers the migrations applied. Idempotent."""
    applied = await migrate(dsn)
    database = await Database.connect(dsn, pool_max=1)
    try:
        async with database.transaction() as tx:
            await organisation.found(tx, now=SystemClock().now())
    finally:
        await database.close()
    return applied
