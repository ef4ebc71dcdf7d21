"""Cases: the derived row, its append-only history, and the messages it joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, GroupId, MemberId, MessageId, TeamId
from moderation.casework.clocks import Times
from moderation.casework.machine import Case
from moderation.pipeline.types import Lane, Tier
from moderation.store.times import IN_FORCE, times_of


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with its place in the organisation: who it is about and which team has it."""

    id: CaseId
    team_id: TeamId
    group_id: GroupId | None
    member_id: MemberId | None
    message_id: MessageId | None
    case: Case
    merged_into: CaseId | None = None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    n: int
    act: str
    actor_id: MemberId | None
    actor_handle: str | None
    parameters: dict[str, Any]
    note: str | None
    at: datetime
    times: Times  # the clocks that it was timed by


CASE = f"""
    c.id, c.team_id, c.group_id, c.member_id, c.message_id, c.lane, c.tier, c.state, c.version, c.owner_id,
    c.lease_until, c.opened_at, c.raised_at, c.due_at, c.touched_at, c.closed_at, c.decided_by, c.appealed_by,
    c.ladder, c.ladder_when, c.merged_into,
    array(select cm.message_id from case_message cm where cm.case_id = c.id order by cm.added_at, cm.message_id)
      as messages,
    coalesce((select h.parameters -> 'rules' from case_history h
              where h.case_id = c.id and h.parameters ? 'rules' order by h.n desc limit 1), '[]') as rules,
    coalesce((select h.act in ('answered', 'merged') from case_history h
              where h.case_id = c.id
                and (h.act in ('spoke', 'answered', 'followingup')
                  or h.act = 'merged' and h.parameters ->> 'waiting' = 'true')
              order by h.n desc limit 1), false) as waits,
    {IN_FORCE.strip()}
"""  # noqa: S608
# Every act that brings rules writes the whole set known after it, so the last one is the present set.


async def get(conn: Conn, id: CaseId) -> CaseRow | None:
    row = await conn.fetchrow(f"select {CASE} from moderation_case c where c.id = $1", id)  # noqa: S608
    return case_row(row)


async def get_many(conn: Conn, ids: Sequence[CaseId]) -> dict[CaseId, CaseRow]:
    """Those of them that exist, in the order in which they were asked for."""
    rows = await conn.fetch(
        f"select {CASE} from moderation_case c where c.id = any($1::uuid[]) order by array_position($1::uuid[], c.id)",  # noqa: S608
        list(ids),
    )
    return {found.id: found for row in rows if (found := case_row(row)) is not None}


async def lock(tx: Tx, id: CaseId) -> CaseRow | None:
    """The case, its row locked until commit: what is decided on it still holds when it is written."""
    require_tx(tx)
    await tx.fetchval("select id from moderation_case where id = $1 for no key update", id)
    return await get(tx, id)


async def lock_free(tx: Tx, id: CaseId) -> CaseRow | None:
    """As `lock`, for who holds other cases already: None when somebody else has it in hand."""
    require_tx(tx)
    free = await tx.fetchval("select id from moderation_case where id = $1 for no key update skip locked", id)
    return None if free is None else await get(tx, id)


async def lock_care(tx: Tx, member: MemberId, team: TeamId, *, closed_since: datetime) -> CaseRow | None:
    """The person's open care case in this team, or the latest one closed since then; locked. One that was
    joined into another leads there: only that is locked."""
    require_tx(tx)
    id = await tx.fetchval(
        """
        with recursive led as (
          (select id, merged_into
           from moderation_case
           where lane = 'care'
             and member_id = $1
             and team_id = $2
             and (state <> 'closed' or closed_at > $3)
           order by state <> 'closed' desc, closed_at desc
           limit 1)
          union all
          select c.id, c.merged_into
          from moderation_case c
          join led on c.id = led.merged_into
        )
        select id from led where merged_into is null
        """,
        member,
        team,
        closed_since,
    )
    row = None if id is None else await lock(tx, id)
    while row is not None and row.merged_into is not None:  # merging never makes a ring: see set_merged()
        row = await lock(tx, row.merged_into)
    return row


