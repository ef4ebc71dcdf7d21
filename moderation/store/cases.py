"""Cases: the derived row, its append-only history, and the messages it joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, GroupId, MemberId, MessageId, TeamId
from community.store.rows import many
from moderation.cases import Case
from moderation.pipeline.types import Tier


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with its place in the organisation: who it is about and which team has it."""

    id: CaseId
    team_id: TeamId
    group_id: GroupId | None
    member_id: MemberId | None
    message_id: MessageId | None
    case: Case


@dataclass(frozen=True, slots=True)
class HistoryRow:
    n: int
    act: str
    actor_id: MemberId | None
    actor_handle: str | None
    parameters: dict[str, Any]
    note: str | None
    at: datetime


_CASE = """
    c.id, c.team_id, c.group_id, c.member_id, c.message_id, c.lane, c.tier, c.state, c.version, c.owner_id,
    c.lease_until, c.opened_at, c.raised_at, c.due_at, c.touched_at, c.closed_at,
    array(select cm.message_id from case_message cm where cm.case_id = c.id order by cm.added_at, cm.message_id)
      as messages,
    coalesce((select h.parameters -> 'rules' from case_history h
              where h.case_id = c.id and h.parameters ? 'rules' order by h.n desc limit 1), '[]') as rules
"""
# Every act that brings rules writes the whole set known after it, so the last one is the present set.


async def get(conn: Conn, id: CaseId) -> CaseRow | None:
    row = await conn.fetchrow(f"select {_CASE} from moderation_case c where c.id = $1", id)  # noqa: S608
    return _row(row)


async def lock(tx: Tx, id: CaseId) -> CaseRow | None:
    """The case, its row locked until commit: what is decided on it still holds when it is written."""
    require_tx(tx)
    await tx.fetchval("select id from moderation_case where id = $1 for update", id)
    return await get(tx, id)


async def lock_care(tx: Tx, member: MemberId, team: TeamId, *, closed_since: datetime) -> CaseRow | None:
    """The person's open care case in this team, or the latest one closed since then; locked."""
    require_tx(tx)
    id = await tx.fetchval(
        """
        select id
        from moderation_case
        where lane = 'care'
          and member_id = $1
          and team_id = $2
          and (state <> 'closed' or closed_at > $3)
        order by state <> 'closed' desc, closed_at desc
        limit 1
        for update
        """,
        member,
        team,
        closed_since,
    )
    return None if id is None else await get(tx, id)


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
        for update
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
            due_at = $8, touched_at = $9, closed_at = $10
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
) -> None:
    """Add one act to the history; the caller holds the case's lock, so `n` has no gaps."""
    require_tx(tx)
    await tx.execute(
        """
        insert into case_history (case_id, n, act, actor_id, parameters, note, at)
        select $1, coalesce(max(n), 0) + 1, $2, $3, $4::jsonb, $5, $6
        from case_history
        where case_id = $1
        """,
        id,
        act,
        actor,
        msgspec.json.encode(parameters).decode(),
        note,
        now,
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


async def open_cases_of(conn: Conn, message: MessageId) -> list[CaseId]:
    """Cases that hold this message and aren't closed."""
    rows = await conn.fetch(
        """
        select c.id
        from case_message cm
        join moderation_case c on c.id = cm.case_id
        where cm.message_id = $1
          and c.state <> 'closed'
        order by c.id
        """,
        message,
    )
    return [row["id"] for row in rows]


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a moderator may see and wants to: teams for the care lane, groups for conduct."""

    care_teams: Sequence[TeamId]
    conduct_groups: Sequence[GroupId]
    conduct_teams: Sequence[TeamId]
    lane: str | None = None
    state: str | None = None
    not_about: MemberId | None = None  # a case never shows itself to its subject


async def queue(conn: Conn, wanted: QueueFilter, *, offset: int, limit: int) -> list[CaseRow]:
    """Most urgent first, then longest waiting: never an amber above a red."""
    rows = await conn.fetch(
        f"""
        select {_CASE}
        from moderation_case c
        left join message s on s.id = c.message_id
        where ((c.lane = 'care' and c.team_id = any($1::uuid[]))
            or (c.lane = 'conduct' and (c.group_id = any($2::uuid[]) or c.team_id = any($3::uuid[]))))
          and ($4::text is null or c.lane = $4)
          and case when $5::text is null then c.state <> 'closed' else c.state = $5 end
          and c.member_id is distinct from $6
          and (c.lane = 'care' or s.author_id is distinct from $6)
        order by c.lane,
                 array_position(array['crisis', 'red', 'amber', 'green'], c.tier),
                 c.raised_at, c.id
        offset $7
        limit $8
        """,  # noqa: S608
        list(wanted.care_teams),
        list(wanted.conduct_groups),
        list(wanted.conduct_teams),
        wanted.lane,
        wanted.state,
        wanted.not_about,
        offset,
        limit,
    )
    return [found for row in rows if (found := _row(row)) is not None]


async def reporters(conn: Conn, messages: Sequence[MessageId]) -> list[MemberId]:
    """Members who flagged any of these messages."""
    rows = await conn.fetch(
        """
        select distinct member_id
        from flag
        where message_id = any($1::uuid[])
          and member_id is not null
        order by member_id
        """,
        list(messages),
    )
    return [row["member_id"] for row in rows]


async def history(conn: Conn, id: CaseId) -> list[HistoryRow]:
    rows = await conn.fetch(
        """
        select h.n, h.act, h.actor_id, m.handle, h.parameters, h.note, h.at
        from case_history h
        left join member m on m.id = h.actor_id
        where h.case_id = $1
        order by h.n
        limit 2000
        """,
        id,
    )
    return many(HistoryRow, [_decoded(row, 4) for row in rows])


def _decoded(row: Any, column: int) -> list[Any]:
    values = list(row)
    values[column] = msgspec.json.decode(values[column])
    return values


def _row(row: Any) -> CaseRow | None:
    if row is None:
        return None
    case = Case(
        lane=row["lane"],
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
    )
    return CaseRow(row["id"], row["team_id"], row["group_id"], row["member_id"], row["message_id"], case)
