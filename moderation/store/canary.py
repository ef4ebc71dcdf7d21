"""The day's canary: one row a day, and whether its page came through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, PageId
from community.store.rows import one


@dataclass(frozen=True, slots=True)
class Flying:
    """A canary on its way; locked. No case: the pipeline didn't hear it."""

    id: UUID
    case: CaseId | None
    page: PageId | None
    due_at: datetime


async def flying(tx: Tx) -> Flying | None:
    """The one that is under way and that no other process looks at just now."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        select id, case_id, page_id, due_at
        from canary
        where outcome is null
        order by started_at
        limit 1
        for update skip locked
        """
    )
    return one(Flying, row)


async def begin(tx: Tx, id: UUID, *, on: date, due_at: datetime, now: datetime) -> bool:
    """False when the day has had its canary."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into canary (id, on_day, started_at, due_at)
        values ($1, $2, $3, $4)
        on conflict (on_day) do nothing
        returning id
        """,
        id,
        on,
        now,
        due_at,
    )
    return done is not None


async def nobody(tx: Tx, id: MemberId, *, now: datetime) -> None:
    """The member it is about: erased from the start, so there is nobody to find anywhere."""
    require_tx(tx)
    await tx.execute(
        "insert into member (id, created_at, erased_at) values ($1, $2, $2) on conflict do nothing", id, now
    )


async def flies(tx: Tx, id: UUID, *, case: CaseId, page: PageId) -> None:
    require_tx(tx)
    await tx.execute("update moderation_case set canary = true where id = $1", case)
    await tx.execute("update canary set case_id = $2, page_id = $3 where id = $1", id, case, page)


async def arrived(conn: Conn, page: PageId) -> bool:
    """Whether its page was escalated, promised, leased and sent: where it has channels of its own, by each of
    them, and answered by its link; else to a console."""
    return bool(
        await conn.fetchval(
            """
            select case
              when exists (select 1 from page_attempt a where a.page_id = $1 and a.channel_id is not null)
              then not exists (
                     select 1
                     from page_attempt a
                     join oncall_channel ch on ch.id = a.channel_id and ch.revoked_at is null
                     where a.page_id = $1
                       and not exists (select 1 from page_attempt s
                                       where s.page_id = $1 and s.channel_id = a.channel_id and s.outcome = 'sent'))
                   and exists (select 1 from page where id = $1 and acknowledged_at is not null)
              else exists (select 1 from page_attempt a where a.page_id = $1 and a.outcome = 'sent')
            end
            """,
            page,
        )
    )


async def end(tx: Tx, id: UUID, outcome: str, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        "update canary set outcome = $2, ended_at = $3, due_at = null where id = $1", id, outcome, now
    )


async def untold(conn: Conn) -> bool:
    """Whether the latest one failed and nobody was told: a process may die between the two."""
    return bool(
        await conn.fetchval(
            """
            select coalesce(c.outcome = 'failed' and (a.at is null or a.at < c.ended_at), false)
            from canary c
            left join alarm a on a.kind = 'canary'
            order by c.on_day desc
            limit 1
            """
        )
    )


@dataclass(frozen=True, slots=True)
class Last:
    on_day: date
    outcome: str | None
    ended_at: datetime | None


async def last(conn: Conn) -> Last | None:
    """The latest canary, flying or ended."""
    row = await conn.fetchrow("select on_day, outcome, ended_at from canary order by on_day desc limit 1")
    return one(Last, row)