async def lock_conduct(tx: Tx, message: MessageId) -> CaseRow | None:
    """The message's open conduct case; locked."""
    require_tx(tx)
    id = await tx.fetchval(
        """
        select id
        from moderation_case
        where lane = 'conduct'
          and message_id = $1
          and state <> 'closed'
        for no key update
        """,
        message,
    )
    return None if id is None else await get(tx, id)


async def insert(tx: Tx, row: CaseRow) -> bool:
    """Open a case. False when the subject has one already (another transaction was first)."""
    require_tx(tx)
    case = row.case
    done = await tx.fetchval(
        """
        insert into moderation_case
          (id, lane, team_id, group_id, member_id, message_id, tier, state, version, owner_id, lease_until,
           opened_at, raised_at, due_at, touched_at, closed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        on conflict do nothing
        returning id
        """,
        row.id,
        case.lane,
        row.team_id,
        row.group_id,
        row.member_id,
        row.message_id,
        case.tier.name,
        case.state,
        case.version,
        case.owner,
        case.lease_until,
        case.opened_at,
        case.raised_at,
        case.due_at,
        case.touched_at,
        case.closed_at,
    )
    return done is not None


async def update(tx: Tx, id: CaseId, case: Case) -> None:
    """Write the derived row back; the caller holds its lock and appends the act in the same transaction."""
    require_tx(tx)
    await tx.execute(
        """
        update moderation_case
        set tier = $2, state = $3, version = $4, owner_id = $5, lease_until = $6, raised_at = $7,
            due_at = $8, touched_at = $9, closed_at = $10, decided_by = $11, appealed_by = $12, ladder = $13,
            ladder_when = $14
        where id = $1
        """,
        id,
        case.tier.name,
        case.state,
        case.version,
        case.owner,
        case.lease_until,
        case.raised_at,
        case.due_at,
        case.touched_at,
        case.closed_at,
        case.decided_by,
        case.appealed_by,
        case.ladder,
        case.ladder_when,
    )


async def append(
    tx: Tx,
    id: CaseId,
    *,
    act: str,
    actor: MemberId | None,
    parameters: dict[str, Any],
    note: str | None,
    now: datetime,
    times: int | None,
) -> None:
    """Add one act to the history, with the row of the clocks that it was timed by; the caller holds the case's
    lock, so `n` has no gaps."""
    require_tx(tx)
    await tx.execute(
        """
        insert into case_history (case_id, n, act, actor_id, parameters, note, at, times_n)
        select $1, coalesce(max(n), 0) + 1, $2, $3, $4::jsonb, $5, $6, $7
        from case_history
        where case_id = $1
        """,
        id,
        act,
        actor,
        msgspec.json.encode(parameters).decode(),
        note,
        now,
        times,
    )


async def add_message(tx: Tx, id: CaseId, message: MessageId, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into case_message (case_id, message_id, added_at)
        values ($1, $2, $3)
        on conflict do nothing
        """,
        id,
        message,
        now,
    )


async def open_cases_of(conn: Conn, message: MessageId, *, lane: Lane | None = None) -> list[CaseId]:
    """Cases that hold this message and aren't closed; care first, the order in which cases are locked."""
    rows = await conn.fetch(
        """
        select c.id
        from case_message cm
        join moderation_case c on c.id = cm.case_id
        where cm.message_id = $1
          and c.state <> 'closed'
          and c.lane = coalesce($2, c.lane)
        order by c.lane, c.id
        """,
        message,
        lane,
    )
    return [row["id"] for row in rows]


async def is_masked_by_a_person(conn: Conn, message: MessageId) -> bool:
    """Whether the last decision on this message was to hide a part of it."""
    return bool(
        await conn.fetchval(
            """
            select h.parameters ->> 'decision' = 'mask'
            from case_message cm
            join moderation_case c on c.id = cm.case_id
            join case_history h on h.case_id = c.id and h.act = 'decided'
            where cm.message_id = $1
              and coalesce((h.parameters ->> 'message')::uuid, c.message_id) = $1
              and h.parameters ->> 'decision' <> 'close'
            order by h.at desc, h.n desc
            limit 1
            """,
            message,
        )
    )


async def lock_due(tx: Tx, *, now: datetime, limit: int, besides: Sequence[CaseId] = ()) -> list[CaseId]:
    """Open cases whose clock ran out, locked; those that another process has in hand are left to it."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        select id
        from moderation_case
        where due_at <= $1
          and state <> 'closed'
          and id <> all($3::uuid[])
        order by due_at, id
        limit $2
        for no key update skip locked
        """,
        now,
        limit,
        list(besides),
    )
    return [row["id"] for row in rows]


