"""The crisis path in one row: for /carez, /metrics and `kith check`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn
from community.store.rows import one


@dataclass(frozen=True, slots=True)
class Facts:
    on_duty: int
    pages_waiting: int
    oldest_page: datetime | None  # due time of the page that is most overdue
    crisis_open: int
    oldest_outbox: datetime | None  # due time of the promise that is most overdue


async def ping(conn: Conn) -> None:
    """Raises Unavailable when the database doesn't answer."""
    await conn.fetchval("select 1")


async def facts(conn: Conn, *, now: datetime) -> Facts:
    row = await conn.fetchrow(
        """
        select (select count(distinct member_id) from shift where starts_at <= $1 and ends_at > $1),
               (select count(*) from page where due_at is not null),
               (select min(due_at) from page where due_at <= $1),
               (select count(*) from moderation_case where lane = 'care' and tier = 'crisis' and state <> 'closed'),
               (select min(due_at) from outbox where sent_at is null and failed_at is null and due_at <= $1)
        """,
        now,
    )
    found = one(Facts, row)
    assert found is not None, "a select without from has one row"
    return found
