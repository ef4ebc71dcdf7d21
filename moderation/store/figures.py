"""Counts for statistics and the transparency report. The canary's made-up cases are in none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, TeamId, VerdictId
from community.store.rows import many

CASES_MAX = 20_000


async def care_cases(conn: Conn, teams: Sequence[TeamId], *, start: datetime, end: datetime) -> list[CaseId]:
    """Care cases that were opened or changed in the time between."""
    rows = await conn.fetch(
        """
        select id
        from moderation_case
        where lane = 'care'
          and not canary
          and team_id = any($1::uuid[])
          and opened_at < $3
          and touched_at >= $2
        order by opened_at, id
        limit $4
        """,
        list(teams),
        start,
        end,
        CASES_MAX,
    )
    return [row["id"] for row in rows]


async def pages_sent(conn: Conn, cases: Sequence[CaseId]) -> dict[CaseId, list[datetime]]:
    """When pages about these cases left."""
    rows = await conn.fetch(
        """
        select p.case_id, a.sent_at
        from page p
        join page_attempt a on a.page_id = p.id
        where p.case_id = any($1::uuid[])
          and a.sent_at is not null
          and a.words <> 'answered'
        order by a.sent_at
        """,
        list(cases),
    )
    found: dict[CaseId, list[datetime]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row["sent_at"])
    return found


async def counts(conn: Conn, teams: Sequence[TeamId], *, start: datetime, end: datetime) -> dict[str, int]:
    """What happened to words and people in the time between, by name of the count."""
    row = await conn.fetchrow(
        """
        select
          (select count(*) from message m where m.created_at >= $2 and m.created_at < $3
             and m.conversation_id is not null) as messages,
          (select count(*) from message m join verdict v on v.id = m.verdict_id
             where m.created_at >= $2 and m.created_at < $3 and v.outcome = 'hold') as held,
          (select count(*) from message m where m.created_at >= $2 and m.created_at < $3
             and m.state = 'masked') as masked,
          (select count(*) from message m where m.created_at >= $2 and m.created_at < $3
             and m.state = 'removed') as removed,
          (select count(*) from flag f where f.at >= $2 and f.at < $3 and f.kind = 'worried') as flags_worried,
          (select count(*) from flag f where f.at >= $2 and f.at < $3 and f.kind <> 'worried') as flags_rules,
          (select count(*) from moderation_case c where c.team_id = any($1::uuid[]) and not c.canary
             and c.lane = 'care' and c.opened_at >= $2 and c.opened_at < $3) as care_cases,
          (select count(*) from moderation_case c where c.team_id = any($1::uuid[])
             and c.lane = 'conduct' and c.opened_at >= $2 and c.opened_at < $3) as conduct_cases,
          (select count(*) from appeal a where a.at >= $2 and a.at < $3) as appeals,
          (select count(*) from appeal a where a.at >= $2 and a.at < $3 and a.state = 'overturned') as overturned
        """,
        list(teams),
        start,
        end,
    )
    assert row is not None, "a select without from has one row"
    return dict(row)


@dataclass(frozen=True, slots=True)
class RulePrecision:
    """How often moderators found a rule right, of the findings that they judged."""

    rule: str
    right: int
    judged: int
    found: int


async def precision(conn: Conn, *, start: datetime, end: datetime) -> list[RulePrecision]:
    rows = await conn.fetch(
        """
        select f.rule, count(*) filter (where r.is_right), count(r.verdict_id), count(*)
        from finding f
        join verdict v on v.id = f.verdict_id
        left join finding_review r on r.verdict_id = f.verdict_id and r.n = f.n
        where v.at >= $1
          and v.at < $2
        group by f.rule
        order by f.rule
        limit 2000
        """,
        start,
        end,
    )
    return many(RulePrecision, rows)


async def review(
    tx: Tx, finding: tuple[VerdictId, int], by: MemberId, *, is_right: bool, now: datetime
) -> bool:
    """A moderator's verdict on one finding; the latest counts. False when there is no such finding."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into finding_review (verdict_id, n, member_id, is_right, at)
        select verdict_id, n, $3, $4, $5
        from finding
        where verdict_id = $1
          and n = $2
        on conflict (verdict_id, n) do update
        set member_id = excluded.member_id, is_right = excluded.is_right, at = excluded.at
        returning n
        """,
        *finding,
        by,
        is_right,
        now,
    )
    return done is not None


@dataclass(frozen=True, slots=True)
class WorriedPattern:
    """Somebody whose worried flags often turned out not to be care. For the lead to think about: never a
    penalty."""

    member_id: MemberId
    handle: str | None
    flags: int
    unfounded: int


async def worried_patterns(conn: Conn, teams: Sequence[TeamId], *, since: datetime) -> list[WorriedPattern]:
    rows = await conn.fetch(
        """
        select f.member_id, m.handle, count(*), count(*) filter (where h.parameters ->> 'reason' = 'not_care')
        from flag f
        join member m on m.id = f.member_id
        join case_message cm on cm.message_id = f.message_id
        join moderation_case c on c.id = cm.case_id and c.lane = 'care' and c.team_id = any($1::uuid[])
        left join lateral (
          select parameters from case_history
          where case_id = c.id and act = 'closed' order by n desc limit 1) h on true
        where f.kind = 'worried'
          and f.at > $2
        group by f.member_id, m.handle
        having count(*) filter (where h.parameters ->> 'reason' = 'not_care') >= 3
        order by m.handle, f.member_id
        limit 100
        """,
        list(teams),
        since,
    )
    return many(WorriedPattern, rows)


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What happened to words on one local day."""

    day: date
    held: int
    masked: int
    appeals: int
    overturned: int


async def by_day(conn: Conn, zone: str, *, start: datetime, end: datetime) -> list[DayCounts]:
    """Holds, masks, appeals and overturned decisions by day of the organisation's zone; days without any
    are left out. An overturned decision counts on the day of its appeal."""
    rows = await conn.fetch(
        """
        select day, count(*) filter (where kind = 'held'), count(*) filter (where kind = 'masked'),
               count(*) filter (where kind in ('appeal', 'overturned')),
               count(*) filter (where kind = 'overturned')
        from (
          select (m.created_at at time zone $1)::date as day, 'held' as kind
          from message m join verdict v on v.id = m.verdict_id
          where m.created_at >= $2 and m.created_at < $3 and v.outcome = 'hold'
          union all
          select (m.created_at at time zone $1)::date, 'masked'
          from message m
          where m.created_at >= $2 and m.created_at < $3 and m.state = 'masked'
          union all
          select (a.at at time zone $1)::date, case when a.state = 'overturned' then 'overturned' else 'appeal' end
          from appeal a
          where a.at >= $2 and a.at < $3) happened
        group by day
        order by day
        limit 1000
        """,
        zone,
        start,
        end,
    )
    return many(DayCounts, rows)