async def copy_messages(tx: Tx, *, source: CaseId, target: CaseId) -> None:
    """Let the messages of one case stand in another as well; the caller holds both locks."""
    require_tx(tx)
    await tx.execute(
        """
        insert into case_message (case_id, message_id, added_at)
        select $2, message_id, added_at
        from case_message
        where case_id = $1
        on conflict do nothing
        """,
        source,
        target,
    )


async def drop_messages(tx: Tx, id: CaseId, messages: Sequence[MessageId]) -> None:
    """Take messages out of a case; the caller holds its lock and writes why."""
    require_tx(tx)
    await tx.execute(
        "delete from case_message where case_id = $1 and message_id = any($2::uuid[])", id, list(messages)
    )


async def set_merged(tx: Tx, id: CaseId, into: CaseId | None) -> None:
    """Where later findings of a joined case go. `into` is open and leads nowhere else, so chains end."""
    require_tx(tx)
    await tx.execute("update moderation_case set merged_into = $2 where id = $1", id, into)


async def every_id(conn: Conn) -> list[CaseId]:
    """All cases, for whoever checks each against its history."""
    rows = await conn.fetch("select id from moderation_case order by id")
    return [row["id"] for row in rows]


async def history(conn: Conn, id: CaseId, *, limit: int = 2_000) -> list[HistoryRow]:
    """What happened last, oldest first."""
    rows = await conn.fetch(
        """
        select * from (
        select h.n, h.act, h.actor_id, m.handle, h.parameters, h.note, h.at, k.n as times_n, k.times::text as times
        from case_history h
        left join member m on m.id = h.actor_id
        left join case_times k on k.n = h.times_n
        where h.case_id = $1
        order by h.n desc
        limit $2) newest
        order by n
        """,
        id,
        limit,
    )
    return [history_row(row) for row in rows]


def history_row(row: Any) -> HistoryRow:
    n, act, actor, handle, parameters, note, at, times_n, times = row
    return HistoryRow(
        n, act, actor, handle, msgspec.json.decode(parameters), note, at, times_of(times_n, times)
    )


def case_row(row: Any) -> CaseRow | None:
    if row is None:
        return None
    case = Case(
        lane=row["lane"],
        decided_by=row["decided_by"],
        appealed_by=row["appealed_by"],
        ladder=row["ladder"],
        ladder_when=row["ladder_when"],
        tier=Tier[row["tier"]],
        state=row["state"],
        version=row["version"],
        owner=row["owner_id"],
        lease_until=row["lease_until"],
        opened_at=row["opened_at"],
        raised_at=row["raised_at"],
        due_at=row["due_at"],
        touched_at=row["touched_at"],
        closed_at=row["closed_at"],
        messages=tuple(row["messages"]),
        rules=frozenset(msgspec.json.decode(row["rules"])),
        waits=row["waits"],
        times=times_of(row["times_n"], row["times"]),
    )
    return CaseRow(
        row["id"],
        row["team_id"],
        row["group_id"],
        row["member_id"],
        row["message_id"],
        case,
        row["merged_into"],
    )
