"""Migrations: once each, in order, one process at a time, and never onto a past that doesn't fit."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from community.clock import ManualClock
from community.errors import Unavailable
from community.migrate import (
    LOCK_KEY,
    LOCK_PATIENCE_SECONDS,
    MigrationError,
    migrate,
    pending,
    read_migrations,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text("create table first (id integer);")
    (tmp_path / "0002_second.sql").write_text(
        "create table second (id integer); insert into second values (1);"
    )
    (tmp_path / "__init__.py").write_text("")
    return tmp_path


async def tables(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
    await connection.close()
    return [row["tablename"] for row in rows]


async def test_each_file_is_applied_once_and_in_order(empty_dsn: str, folder: Path) -> None:
    assert await pending(empty_dsn, directory=folder) == ["0001_first.sql", "0002_second.sql"]
    assert await migrate(empty_dsn, directory=folder) == ["0001_first.sql", "0002_second.sql"]
    assert await migrate(empty_dsn, directory=folder) == []
    assert await pending(empty_dsn, directory=folder) == []
    assert await tables(empty_dsn) == ["first", "migration", "second"]


async def test_our_own_migrations_apply_to_an_empty_database(empty_dsn: str) -> None:
    applied = await migrate(empty_dsn)
    assert applied == [migration.name for migration in read_migrations(files("migrations"))]
    assert await migrate(empty_dsn) == []


async def test_a_failing_file_is_undone_and_earlier_ones_stay(empty_dsn: str, folder: Path) -> None:
    (folder / "0002_second.sql").write_text("create table second (id integer); select 1 / 0;")
    with pytest.raises(MigrationError, match=r"0002_second\.sql failed"):
        await migrate(empty_dsn, directory=folder)
    assert await tables(empty_dsn) == ["first", "migration"]
    assert await pending(empty_dsn, directory=folder) == ["0002_second.sql"]


async def test_a_file_that_was_changed_afterwards_is_refused(empty_dsn: str, folder: Path) -> None:
    await migrate(empty_dsn, directory=folder)
    (folder / "0001_first.sql").write_text("create table first (id bigint);")
    with pytest.raises(MigrationError, match=r"0001_first\.sql was changed"):
        await migrate(empty_dsn, directory=folder)


async def test_a_database_of_a_newer_version_is_refused(empty_dsn: str, folder: Path) -> None:
    await migrate(empty_dsn, directory=folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(MigrationError, match="newer Kith"):
        await migrate(empty_dsn, directory=folder)


async def test_a_file_slipped_in_before_an_applied_one_is_refused(empty_dsn: str, folder: Path) -> None:
    await migrate(empty_dsn, directory=folder)
    connection = await asyncpg.connect(empty_dsn)
    await connection.execute("delete from migration where name = '0001_first.sql'")
    await connection.close()
    with pytest.raises(MigrationError, match="older than others"):
        await migrate(empty_dsn, directory=folder)


@pytest.mark.parametrize("name", ["0002_double.sql", "3_short.sql", "0003_Loud.sql"])
def test_names_are_rising_numbers_without_doubles(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1")
    with pytest.raises(MigrationError, match="expected"):
        read_migrations(folder)


async def test_a_statement_that_bears_no_transaction_runs_alone(empty_dsn: str, folder: Path) -> None:
    (folder / "0003_index.sql").write_text(
        "-- migrate: outside a transaction\ncreate index concurrently first_by_id on first (id)"
    )
    assert len(await migrate(empty_dsn, directory=folder)) == 3
    assert await migrate(empty_dsn, directory=folder) == []


async def test_two_processes_at_once_apply_each_file_once(empty_dsn: str, folder: Path) -> None:
    applied = await asyncio.gather(*[migrate(empty_dsn, directory=folder) for _ in range(3)])
    assert sorted(map(len, applied)) == [0, 0, 2]


async def hold_the_lock(dsn: str) -> Any:
    connection = await asyncpg.connect(dsn)
    await connection.execute("select pg_advisory_lock($1)", LOCK_KEY)
    return connection


async def test_a_lock_that_is_never_released_ends_the_waiting(empty_dsn: str, folder: Path) -> None:
    holder = await hold_the_lock(empty_dsn)
    clock = ManualClock()
    waiting = asyncio.create_task(migrate(empty_dsn, directory=folder, clock=clock))
    await clock.sleepers(1)
    clock.advance(LOCK_PATIENCE_SECONDS)
    with pytest.raises(MigrationError, match="another process"):
        await waiting
    await holder.close()


async def test_a_migrator_that_dies_lets_go_of_the_lock(empty_dsn: str, folder: Path) -> None:
    holder = await hold_the_lock(empty_dsn)
    clock = ManualClock()
    waiting = asyncio.create_task(migrate(empty_dsn, directory=folder, clock=clock))
    await clock.sleepers(1)
    holder.terminate()
    while not waiting.done():  # Postgres notices the death on its own time; each look takes a round trip
        clock.advance(0.1)
        await asyncio.wait([waiting], timeout=0.01)
    assert len(await waiting) == 2


async def test_a_table_that_is_in_use_is_not_waited_for_without_end(empty_dsn: str, folder: Path) -> None:
    await migrate(empty_dsn, directory=folder)
    (folder / "0003_alter.sql").write_text(
        "set local lock_timeout = '10ms'; alter table first add x integer;"
    )
    user = await asyncpg.connect(empty_dsn)
    async with user.transaction():
        await user.fetch("select id from first")
        with pytest.raises(MigrationError, match="lock timeout"):
            await migrate(empty_dsn, directory=folder)
    await user.close()


async def test_no_database_is_unavailable(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(Unavailable):
        await migrate(f"postgresql://kith:x@/kith?host={tmp_path}", directory=folder)
