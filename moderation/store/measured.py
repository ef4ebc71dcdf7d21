"""What a rehearsal learns from: how many cases came, how soon people answered, and how soon words followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn
from community.ids import MemberId, TeamId
from community.store.rows import many


async def arrivals(conn: Conn, team: TeamId, *, since: datetime) -> dict[str, int]:
    """Care cases by tier that opened since then; the canary isn't one."""
    rows = await conn.fetch(
        """
        select tier, count(*) as n
        from moderation_case
        where team_id = $1
          and lane = 'care'
          and opened_at > $2
          and not canary
        group by tier
        """,
        team,
        since,
    )
    return {row["tier"]: row["n"] for row in rows}


@dataclass(frozen=True, slots=True)
class Asked:
    """One person asked for the first time by one page. `by_another`: somebody else answered it."""

    member: MemberId
    at: datetime
    on_duty: bool
    answered_at: datetime | None
    by_another: bool


async def asked(conn: Conn, team: TeamId, *, since: datetime) -> list[Asked]:
    """Who was asked by pages of real cases since then, oldest first; tests and the canary ask nobody."""
    rows = await conn.fetch(
        """
        select a.member_id, min(a.made_at) as at,
               exists (select 1 from shift s
                       where s.member_id = a.member_id and s.team_id = $1
                         and s.starts_at <= min(a.made_at) and s.ends_at > min(a.made_at)) as on_duty,
               case when p.acknowledged_by = a.member_id then p.acknowledged_at end as answered_at,
               p.acknowledged_at is not null and p.acknowledged_by is distinct from a.member_id as by_another
        from page p
        join moderation_case c on c.id = p.case_id and c.team_id = $1 and not c.canary
        join page_attempt a on a.page_id = p.id and a.member_id is not null and a.words = 'page'
        where p.opened_at > $2
        group by p.id, a.member_id
        order by at, a.member_id
        limit 20000
        """,
        team,
        since,
    )
    return many(Asked, rows)


@dataclass(frozen=True, slots=True)
class Words:
    """A claim, and when a person wrote after it."""

    claimed_at: datetime
    spoke_at: datetime | None


async def words(conn: Conn, team: TeamId, *, since: datetime) -> list[Words]:
    """Of red and crisis cases since then."""
    rows = await conn.fetch(
        """
        select h.at,
               (select min(s.at) from case_history s where s.case_id = h.case_id and s.act = 'spoke' and s.n > h.n)
        from case_history h
        join moderation_case c on c.id = h.case_id
        where c.team_id = $1
          and c.lane = 'care'
          and c.tier in ('red', 'crisis')
          and not c.canary
          and h.act = 'claimed'
          and h.at > $2
        order by h.at, h.case_id
        limit 20000
        """,
        team,
        since,
    )
    return many(Words, rows)
