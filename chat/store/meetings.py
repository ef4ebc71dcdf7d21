"""Meetings and what happened in them. Acts are numbered under the meeting's row lock and never changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chat.airtime import Said
from chat.turns import RUNS_MAX, WAITS_MAX, Act
from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId
from community.store.rows import many, one

PLANNED_MAX = 20


@dataclass(frozen=True, slots=True)
class MeetingRow:
    id: UUID
    conversation_id: ConversationId
    planned_by: MemberId | None
    starts_at: datetime
    time_zone: str
    share_minutes: int
    agenda: Sequence[str]
    cancelled_at: datetime | None = None


_COLUMNS = "id, conversation_id, planned_by, starts_at, time_zone, share_minutes, agenda, cancelled_at"


async def add(tx: Tx, meeting: MeetingRow, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into meeting
          (id, conversation_id, planned_by, starts_at, time_zone, share_minutes, agenda, planned_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        meeting.id,
        meeting.conversation_id,
        meeting.planned_by,
        meeting.starts_at,
        meeting.time_zone,
        meeting.share_minutes,
        list(meeting.agenda),
        now,
    )


async def get(conn: Conn, id: UUID) -> MeetingRow | None:
    row = await conn.fetchrow(f"select {_COLUMNS} from meeting where id = $1", id)  # noqa: S608
    return one(MeetingRow, row)


async def coming(conn: Conn, room: ConversationId, *, now: datetime) -> list[MeetingRow]:
    """The room's meetings that may be running or still to come, soonest first."""
    rows = await conn.fetch(
        f"""
        select {_COLUMNS}
        from meeting m
        where conversation_id = $1
          and cancelled_at is null
          and (starts_at > $2
               or exists (select 1 from meeting_act a
                          where a.meeting_id = m.id and a.kind = 'begin' and a.at > $3))
          and not exists (select 1 from meeting_act a where a.meeting_id = m.id and a.kind = 'end')
        order by starts_at, id
        limit $4
        """,  # noqa: S608
        room,
        now - WAITS_MAX,
        now - RUNS_MAX,
        PLANNED_MAX,
    )
    return many(MeetingRow, rows)


async def change(tx: Tx, meeting: MeetingRow) -> None:
    """Another time, zone, agenda or length of a share. The caller holds the room's lock."""
    require_tx(tx)
    await tx.execute(
        """
        update meeting
        set starts_at = $2, time_zone = $3, share_minutes = $4, agenda = $5
        where id = $1 and cancelled_at is null
        """,
        meeting.id,
        meeting.starts_at,
        meeting.time_zone,
        meeting.share_minutes,
        list(meeting.agenda),
    )


async def cancel(tx: Tx, id: UUID, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute("update meeting set cancelled_at = $2 where id = $1 and cancelled_at is null", id, now)


async def lock_room(tx: Tx, room: ConversationId) -> None:
    """One act at a time in a room, so that acts are numbered without gaps and two meetings can't begin at
    once. The room's row, not the conversation's: words must not wait for hands."""
    require_tx(tx)
    await tx.execute("select 1 from room where conversation_id = $1 for no key update", room)


async def acts(conn: Conn, ids: Collection[UUID]) -> dict[UUID, list[Act]]:
    """What happened in these meetings, in order."""
    rows = await conn.fetch(
        """
        select meeting_id, kind, member_id, at
        from meeting_act
        where meeting_id = any($1::uuid[])
        order by meeting_id, n
        """,
        list(ids),
    )
    found: dict[UUID, list[Act]] = {id: [] for id in ids}
    for row in rows:
        found[row["meeting_id"]].append(Act(row["kind"], row["member_id"], row["at"]))
    return found


async def add_act(tx: Tx, id: UUID, act: Act) -> None:
    """The caller holds the room's lock."""
    require_tx(tx)
    await tx.execute(
        """
        insert into meeting_act (meeting_id, n, kind, member_id, at)
        select $1, coalesce(max(n), 0) + 1, $2, $3, $4
        from meeting_act
        where meeting_id = $1
        """,
        id,
        act.kind,
        act.member,
        act.at,
    )


async def said_since(
    conn: Conn, room: ConversationId, *, since: datetime, until: datetime | None
) -> list[Said]:
    """How much each person has published in the room in this time; nothing of what."""
    rows = await conn.fetch(
        """
        select author_id, count(*)::int as lines, sum(char_length(shown))::int as chars
        from message
        where conversation_id = $1
          and seq is not null
          and state in ('visible', 'masked')
          and author_id is not null
          and created_at >= $2
          and created_at <= coalesce($3, 'infinity'::timestamptz)
        group by author_id
        """,
        room,
        since,
        until,
    )
    return [Said(row["author_id"], row["lines"], row["chars"]) for row in rows]


async def facilitators(conn: Conn, group: GroupId) -> frozenset[MemberId]:
    rows = await conn.fetch(
        """
        select member_id
        from membership
        where group_id = $1
          and state = 'member'
          and role in ('facilitator', 'moderator', 'owner')
        """,
        group,
    )
    return frozenset(row["member_id"] for row in rows)


async def acts_of(conn: Conn, member: MemberId) -> list[tuple[ConversationId, str, datetime]]:
    """For a person's own export."""
    rows = await conn.fetch(
        """
        select m.conversation_id, a.kind, a.at
        from meeting_act a
        join meeting m on m.id = a.meeting_id
        where a.member_id = $1
        order by a.at, a.n
        limit 10000
        """,
        member,
    )
    return [(row["conversation_id"], row["kind"], row["at"]) for row in rows]


async def drop_of(tx: Tx, member: MemberId) -> None:
    """Erasure. That somebody had the turn stays, who it was goes."""
    require_tx(tx)
    await tx.execute("update meeting_act set member_id = null where member_id = $1", member)
    await tx.execute("update meeting set planned_by = null where planned_by = $1", member)


async def set_slow(tx: Tx, room: ConversationId, seconds: int) -> None:
    """How many seconds lie between two messages of one person in this room."""
    require_tx(tx)
    await tx.execute("update conversation set slow_seconds = $2 where id = $1", room, seconds)


async def slow_of(conn: Conn, room: ConversationId) -> int:
    value: int | None = await conn.fetchval("select slow_seconds from conversation where id = $1", room)
    return value or 0
