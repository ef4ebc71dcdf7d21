"""An act that Postgres undid to end a deadlock is done again whole; one of which something is kept never is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from community.again import TRIES, Undone, until_done
from community.database import Database, Tx


async def test_two_acts_that_wait_for_each_other_are_both_done(
    database: Database, dsn: str, admin: Any
) -> None:
    async with database.transaction() as tx:
        await tx.execute("create table two (id integer primary key, n integer not null)")
        await tx.execute("insert into two values (1, 0), (2, 0)")
    met = asyncio.Barrier(2)
    tries = [0, 0]

    async def step(tx: Tx, id: int) -> None:
        await tx.execute("update two set n = n + 1 where id = $1", id)

    async def one(who: int, first: int, then: int) -> None:
        tries[who] += 1
        async with database.transaction() as tx:
            await step(tx, first)
            if tries[who] == 1:
                await asyncio.wait_for(met.wait(), 10)  # each holds what the other will want
            await step(tx, then)

    await asyncio.gather(until_done(lambda: one(0, 1, 2)), until_done(lambda: one(1, 2, 1)))
    async with database.read() as conn:
        assert [row["n"] for row in await conn.fetch("select n from two order by id")] == [2, 2]
    assert max(tries) > 1, "Postgres undid one of the two"


async def test_what_was_kept_in_part_is_not_done_again(database: Database) -> None:
    tries = 0

    async def act() -> None:
        nonlocal tries
        tries += 1
        async with database.transaction() as tx:
            await tx.fetchval("select 1")
        raise Undone

    with pytest.raises(Undone):
        await until_done(act)
    assert tries == 1


async def test_an_act_within_an_act_counts_as_kept_by_both(database: Database) -> None:
    tries = 0

    async def kept() -> None:
        async with database.transaction() as tx:
            await tx.fetchval("select 1")

    async def act() -> None:
        nonlocal tries
        tries += 1
        await until_done(kept)
        raise Undone

    with pytest.raises(Undone):
        await until_done(act)
    assert tries == 1


async def test_an_act_that_is_undone_for_ever_is_refused_in_the_end() -> None:
    tries = 0

    async def act() -> None:
        nonlocal tries
        tries += 1
        raise Undone

    with pytest.raises(Undone):
        await until_done(act)
    assert tries == TRIES
