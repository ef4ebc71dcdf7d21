"""Requests for a second person, broken glass, offices, checklists, clusters, memorials."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, GroupId, MemberId, TeamId, new_id
from community.store.rows import many, one
from moderation.casework.two_people import Signature

_SIGNATURE = """
    s.id, s.case_id, s.kind, s.message_id, s.asked_by, s.asked_at, s.state, s.answered_by, s.answered_at,
    s.review_due_at, s.reviewed_by, s.reviewed_at, s.review
"""


async def add(tx: Tx, row: Signature, *, reason: str) -> bool:
    """False when the same is being asked already."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into second_signature (id, case_id, kind, message_id, asked_by, asked_at, reason, state)
        values ($1, $2, $3, $4, $5, $6, $7, 'asked')
        on conflict do nothing
        returning id
        """,
        row.id,
        row.case_id,
        row.kind,
        row.message_id,
        row.asked_by,
        row.asked_at,
        reason,
    )
    return done is not None


async def lock(tx: Tx, id: UUID) -> Signature | None:
    require_tx(tx)
    row = await tx.fetchrow(
        f"select {_SIGNATURE} from second_signature s where s.id = $1 for update",  # noqa: S608
        id,
    )
    return one(Signature, row)


async def update(tx: Tx, row: Signature) -> None:
    require_tx(tx)
    await tx.execute(
        """
        update second_signature
        set state = $2, answered_by = $3, answered_at = $4, review_due_at = $5, reviewed_by = $6,
            reviewed_at = $7, review = $8
        where id = $1
        """,
        row.id,
        row.state,
        row.answered_by,
        row.answered_at,
        row.review_due_at,
        row.reviewed_by,
        row.reviewed_at,
        row.review,
    )


async def of_case(conn: Conn, case: CaseId) -> list[Signature]:
    rows = await conn.fetch(
        f"select {_SIGNATURE} from second_signature s where s.case_id = $1 order by s.asked_at, s.id limit 200",  # noqa: S608
        case,
    )
    return many(Signature, rows)


@dataclass(frozen=True, slots=True)
class Broken:
    """One opening of something sealed."""

    id: UUID
    case_id: CaseId
    member_id: MemberId | None
    by_id: MemberId
    what: Literal["contact", "context"]
    at: datetime
    tell_member_at: datetime | None
    reviewed_by: MemberId | None


_BROKEN = "b.id, b.case_id, b.member_id, b.by_id, b.what, b.at, b.tell_member_at, b.reviewed_by"


async def add_broken(tx: Tx, row: Broken, *, reason: str, others: Collection[MemberId] = ()) -> None:
    """`others`: whose words were opened beside the member's; they are told when the member is."""
    require_tx(tx)
    await tx.execute(
        """
        insert into break_glass (id, case_id, member_id, by_id, what, reason, at, tell_member_at, others)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        row.id,
        row.case_id,
        row.member_id,
        row.by_id,
        row.what,
        reason,
        row.at,
        row.tell_member_at,
        sorted(others),
    )


async def broken_in(conn: Conn, teams: list[TeamId]) -> list[Broken]:
    """What was opened in these teams' cases, newest first."""
    rows = await conn.fetch(
        f"""
        select {_BROKEN}
        from break_glass b
        join moderation_case c on c.id = b.case_id
        where c.team_id = any($1::uuid[])
        order by b.at desc, b.id
        limit 500
        """,  # noqa: S608
        teams,
    )
    return many(Broken, rows)


async def broken_case(conn: Conn, id: UUID) -> CaseId | None:
    """The case for which this was opened."""
    value: CaseId | None = await conn.fetchval("select case_id from break_glass where id = $1", id)
    return value


async def review_broken(tx: Tx, id: UUID, by: MemberId, teams: list[TeamId], *, now: datetime) -> bool:
    """Somebody else has looked at it. False when it isn't theirs to see, or their own."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        update break_glass b
        set reviewed_by = $2, reviewed_at = $3
        from moderation_case c
        where b.id = $1
          and c.id = b.case_id
          and c.team_id = any($4::uuid[])
          and b.by_id <> $2
          and b.reviewed_by is null
        returning b.id
        """,
        id,
        by,
        now,
        teams,
    )
    return done is not None


