"""The clocks that cases run by, as settings gave them: the newest row is in force in every process."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import msgspec

from community.database import Tx, require_tx
from moderation.casework.clocks import SHIPPED, Times

IN_FORCE = """
    (select k.n from case_times k order by k.n desc limit 1) as times_n,
    (select k.times::text from case_times k order by k.n desc limit 1) as times
"""
"""Two columns for times_of()."""


@lru_cache(maxsize=256)
def times_of(n: int | None, text: str | None) -> Times:
    """A row's clocks; those of the first release where there is no row."""
    if n is None or text is None:
        return SHIPPED
    return replace(msgspec.json.decode(text, type=Times), n=n)


async def in_force(tx: Tx) -> Times:
    row = await tx.fetchrow(f"select {IN_FORCE}")
    assert row is not None, "a select without from has one row"
    return times_of(row["times_n"], row["times"])


async def set_in_force(tx: Tx, times: Times, *, now: datetime) -> bool:
    """From now on these; False when they are in force already. What happened before keeps its own."""
    require_tx(tx)
    await tx.execute("lock table case_times in share row exclusive mode")  # two processes start at once
    if await in_force(tx) == times:
        return False
    await tx.execute(
        "insert into case_times (times, since) values ($1::jsonb, $2)",
        msgspec.json.encode(times).decode(),
        now,
    )
    return True
