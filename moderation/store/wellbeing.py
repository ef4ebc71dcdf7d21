"""What moderators carried: exposure, breaks, debriefs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, TeamId, new_id
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class View:
    case_id: CaseId
    tier: str
    at: datetime


async def seen(tx: Tx, member: MemberId, view: View, *, since: datetime) -> bool:
    """Count an opening of a case's words. False when the same one was counted since then."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into exposure (member_id, case_id, tier, at)
        select $1, $2, $3, $4
        where not exists (
          select 1 from exposure where member_id = $1 and case_id = $2 and at > $5)
        on conflict do nothing
        returning 1
        """,
        member,
        view.case_id,
        view.tier,
        view.at,
        since,
    )
    return done is not None


async def views(conn: Conn, member: MemberId, *, since: datetime) -> list[View]:
    rows = await conn.fetch(
        "select case_id, tier, at from exposure where member_id = $1 and at > $2 order by at limit 1000",
        member,
        since,
    )
    return many(View, rows)


async def last_break(conn: Conn, member: MemberId) -> datetime | None:
    """When this person's last break ends or ended."""
    value: datetime | None = await conn.fetchval(
        "select max(ends_at) from moderator_break where member_id = $1", member
    )
    return value


async def add_break(tx: Tx, member: MemberId, *, starts: datetime, ends: datetime, why: str) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into moderator_break (member_id, starts_at, ends_at, why)
        values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        member,
        starts,
        ends,
        why,
    )


async def spared_news(conn: Conn, member: MemberId, case: CaseId, *, now: datetime) -> bool:
    """Whether this person is on a break and nobody has asked them for this case since it began."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1
              from moderator_break b
              where b.member_id = $1
                and b.starts_at <= $3
                and b.ends_at > $3
                and not exists (
                  select 1
                  from page p
                  join page_attempt a on a.page_id = p.id
                  where p.case_id = $2
                    and p.state = 'waiting'
                    and a.member_id = $1
                    and a.made_at >= b.starts_at))
            """,
            member,
            case,
            now,
        )
    )


async def resting(conn: Conn, members: Collection[MemberId], *, now: datetime) -> set[MemberId]:
    """Those of `members` who are on a break: page others first."""
    rows = await conn.fetch(
        """
        select distinct member_id
        from moderator_break
        where member_id = any($1::uuid[])
          and starts_at <= $2
          and ends_at > $2
        """,
        list(members),
        now,
    )
    return {row["member_id"] for row in rows}


async def offer_debriefs(tx: Tx, case: CaseId, *, now: datetime) -> list[MemberId]:
    """Offer to talk it over to everyone who worked on the case; whom it was offered to just now."""
    require_tx(tx)
    rows = await tx.fetch(
        "select distinct actor_id from case_history where case_id = $1 and actor_id is not null", case
    )
    offered = []
    for row in rows:
        done = await tx.fetchval(
            """
            insert into debrief (id, member_id, case_id, offered_at)
            values ($1, $2, $3, $4)
            on conflict (member_id, case_id) do nothing
            returning member_id
            """,
            new_id(),
            row["actor_id"],
            case,
            now,
        )
        if done is not None:
            offered.append(done)
    return offered


@dataclass(frozen=True, slots=True)
class Debrief:
    id: UUID
    case_id: CaseId
    offered_at: datetime
    answer: str | None


async def debriefs(conn: Conn, member: MemberId) -> list[Debrief]:
    rows = await conn.fetch(
        """
        select id, case_id, offered_at, answer
        from debrief
        where member_id = $1
        order by offered_at desc, id
        limit 100
        """,
        member,
    )
    return many(Debrief, rows)


async def answer_debrief(tx: Tx, id: UUID, member: MemberId, answer: str, *, now: datetime) -> bool:
    require_tx(tx)
    done = await tx.fetchval(
        "update debrief set answer = $3, answered_at = $4 where id = $1 and member_id = $2 returning id",
        id,
        member,
        answer,
        now,
    )
    return done is not None


@dataclass(frozen=True, slots=True)
class Load:
    """What one person carried in a span of time. Listed by name, never ranked."""

    member_id: MemberId
    handle: str | None
    urgent_opened: int
    cases_held: int
    breaks: int
    debriefs_waiting: int


async def load_of(conn: Conn, team: TeamId, *, since: datetime) -> list[Load]:
    rows = await conn.fetch(
        """
        select t.member_id, m.handle,
               (select count(distinct e.case_id) from exposure e
                 where e.member_id = t.member_id and e.at > $2 and e.tier in ('red', 'crisis')),
               (select count(*) from moderation_case c
                 where c.owner_id = t.member_id and c.state <> 'closed'),
               (select count(*) from moderator_break b where b.member_id = t.member_id and b.starts_at > $2),
               (select count(*) from debrief d where d.member_id = t.member_id and d.answer is null)
        from team_member t
        join member m on m.id = t.member_id
        where t.team_id = $1
          and m.erased_at is null
        order by lower(m.handle), t.member_id
        limit 500
        """,
        team,
        since,
    )
    return many(Load, rows)