async def take_untold(tx: Tx, *, now: datetime, limit: int) -> list[MemberId]:
    """Members who are to be told by now that something of theirs was opened; each once."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        with due as (
          select id, member_id, others
          from break_glass
          where tell_member_at <= $1
          order by tell_member_at, id
          limit $2
          for update skip locked),
        told as (
          update break_glass b set tell_member_at = null, others = '{}' from due where b.id = due.id
          returning array_append(due.others, due.member_id) as ids)
        select m.id from told, unnest(told.ids) as u(id) join member m on m.id = u.id and m.erased_at is null
        """,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def set_office(tx: Tx, team: TeamId, office: str, member: MemberId, *, on: bool, now: datetime) -> None:
    require_tx(tx)
    if on:
        await tx.execute(
            "insert into office (team_id, office, member_id, since) values ($1, $2, $3, $4) on conflict do nothing",
            team,
            office,
            member,
            now,
        )
    else:
        await tx.execute(
            "delete from office where team_id = $1 and office = $2 and member_id = $3", team, office, member
        )


async def officers(conn: Conn, team: TeamId, office: str) -> list[MemberId]:
    rows = await conn.fetch(
        "select member_id from office where team_id = $1 and office = $2 order by since, member_id",
        team,
        office,
    )
    return [row["member_id"] for row in rows]


async def offices_of(conn: Conn, member: MemberId) -> list[tuple[TeamId, str]]:
    rows = await conn.fetch("select team_id, office from office where member_id = $1 order by 1, 2", member)
    return [(row["team_id"], row["office"]) for row in rows]


async def leads(conn: Conn, team: TeamId) -> list[MemberId]:
    """The team's leads; where it has none, the operators."""
    rows = await conn.fetch(
        """
        select t.member_id
        from team_member t
        where t.team_id = $1
          and t.lead
        union
        select m.id
        from member m
        where m.is_operator
          and m.erased_at is null
          and not exists (select 1 from team_member t where t.team_id = $1 and t.lead)
        """,
        team,
    )
    return [row["member_id"] for row in rows]


async def checklist(conn: Conn, team: TeamId) -> tuple[int, list[str]] | None:
    row = await conn.fetchrow(
        "select version, items from checklist where team_id = $1 order by version desc limit 1", team
    )
    return None if row is None else (row["version"], list(row["items"]))


async def put_checklist(tx: Tx, team: TeamId, items: list[str], by: MemberId, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into checklist (team_id, version, items, by_id, at)
        select $1, coalesce(max(version), 0) + 1, $2, $3, $4
        from checklist
        where team_id = $1
        """,
        team,
        items,
        by,
        now,
    )


async def new_clusters(
    tx: Tx, *, now: datetime, people_min: int, hours: int
) -> list[tuple[GroupId, TeamId, int]]:
    """Groups in which so many people came into red or crisis in the last hours; each once in that time."""
    require_tx(tx)
    await tx.execute("lock table cluster_alert in share row exclusive mode")  # two jobs at once tell once
    rows: list[Any] = await tx.fetch(
        """
        select c.group_id, c.team_id, count(distinct c.member_id)::int as people
        from moderation_case c
        where c.lane = 'care'
          and not c.canary
          and c.group_id is not null
          and c.tier in ('red', 'crisis')
          and c.raised_at > $1::timestamptz - make_interval(hours => $3)
          and not exists (
            select 1 from cluster_alert a
            where a.group_id = c.group_id and a.at > $1::timestamptz - make_interval(hours => $3))
        group by c.group_id, c.team_id
        having count(distinct c.member_id) >= $2
        order by c.group_id
        """,
        now,
        people_min,
        hours,
    )
    for row in rows:
        await tx.execute(
            "insert into cluster_alert (id, group_id, people, at) values ($1, $2, $3, $4)",
            new_id(),
            row["group_id"],
            row["people"],
            now,
        )
    return [(row["group_id"], row["team_id"], row["people"]) for row in rows]


async def add_memorial(
    tx: Tx, member: MemberId, request: UUID, *, now: datetime, watch_until: datetime
) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into memorial (member_id, request_id, at, watch_until)
        values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        member,
        request,
        now,
        watch_until,
    )


async def is_memorial(conn: Conn, member: MemberId) -> bool:
    """Whether this person has died: no follow-up, digest or mention reaches for them."""
    return bool(await conn.fetchval("select exists (select 1 from memorial where member_id = $1)", member))


async def watched_groups(conn: Conn, *, now: datetime) -> list[tuple[GroupId, datetime]]:
    """Groups of somebody who died, and until when they are looked after with more care."""
    rows = await conn.fetch(
        """
        select s.group_id, max(m.watch_until) as until
        from memorial m
        join membership s on s.member_id = m.member_id and s.state = 'member'
        where m.watch_until > $1
        group by s.group_id
        order by s.group_id
        """,
        now,
    )
    return [(row["group_id"], row["until"]) for row in rows]
