"""Follow-ups: planned moments at which a person asks a member how they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class FollowUp:
    id: UUID
    case_id: CaseId
    member_id: MemberId
    due_at: datetime
    state: str


_COLUMNS = "id, case_id, member_id, due_at, state"


async def add(tx: Tx, one: FollowUp, *, by: MemberId, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into follow_up (id, case_id, member_id, due_at, state, made_by, made_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        one.id,
        one.case_id,
        one.member_id,
        one.due_at,
        one.state,
        by,
        now,
    )


async def of_case(conn: Conn, case: CaseId) -> list[FollowUp]:
    rows = await conn.fetch(
        f"select {_COLUMNS} from follow_up where case_id = $1 order by due_at, id limit 100",  # noqa: S608
        case,
    )
    return many(FollowUp, rows)


async def take_due(tx: Tx, *, now: datetime, limit: int) -> list[FollowUp]:
    """Due rows, locked; those that another process has in hand are left to it."""
    require_tx(tx)
    rows = await tx.fetch(
        f"""
        select {_COLUMNS}
        from follow_up
        where state = 'waiting'
          and due_at <= $1
        order by due_at, id
        limit $2
        for update skip locked
        """,  # noqa: S608
        now,
        limit,
    )
    return many(FollowUp, rows)


async def settle(tx: Tx, id: UUID, state: str, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        update follow_up
        set state = $2,
            asked_at = case when $2 = 'asked' then $3 else asked_at end,
            done_at = case when $2 = 'asked' then done_at else $3 end
        where id = $1
        """,
        id,
        state,
        now,
    )


async def spoken(tx: Tx, case: CaseId, *, now: datetime) -> None:
    """A person wrote: what was asked for is done."""
    require_tx(tx)
    await tx.execute(
        "update follow_up set state = 'done', done_at = $2 where case_id = $1 and state = 'asked'", case, now
    )


async def cancel(tx: Tx, case: CaseId, *, now: datetime) -> None:
    """What is still planned for a case won't happen."""
    require_tx(tx)
    await tx.execute(
        """
        update follow_up
        set state = 'cancelled', done_at = $2
        where case_id = $1
          and state in ('waiting', 'asked')
        """,
        case,
        now,
    )


async def move(tx: Tx, *, source: CaseId, target: CaseId) -> None:
    """What is planned for one case is planned for the one that it is joined into. The caller holds both locks."""
    require_tx(tx)
    await tx.execute(
        "update follow_up set case_id = $2 where case_id = $1 and state in ('waiting', 'asked')",
        source,
        target,
    )


async def cancel_of(tx: Tx, member: MemberId, *, now: datetime) -> None:
    """What is still planned for a person won't happen."""
    require_tx(tx)
    await tx.execute(
        """
        update follow_up
        set state = 'cancelled', done_at = $2
        where member_id = $1
          and state in ('waiting', 'asked')
        """,
        member,
        now,
    )


async def wish(conn: Conn, member: MemberId) -> bool | None:
    value: bool | None = await conn.fetchval("select wanted from follow_up_wish where member_id = $1", member)
    return value


async def set_wish(tx: Tx, member: MemberId, *, on: bool, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into follow_up_wish (member_id, wanted, at)
        values ($1, $2, $3)
        on conflict (member_id) do update set wanted = excluded.wanted, at = excluded.at
        """,
        member,
        on,
        now,
    )
