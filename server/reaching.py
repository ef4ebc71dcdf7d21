"""How a command reaches the database: beside a running server, or by starting it for as long as it takes.

Every command must work while the server runs, so the embedded Postgres is asked for first and only
started when nobody has. A database of one's own (`database.url`) is simply used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from community.migrate import migrate
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
def migrated(settings: Settings, data: Path) -> Iterator[str]:
    """The same, with every migration applied: a command may come before the first `kith serve`."""
    with dsn_for(settings, data) as dsn:
        asyncio.run(migrate(dsn))
        yield dsn
