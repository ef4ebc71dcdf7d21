"""Pages at their due times: taken by one process, stepped, written back. Reads what a step must know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn, Record, Tx, require_tx
from community.ids import CaseId, MemberId, PageId, TeamId
from community.store.rows import many
from moderation.oncall.paging import CaseFacts, Page
from moderation.pipeline.types import Tier
from moderation.store.queue import TIED_TO_SUBJECT
from moderation.store.stepped import WRONG
from moderation.store.teams import Seat


@dataclass(frozen=True, slots=True)
class Taken:
    """A page whose row is locked until commit."""

    id: PageId
    team: TeamId
    case: CaseId | None
    shift: UUID | None
    page: Page
    about: CaseFacts | None = None  # of a case's page that was taken


_TAKEN = """
    p.id, coalesce(p.team_id, c.team_id) as team, p.case_id, p.shift_id, p.kind, p.tier, p.opened_at,
    coalesce(p.started_at, p.opened_at) as started_at, p.due_at, p.state, p.round, p.floor,
    p.acknowledged_at, p.acknowledged_by, p.reason
"""


async def due(conn: Conn, *, now: datetime, limit: int) -> list[PageId]:
    """Pages whose time has come, most overdue first; nothing is locked yet."""
    rows = await conn.fetch("select id from page where due_at <= $1 order by due_at, id limit $2", now, limit)
    return [row["id"] for row in rows]


async def take(tx: Tx, id: PageId, *, now: datetime) -> Taken | None:
    """Lock a page that is still due, and its case. None when another process has either, or was faster.

    Never waits: who holds a case's lock may be about to lock its page, and we come from the other side.
    """
    require_tx(tx)
    row = await tx.fetchrow(
        """
        select id, team_id as team, case_id, shift_id, kind, tier, opened_at,
               coalesce(started_at, opened_at) as started_at, due_at, state, round, floor,
               acknowledged_at, acknowledged_by, reason
        from page
        where id = $1
          and due_at <= $2
        for no key update skip locked
        """,
        id,
        now,
    )
    if row is None:
        return None
    if row["case_id"] is None:
        return _taken(row, row["team"], None)
    case = await tx.fetchrow(f"select c.team_id, {_FACTS} for no key update of c skip locked", row["case_id"])
    return None if case is None else _taken(row, case["team_id"], _facts(case))


async def get(conn: Conn, id: PageId) -> Taken | None:
    """A page of any kind as it stands."""
    row = await conn.fetchrow(
        f"select {_TAKEN} from page p left join moderation_case c on c.id = p.case_id where p.id = $1",  # noqa: S608
        id,
    )
    return None if row is None else _taken(row, row["team"], None)


def _taken(r: Record, team: TeamId, about: CaseFacts | None) -> Taken:
    page = Page(
        kind=r["kind"],
        tier=Tier[str(r["tier"])],
        opened_at=r["opened_at"],
        started_at=r["started_at"],
        due_at=r["due_at"],
        state=r["state"],
        round=r["round"],
        floor=r["floor"],
        acknowledged_at=r["acknowledged_at"],
        acknowledged_by=r["acknowledged_by"],
        reason=str(r["reason"]),
    )
    return Taken(r["id"], team, r["case_id"], r["shift_id"], page, about)


async def write(tx: Tx, id: PageId, page: Page) -> None:
    """Write a step's page back; the caller holds its lock."""
    require_tx(tx)
    await tx.execute(
        """
        update page
        set tier = $2, started_at = $3, due_at = $4, state = $5, round = $6, floor = $7,
            acknowledged_at = $8, acknowledged_by = $9
        where id = $1
        """,
        id,
        page.tier.name,
        page.started_at,
        page.due_at,
        page.state,
        page.round,
        page.floor,
        page.acknowledged_at,
        page.acknowledged_by,
    )


async def add(
    tx: Tx, *, id: PageId, kind: str, team: TeamId, about: str, shift: UUID | None, now: datetime
) -> bool:
    """A test or gap page, due at once. False when there is one about this already."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into page (id, kind, team_id, shift_id, about, tier, reason, opened_at, due_at)
        values ($1, $2, $3, $4, $5, 'red', $2, $6, $6)
        on conflict (team_id, kind, about) where about is not null do nothing
        returning id
        """,
        id,
        kind,
        team,
        shift,
        about,
        now,
    )
    return done is not None


async def acknowledge(tx: Tx, id: PageId, by: MemberId | None, *, now: datetime) -> bool:
    """Answer a page that is about no case. False when it was answered, or over, before."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        update page
        set state = 'acknowledged', due_at = $3, acknowledged_at = $3, acknowledged_by = $2
        where id = $1
          and state = 'waiting'
        returning id
        """,
        id,
        by,
        now,
    )
    return done is not None


async def bump(tx: Tx, id: PageId, *, round: int, top: int, now: datetime) -> bool:
    """Nobody who was asked can be reached: the next rung, now. Once a round, and never past the top."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        update page
        set floor = least(floor + 1, $3), due_at = $4
        where id = $1
          and state = 'waiting'
          and round = $2
          and floor < $3
        returning id
        """,
        id,
        round,
        top,
        now,
    )
    return done is not None


async def sooner(tx: Tx, id: PageId, *, now: datetime) -> None:
    """It isn't known whether a page left the house: the next round is now."""
    require_tx(tx)
    await tx.execute(
        "update page set due_at = least(due_at, $2) where id = $1 and state = 'waiting'", id, now
    )


