"""Who means to come to a meeting, and whom to remind of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, MemberId
from community.store.rows import many

BATCH = 200


@dataclass(frozen=True, slots=True)
class ToRemind:
    meeting: UUID
    member: MemberId
    room: ConversationId
    starts_at: datetime


async def come(tx: Tx, meeting: UUID, member: MemberId, *, now: datetime, is_soon: bool) -> None:
    """They mean to come. `is_soon`: it begins so soon that reminding them would be idle."""
    require_tx(tx)
    await tx.execute(
        """
        insert into meeting_coming (meeting_id, member_id, at, reminded_at)
        values ($1, $2, $3, $4)
        on conflict (meeting_id, member_id) do nothing
        """,
        meeting,
        member,
        now,
        now if is_soon else None,
    )


async def stay_away(tx: Tx, meeting: UUID, member: MemberId) -> None:
    require_tx(tx)
    await tx.execute("delete from meeting_coming where meeting_id = $1 and member_id = $2", meeting, member)


async def of_meetings(conn: Conn, ids: Collection[UUID], member: MemberId) -> dict[UUID, tuple[int, bool]]:
    """How many come to each of these, and whether this member does."""
    rows = await conn.fetch(
        """
        select meeting_id, count(*)::int as people, bool_or(member_id = $2) as mine
        from meeting_coming
        where meeting_id = any($1::uuid[])
        group by meeting_id
        """,
        list(ids),
        member,
    )
    return {row["meeting_id"]: (row["people"], row["mine"]) for row in rows}


async def who(conn: Conn, meeting: UUID) -> list[MemberId]:
    """Those who come and may still be there."""
    rows = await conn.fetch(
        """
        select c.member_id
        from meeting_coming c
        join meeting m on m.id = c.meeting_id
        join conversation v on v.id = m.conversation_id
        join membership s on s.group_id = v.group_id and s.member_id = c.member_id
        where c.meeting_id = $1 and s.state = 'member' and s.banned_at is null
        order by c.member_id
        """,
        meeting,
    )
    return [row["member_id"] for row in rows]


async def remind_again(tx: Tx, meeting: UUID, *, after: datetime, now: datetime) -> None:
    """Its time has changed: everyone is reminded of the new one, unless that is sooner than `after`."""
    require_tx(tx)
    await tx.execute(
        """
        update meeting_coming c
        set reminded_at = case when m.starts_at > $2 then null else $3::timestamptz end
        from meeting m
        where m.id = c.meeting_id and c.meeting_id = $1
        """,
        meeting,
        after,
        now,
    )


async def take_due(tx: Tx, *, now: datetime, until: datetime) -> list[ToRemind]:
    """Those to be reminded now, each taken by one process: marked in the same statement. Members who have left
    the group are passed over, and so is what has begun, been taken off, or is past."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        with due as (
          select c.meeting_id, c.member_id, m.conversation_id, m.starts_at
          from meeting_coming c
          join meeting m on m.id = c.meeting_id
          join conversation v on v.id = m.conversation_id
          join membership s on s.group_id = v.group_id and s.member_id = c.member_id
          where c.reminded_at is null
            and m.cancelled_at is null
            and m.starts_at > $1
            and m.starts_at <= $2
            and s.state = 'member'
            and s.banned_at is null
            and not exists (select 1 from meeting_act a where a.meeting_id = m.id and a.kind = 'begin')
          order by m.starts_at, c.meeting_id, c.member_id
          limit $3
          for update of c skip locked
        )
        update meeting_coming c
        set reminded_at = $1
        from due
        where c.meeting_id = due.meeting_id and c.member_id = due.member_id
        returning due.meeting_id, due.member_id, due.conversation_id, due.starts_at
        """,
        now,
        until,
        BATCH,
    )
    return many(ToRemind, rows)


async def of_member(conn: Conn, member: MemberId) -> list[tuple[ConversationId, datetime]]:
    """For a person's own export: to meetings of which rooms they meant to come, and when they said so."""
    rows = await conn.fetch(
        """
        select m.conversation_id, c.at
        from meeting_coming c
        join meeting m on m.id = c.meeting_id
        where c.member_id = $1
        order by c.at
        limit 10000
        """,
        member,
    )
    return [(row["conversation_id"], row["at"]) for row in rows]


async def drop_of(tx: Tx, member: MemberId) -> None:
    """Erasure."""
    require_tx(tx)
    await tx.execute("delete from meeting_coming where member_id = $1", member)
