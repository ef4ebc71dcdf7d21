"""Moderation teams: who has which seat, and which groups a member moderates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import GroupId, MemberId, TeamId
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class Seat:
    team_id: TeamId
    member_id: MemberId
    handle: str | None
    care: bool
    conduct: bool
    lead: bool


async def all_teams(conn: Conn) -> list[TeamId]:
    rows = await conn.fetch("select id from team order by created_at, id")
    return [row["id"] for row in rows]


async def seats_of(conn: Conn, member: MemberId) -> list[Seat]:
    rows = await conn.fetch(
        """
        select t.team_id, t.member_id, m.handle, t.care, t.conduct, t.lead
        from team_member t
        join member m on m.id = t.member_id
        where t.member_id = $1
          and m.suspended_at is null
          and m.erased_at is null
        order by t.team_id
        """,
        member,
    )
    return many(Seat, rows)


async def seats(conn: Conn, team: TeamId) -> list[Seat]:
    rows = await conn.fetch(
        """
        select t.team_id, t.member_id, m.handle, t.care, t.conduct, t.lead
        from team_member t
        join member m on m.id = t.member_id
        where t.team_id = $1
          and m.erased_at is null
        order by lower(m.handle), t.member_id
        """,
        team,
    )
    return many(Seat, rows)


async def moderated_groups(conn: Conn, member: MemberId) -> list[GroupId]:
    """Groups in which the member is moderator or owner."""
    rows = await conn.fetch(
        """
        select group_id
        from membership
        where member_id = $1
          and state = 'member'
          and role in ('moderator', 'owner')
          and banned_at is null
        order by group_id
        """,
        member,
    )
    return [row["group_id"] for row in rows]


async def put_seat(tx: Tx, team: TeamId, seat: Seat, *, now: datetime) -> None:
    require_tx(tx)
    if not (seat.care or seat.conduct or seat.lead):
        await tx.execute(
            "delete from team_member where team_id = $1 and member_id = $2", team, seat.member_id
        )
        return
    await tx.execute(
        """
        insert into team_member (team_id, member_id, care, conduct, lead, since)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (team_id, member_id) do update
        set care = excluded.care, conduct = excluded.conduct, lead = excluded.lead
        """,
        team,
        seat.member_id,
        seat.care,
        seat.conduct,
        seat.lead,
        now,
    )


async def subject_of(conn: Conn, message: object) -> MemberId | None:
    """The author of a message: whom a conduct case about it is about."""
    value: MemberId | None = await conn.fetchval("select author_id from message where id = $1", message)
    return value