async def silent_cases(conn: Conn, *, limit: int) -> list[CaseId]:
    """Urgent care cases that nobody holds and for which no page runs. No code path should leave one; this
    finds them whatever it was."""
    rows = await conn.fetch(
        """
        select c.id
        from moderation_case c
        where c.lane = 'care'
          and c.tier in ('red', 'crisis')
          and c.state in ('open', 'paged')
          and not exists (select 1 from page p where p.case_id = c.id and p.state <> 'ended')
        order by c.raised_at, c.id
        limit $1
        """,
        limit,
    )
    return [row["id"] for row in rows]


async def given_back(tx: Tx, *, now: datetime) -> None:
    """Acknowledged pages whose case nobody has any more are due now."""
    require_tx(tx)
    await tx.execute(
        """
        update page
        set due_at = $1
        where id in (
          select p.id
          from page p
          join moderation_case c on c.id = p.case_id
          where p.state = 'acknowledged'
            and p.acknowledged_by is not null
            and p.due_at > $1
            and c.state in ('open', 'paged')
          order by p.id
          limit 200
          for no key update of p skip locked)
        """,
        now,
    )


_FACTS = f"""
    c.state = 'closed' as closed,
    c.member_id as subject,
    exists (select 1 from team_member t where t.team_id = c.team_id and t.member_id = c.member_id)
      as subject_is_staff,
    (select max(h.at) from case_history h where h.case_id = c.id and h.act = 'spoke') as spoke_at,
    c.state in ('open', 'paged') as unheld,
    c.canary,
    array({TIED_TO_SUBJECT}) as tied,
    array(select distinct h.parameters ->> 'by' from case_history h
          where h.case_id = c.id and h.act = 'released' and h.parameters ->> 'passed' = 'true'
            and h.at >= c.raised_at)::uuid[] as passed_by
    from moderation_case c
    where c.id = $1
"""  # noqa: S608
"""What a page's step must know of its case, read with the case's lock."""


def _facts(row: Record) -> CaseFacts:
    return CaseFacts(
        closed=row["closed"],
        subject=row["subject"],
        subject_is_staff=row["subject_is_staff"],
        spoke_at=row["spoke_at"],
        unheld=row["unheld"],
        canary=row["canary"],
        tied=frozenset(row["tied"]),
        passed_by=frozenset(row["passed_by"]),
    )


async def loads(conn: Conn, team: TeamId, *, now: datetime) -> dict[MemberId, int]:
    """Crisis cases that each person holds now."""
    rows = await conn.fetch(
        """
        select owner_id, count(*) as held
        from moderation_case
        where team_id = $1
          and lane = 'care'
          and tier = 'crisis'
          and state <> 'closed'
          and owner_id is not null
          and lease_until > $2
        group by owner_id
        """,
        team,
        now,
    )
    return {row["owner_id"]: row["held"] for row in rows}


async def askable(conn: Conn, team: TeamId) -> list[Seat]:
    """Seats of the team whose people are neither suspended nor gone."""
    rows = await conn.fetch(
        """
        select t.team_id, t.member_id, m.handle, t.care, t.conduct, t.lead
        from team_member t
        join member m on m.id = t.member_id
        where t.team_id = $1
          and m.suspended_at is null
          and m.erased_at is null
        order by t.member_id
        """,
        team,
    )
    return many(Seat, rows)


async def operators(conn: Conn) -> list[MemberId]:
    """Who runs the machine; they are asked where a team isn't there yet."""
    rows = await conn.fetch(
        """
        select id
        from member
        where is_operator
          and suspended_at is null
          and erased_at is null
        order by created_at, id
        limit 20
        """
    )
    return [row["id"] for row in rows]


async def shift_holder(conn: Conn, shift: UUID) -> MemberId | None:
    return await conn.fetchval("select member_id from shift where id = $1", shift)  # type: ignore[no-any-return]


async def take_over(tx: Tx, shift: UUID, *, now: datetime) -> None:
    """The shift's test page stayed unanswered: its secondary goes first."""
    require_tx(tx)
    await tx.execute(
        "update shift set taken_over_at = $2 where id = $1 and taken_over_at is null", shift, now
    )


async def beat(tx: Tx, name: str, *, now: datetime) -> None:
    """A sign of life; never set back by a slow process, but by a clock that was wrong: its sign would hide our
    end."""
    require_tx(tx)
    await tx.execute(
        """
        insert into heartbeat (name, at)
        values ($1, $2)
        on conflict (name) do update
        set at = case when heartbeat.at > excluded.at + $3::interval then excluded.at
                      else greatest(heartbeat.at, excluded.at) end
        """,
        name,
        now,
        WRONG,
    )


async def last_beat(conn: Conn, name: str) -> datetime | None:
    value: datetime | None = await conn.fetchval("select at from heartbeat where name = $1", name)
    return value


async def oldest_due(conn: Conn) -> datetime | None:
    """Due time of the page that is most overdue, or will be next."""
    value: datetime | None = await conn.fetchval("select min(due_at) from page")
    return value


async def unasked(conn: Conn) -> bool:
    """Whether a page waits that has had its turn and asked nobody: there was nobody to ask."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1 from page p
              left join moderation_case c on c.id = p.case_id
              where p.state = 'waiting'
                and p.kind in ('case', 'complaint')
                and p.round > 0
                and not coalesce(c.canary, false)
                and not exists (
                  select 1 from page_attempt a
                  where a.page_id = p.id and (a.member_id is not null or a.channel_id is not null)))
            """
        )
    )


async def may_alarm(tx: Tx, kind: str, *, now: datetime, quiet_since: datetime | None) -> bool:
    """Claim an alarm: True for one process alone, and not again while it is quiet (None: never again)."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into alarm (kind, at)
        values ($1, $2)
        on conflict (kind) do update
        set at = excluded.at
        where alarm.at <= $3
        returning kind
        """,
        kind,
        now,
        quiet_since,
    )
    return done is not None
