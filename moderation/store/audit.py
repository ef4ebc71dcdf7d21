"""The audit chain's rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from community.database import Conn, Tx, require_tx
from moderation.evidence.chain import Entry, Link, linked


async def append(tx: Tx, entries: list[Entry], *, now: datetime) -> None:
    """Add to the chain. The head's lock is held until commit: entries stand in commit order."""
    require_tx(tx)
    head = await tx.fetchrow("select n, hash from audit_head for update")
    assert head is not None, "the migration put it there"
    n, hash = head["n"], head["hash"]
    for what in entries:
        link = linked(n + 1, now, what, hash)
        await tx.execute(
            """
            insert into audit (n, at, actor_id, verb, subject_id, parameters, previous, hash)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            link.n,
            link.at,
            what.actor,
            what.verb,
            what.subject,
            what.parameters,
            link.previous,
            link.hash,
        )
        n, hash = link.n, link.hash
    await tx.execute("update audit_head set n = $1, hash = $2", n, hash)


async def take_pending(tx: Tx, *, limit: int) -> list[tuple[UUID, int]]:
    """History rows that wait for the chain, in the order of their cases; another process's are left to it."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        delete from audit_pending
        where (case_id, n) in (
          select case_id, n
          from audit_pending
          order by case_id, n
          limit $1
          for update skip locked)
        returning case_id, n
        """,
        limit,
    )
    return sorted((row["case_id"], row["n"]) for row in rows)


async def history_row(conn: Conn, case: UUID, n: int) -> list[Any] | None:
    """One row of a case's history as the chain covers it."""
    row = await conn.fetchrow(
        """
        select case_id, n, act, actor_id, parameters::text as parameters, note, at
        from case_history
        where case_id = $1
          and n = $2
        """,
        case,
        n,
    )
    if row is None:
        return None
    at: datetime = row["at"]
    return [
        row["case_id"],
        row["n"],
        row["act"],
        row["actor_id"],
        row["parameters"],
        row["note"],
        at.isoformat(),
    ]


async def links(conn: Conn, *, after: int, limit: int) -> list[Link]:
    rows = await conn.fetch(
        """
        select n, at, verb, actor_id, subject_id, parameters, previous, hash
        from audit
        where n > $1
        order by n
        limit $2
        """,
        after,
        limit,
    )
    return [_link(row) for row in rows]


async def about(conn: Conn, subject: UUID, *, limit: int = 200) -> list[Link]:
    """What happened to one thing, newest first."""
    rows = await conn.fetch(
        """
        select n, at, verb, actor_id, subject_id, parameters, previous, hash
        from audit
        where subject_id = $1
        order by n desc
        limit $2
        """,
        subject,
        limit,
    )
    return [_link(row) for row in rows]


async def head(conn: Conn) -> tuple[int, bytes, int]:
    """Number and hash of the last entry, and how many history rows aren't chained yet."""
    row = await conn.fetchrow(
        "select n, hash, (select count(*) from audit_pending) as pending from audit_head"
    )
    assert row is not None, "the migration put it there"
    return row["n"], row["hash"], row["pending"]


def _link(row: Any) -> Link:
    what = Entry(row["verb"], row["actor_id"], row["subject_id"], row["parameters"])
    return Link(row["n"], row["at"], what, row["previous"], row["hash"])
