"""Brings a database to the shape this code needs: numbered SQL, forward only, each file once.

The files lie in the `migrations` package as NNNN_name.sql. What was applied is kept with a checksum, so that
an edited or missing file is noticed before it does harm. Several processes may start at once: one holds
an advisory lock, the others wait by asking again and again, because a blocked pg_advisory_lock would
deadlock with CREATE INDEX CONCURRENTLY.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import asyncpg

from community.clock import Clock, SystemClock
from community.database import AWAY
from community.errors import Unavailable

LOCK_KEY: Final = 0x6B697468  # "kith", so that it is recognised in pg_locks
LOCK_PATIENCE_SECONDS: Final = 120.0
LOCK_POLL_SECONDS: Final = 0.1
TABLE_LOCK_SECONDS: Final = 5
"""A migration that can't get its table lock gives up before it makes the whole server queue behind it."""
STATEMENT_SECONDS: Final = 600
FILE_NAME: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
ALONE: Final = "-- migrate: outside a transaction"
"""First line of a file with one statement that can't run inside one, e.g. CREATE INDEX CONCURRENTLY."""


class MigrationError(Exception):
    """The database and the files don't fit. The message says which, and the way out."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name, which is its identity, and its words."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


async def migrate(dsn: str, *, directory: Traversable | None = None, clock: Clock | None = None) -> list[str]:
    """Apply what is missing, in order, and answer the names applied now. Idempotent, safe side by side.

    Raises MigrationError when the files and the database don't fit (nothing is applied then) or a file
    fails (that file is undone, earlier ones stay), Unavailable when nobody answers.
    """
    known = read_migrations(directory or files("migrations"))
    async with _connection(dsn) as connection, _sole_migrator(connection, clock or SystemClock()):
        await connection.execute(
            """
            create table if not exists migration (
              name text primary key,
              checksum text not null,
              applied_at timestamptz not null default now()
            )
            """
        )
        waiting = _still_to_do(known, await _applied(connection))
        for migration in waiting:
            await _apply(connection, migration)
    return [migration.name for migration in waiting]


async def pending(dsn: str, *, directory: Traversable | None = None) -> list[str]:
    """The names `migrate` would apply, without a lock or a change. Raises like `migrate`."""
    known = read_migrations(directory or files("migrations"))
    async with _connection(dsn) as connection:
        if await connection.fetchval("select to_regclass('migration') is null"):
            return [migration.name for migration in known]
        return [migration.name for migration in _still_to_do(known, await _applied(connection))]


def read_migrations(directory: Traversable) -> list[Migration]:
    """All files in the order of their numbers, which must rise; gaps are fine, so that two people can
    write one at the same time. Raises MigrationError."""
    entries = sorted((entry for entry in directory.iterdir() if entry.name.endswith(".sql")), key=_by_name)
    found = [Migration(entry.name, entry.read_text(encoding="utf-8")) for entry in entries]
    before = 0
    for migration in found:
        parts = FILE_NAME.fullmatch(migration.name)
        if parts is None or int(parts[1]) <= before:
            raise MigrationError(
                f"migrations/{migration.name}: expected NNNN_name.sql with a number above {before:04}; "
                "numbers are four digits, without doubles"
            )
        before = int(parts[1])
    return found


def _by_name(entry: Traversable) -> str:
    return entry.name


def _still_to_do(known: Sequence[Migration], applied: dict[str, str]) -> list[Migration]:
    """Those not applied yet, after making sure that the past of the database is the past of the files."""
    names = {migration.name for migration in known}
    if foreign := sorted(applied.keys() - names):
        raise MigrationError(
            f"the database has {foreign[0]}, which this version doesn't know: it was used by a newer "
            "Kith. Install that version again, or restore a backup taken before the upgrade"
        )
    for migration in known:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise MigrationError(
                f"migrations/{migration.name} was changed after it had been applied. "
                "Bring the file back as it was and put the change into a new one"
            )
    waiting = [migration for migration in known if migration.name not in applied]
    if waiting and waiting != list(known[len(applied) :]):
        raise MigrationError(
            f"migrations/{waiting[0].name} is older than others already applied: renumber it"
        )
    return waiting


async def _apply(connection: Any, migration: Migration) -> None:
    try:
        if migration.sql.startswith(ALONE):
            await connection.execute(migration.sql)
            await _record(connection, migration)
            return
        async with connection.transaction():
            await connection.execute(migration.sql)
            await _record(connection, migration)
    except asyncpg.PostgresError as error:
        if isinstance(error, AWAY):
            raise Unavailable() from error
        raise MigrationError(f"migrations/{migration.name} failed and was undone: {error}") from error


async def _record(connection: Any, migration: Migration) -> None:
    await connection.execute(
        "insert into migration (name, checksum) values ($1, $2)", migration.name, migration.checksum
    )


async def _applied(connection: Any) -> dict[str, str]:
    rows = await connection.fetch("select name, checksum from migration order by name")
    return {row["name"]: row["checksum"] for row in rows}


@asynccontextmanager
async def _connection(dsn: str) -> AsyncIterator[Any]:
    """One connection with both time-outs set, closed afterwards."""
    settings = {
        "application_name": "kith migrate",
        "lock_timeout": f"{TABLE_LOCK_SECONDS}s",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
    }
    try:
        connection = await asyncpg.connect(dsn, timeout=3, server_settings=settings)
    except AWAY as error:
        raise Unavailable() from error
    try:
        yield connection
    finally:
        await connection.close(timeout=3)


@asynccontextmanager
async def _sole_migrator(connection: Any, clock: Clock) -> AsyncIterator[None]:
    """Hold the advisory lock. It belongs to the session: a process that dies lets go of it."""
    deadline = clock.monotonic() + LOCK_PATIENCE_SECONDS
    while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK_KEY):
        if clock.monotonic() >= deadline:
            raise MigrationError(
                "another process has been migrating this database for two minutes; "
                "wait for it, or end it (see pg_locks, advisory), then start again"
            )
        await clock.sleep(LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("select pg_advisory_unlock($1)", LOCK_KEY)
