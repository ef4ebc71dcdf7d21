"""The database wrapper: what is committed, what is undone, and what a person hears when Postgres is away."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from community.clock import SystemClock
from community.database import Database, Tx, require_tx
from community.errors import Invalid, Unavailable
from server.postgres import EmbeddedPostgres

ANSWER_SECONDS = 4.0


@pytest.fixture
async def notes(empty_dsn: str) -> Any:
    """A database with one small table."""
    database = await Database.connect(empty_dsn, pool_max=2)
    async with database.transaction() as tx:
        await tx.execute("create table note (id integer primary key, body text not null)")
    yield database
    await database.close()


async def count(database: Database) -> int:
    async with database.read() as conn:
        return int(await conn.fetchval("select count(*) from note"))


async def test_a_transaction_commits_at_the_end_of_its_block(notes: Database) -> None:
    async with notes.transaction() as tx:
        require_tx(tx)
        await tx.executemany("insert into note (id, body) values ($1, $2)", [(1, "one"), (2, "two")])
        assert [row["id"] for row in await tx.fetch("select id from note order by id")] == [1, 2]
        row = await tx.fetchrow("select body from note where id = $1", 2)
        assert row is not None and row["body"] == "two"
    assert await count(notes) == 2


async def test_an_error_in_the_block_undoes_everything_and_is_passed_on(notes: Database) -> None:
    with pytest.raises(KeyError):
        async with notes.transaction() as tx:
            await tx.execute("insert into note (id, body) values (1, 'one')")
            raise KeyError
    assert await count(notes) == 0


async def test_a_savepoint_undoes_only_its_own_block(notes: Database) -> None:
    async with notes.transaction() as tx:
        await tx.execute("insert into note (id, body) values (1, 'one')")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with tx.savepoint():
                await tx.execute("insert into note (id, body) values (1, 'again')")
        async with tx.savepoint():
            await tx.execute("insert into note (id, body) values (2, 'two')")
    assert await count(notes) == 2


async def test_a_swallowed_error_is_never_taken_for_a_commit(notes: Database) -> None:
    with pytest.raises(AssertionError, match="swallowed"):
        async with notes.transaction() as tx:
            await tx.execute("insert into note (id, body) values (1, 'one')")
            with pytest.raises(asyncpg.UniqueViolationError):
                await tx.execute("insert into note (id, body) values (1, 'again')")
    assert await count(notes) == 0


async def test_a_transaction_that_has_ended_is_not_one(notes: Database) -> None:
    async with notes.transaction() as tx:
        pass
    with pytest.raises(AssertionError):
        require_tx(tx)
    with pytest.raises(AssertionError):
        await tx.execute("select 1")


async def test_a_reader_is_no_transaction(notes: Database) -> None:
    async with notes.read() as conn:
        with pytest.raises(AssertionError):
            require_tx(conn)  # type: ignore[arg-type]


async def test_a_mistake_in_a_statement_stays_a_mistake(notes: Database) -> None:
    with pytest.raises(asyncpg.InterfaceError):
        async with notes.read() as conn:
            await conn.fetch("select $1::integer")
    with pytest.raises(asyncpg.UndefinedTableError):
        async with notes.transaction() as tx:
            await tx.fetch("select 1 from nowhere")
    assert await count(notes) == 0


async def test_a_value_that_no_column_holds_is_the_persons_to_mend(notes: Database) -> None:
    for sql, value in (("select $1::text", "a\0b"), ("select $1::bigint", 10**30), ("select $1::int", 2**31)):
        async with notes.read() as conn:
            with pytest.raises(Invalid) as refused:
                await conn.fetchval(sql, value)
        assert refused.value.code == "bad_value"


async def test_a_repeatable_read_sees_one_moment(notes: Database) -> None:
    async with notes.transaction(isolation="repeatable read") as tx:
        before = await tx.fetchval("select count(*) from note")
        async with notes.transaction() as other:
            await other.execute("insert into note (id, body) values (1, 'one')")
        assert await tx.fetchval("select count(*) from note") == before


async def test_a_full_pool_answers_in_time_instead_of_waiting(notes: Database) -> None:
    clock = SystemClock()
    async with notes.transaction(), notes.transaction():
        began = clock.monotonic()
        with pytest.raises(Unavailable):
            async with notes.transaction():
                pass
        assert clock.monotonic() - began < ANSWER_SECONDS


async def test_a_lock_held_too_long_answers_in_time_and_keeps_the_connection(notes: Database) -> None:
    clock = SystemClock()
    async with notes.transaction() as holder:
        await holder.execute("lock table note")
        began = clock.monotonic()
        with pytest.raises(Unavailable):
            async with notes.transaction() as tx:
                await tx.execute("insert into note (id, body) values (1, 'one')")
        assert clock.monotonic() - began < ANSWER_SECONDS
    assert await count(notes) == 0


async def test_a_job_may_take_longer_when_it_says_so(notes: Database) -> None:
    async with notes.transaction(command_seconds=30) as tx:
        assert await tx.fetchval("show statement_timeout") == "28500ms"
    async with notes.transaction() as tx:
        assert await tx.fetchval("show statement_timeout") == "1900ms"


async def kick(admin: Any, database: Database) -> None:
    """End every other connection to that database, as a restart of Postgres would."""
    async with database.read() as conn:
        name = await conn.fetchval("select current_database()")
    await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)


async def test_a_read_survives_a_connection_that_was_cut_under_it(notes: Database, admin: Any) -> None:
    async with notes.read() as conn:
        assert await conn.fetchval("select 1") == 1
        await kick(admin, notes)
        assert await conn.fetchval("select 2") == 2


async def test_a_transaction_begins_on_a_fresh_connection_after_a_cut(notes: Database, admin: Any) -> None:
    await kick(admin, notes)
    async with notes.transaction() as tx:
        await tx.execute("insert into note (id, body) values (1, 'one')")
    assert await count(notes) == 1


async def test_a_cut_inside_a_transaction_is_unavailable_and_stores_nothing(
    notes: Database, admin: Any
) -> None:
    with pytest.raises(Unavailable):
        async with notes.transaction() as tx:
            await tx.execute("insert into note (id, body) values (1, 'one')")
            await kick(admin, notes)
            await tx.execute("insert into note (id, body) values (2, 'two')")
    assert await count(notes) == 0


async def test_a_cancelled_transaction_leaves_a_clean_pool(notes: Database) -> None:
    reached = asyncio.Event()

    async def write_slowly() -> None:
        async with notes.transaction() as tx:
            await tx.execute("insert into note (id, body) values (1, 'one')")
            reached.set()
            await tx.fetch("select pg_sleep(60)")

    task = asyncio.create_task(write_slowly())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(notes) == 0


async def test_nobody_answering_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await Database.connect(f"postgresql://kith:x@/kith?host={tmp_path}")


async def test_a_frozen_postgres_is_answered_in_time_and_reads_go_on_after_a_restart(
    short_dir: Path,
) -> None:
    own = EmbeddedPostgres(short_dir / "own", durable=False)
    database = await Database.connect(own.start(), pool_max=3)
    clock = SystemClock()
    try:
        async with database.read() as conn:
            backend = await conn.fetchval("select pg_backend_pid()")
            os.kill(backend, signal.SIGSTOP)
            began = clock.monotonic()
            with pytest.raises(Unavailable):
                await conn.fetchval("select 1")
        assert clock.monotonic() - began < ANSWER_SECONDS
        os.kill(backend, signal.SIGCONT)

        postmaster = own.pid
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        await asyncio.to_thread(os.waitid, os.P_PID, postmaster, os.WEXITED | os.WNOWAIT)
        began = clock.monotonic()
        with pytest.raises(Unavailable):
            async with database.transaction() as tx:
                await write_nothing(tx)
        assert clock.monotonic() - began < ANSWER_SECONDS
        assert own.revive()
        assert own._process and own._becomes_ready(own._process)
        async with database.read() as conn:
            assert await conn.fetchval("select 1") == 1
    finally:
        await database.close()
        own.stop()


async def write_nothing(tx: Tx) -> None:
    while True:  # until the killed postmaster's backend has noticed and gone
        await tx.execute("select 1")
