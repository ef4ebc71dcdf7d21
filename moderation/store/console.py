"""What a moderator's console shows around its cases: pages that wait for me, my shift, notes, my keys."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, ConversationId, MemberId, MessageId, PageId, VerdictId
from community.store.rows import many, one


async def keys(conn: Conn, member: MemberId) -> bool:
    """Whether letter keys work for this person; they do until they say otherwise."""
    said = await conn.fetchval("select keys from console_setting where member_id = $1", member)
    return said is not False


async def set_keys(tx: Tx, member: MemberId, *, on: bool, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into console_setting (member_id, keys, at)
        values ($1, $2, $3)
        on conflict (member_id) do update
        set keys = excluded.keys, at = excluded.at
        """,
        member,
        on,
        now,
    )


async def drop_setting(tx: Tx, member: MemberId) -> None:
    """For erasure."""
    require_tx(tx)
    await tx.execute("delete from console_setting where member_id = $1", member)


@dataclass(frozen=True, slots=True)
class AskedOfMe:
    """A page that was sent to me and that nobody has answered yet."""

    id: PageId
    kind: str
    case_id: CaseId | None
    tier: str | None
    opened_at: datetime


async def asked_of(conn: Conn, member: MemberId) -> list[AskedOfMe]:
    """Most urgent first. A console push is an attempt without a channel, so these are here too."""
    rows = await conn.fetch(
        """
        select p.id, p.kind, p.case_id, p.tier, p.opened_at
        from page p
        where p.state = 'waiting'
          and exists (select 1 from page_attempt a where a.page_id = p.id and a.member_id = $1)
        order by array_position(array['crisis', 'red', 'amber', 'green'], p.tier), p.opened_at, p.id
        limit 10
        """,
        member,
    )
    return many(AskedOfMe, rows)


async def shift_ends(conn: Conn, member: MemberId, *, now: datetime) -> datetime | None:
    """When the shift that this person is on ends; None when they aren't on one."""
    value: datetime | None = await conn.fetchval(
        "select max(ends_at) from shift where member_id = $1 and starts_at <= $2 and ends_at > $2",
        member,
        now,
    )
    return value


@dataclass(frozen=True, slots=True)
class HandedOver:
    words: str
    by_handle: str | None
    at: datetime


async def handed_over(conn: Conn, case: CaseId) -> HandedOver | None:
    """What the shift before said about this case."""
    row = await conn.fetchrow(
        """
        select h.words, m.handle as by_handle, h.at
        from handover h
        left join member m on m.id = h.by_id
        where h.case_id = $1
        order by h.at desc
        limit 1
        """,
        case,
    )
    return one(HandedOver, row)


async def reviewed(conn: Conn, verdicts: Collection[VerdictId]) -> dict[tuple[VerdictId, int], bool]:
    """What moderators said of these verdicts' findings: right, or not."""
    rows = await conn.fetch(
        "select verdict_id, n, is_right from finding_review where verdict_id = any($1::uuid[])",
        list(verdicts),
    )
    return {(row["verdict_id"], row["n"]): row["is_right"] for row in rows}


@dataclass(frozen=True, slots=True)
class RecentWords:
    """One message of a person, as its readers see it."""

    id: MessageId
    c: ConversationId
    kind: str
    state: str
    html: str
    tier: str
    at: datetime


async def recent_words(conn: Conn, member: MemberId, case: CaseId, *, limit: int) -> list[RecentWords]:
    """The person's latest words in rooms and threads, newest first: in the care lane of the case's own team, in
    conduct of the case's own group alone and without how anybody is, because a group's moderator has no business
    in the author's other groups. Never pairings: those open with a written reason."""
    rows = await conn.fetch(
        """
        select m.id, m.conversation_id as c, k.kind, m.state, m.html,
               case when c.lane = 'care' then v.tier else 'green' end as tier, m.created_at as at
        from message m
        join conversation k on k.id = m.conversation_id and k.kind in ('room', 'thread')
        join peer_group g on g.id = k.group_id
        join verdict v on v.id = m.verdict_id
        join moderation_case c on c.id = $2 and c.team_id = g.team_id
        where m.author_id = $1
          and m.state in ('visible', 'masked')
          and (c.lane = 'care' or c.group_id = g.id)
        order by m.created_at desc, m.id
        limit $3
        """,
        member,
        case,
        limit,
    )
    return many(RecentWords, rows)


async def signature_reasons(conn: Conn, case: CaseId) -> dict[UUID, str]:
    """Why each step for two people was asked for in this case, sealed."""
    rows = await conn.fetch("select id, reason from second_signature where case_id = $1", case)
    return {row["id"]: row["reason"] for row in rows}


async def subjects(conn: Conn, cases: Collection[CaseId]) -> dict[CaseId, str]:
    """Whom care cases are about, by handle; without those who have left."""
    rows = await conn.fetch(
        """
        select c.id, m.handle
        from moderation_case c
        join member m on m.id = c.member_id
        where c.id = any($1::uuid[])
          and m.handle is not null
        """,
        list(cases),
    )
    return {row["id"]: row["handle"] for row in rows}


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of something sealed, with names and the sealed reason, for whoever looks over it."""

    id: UUID
    case_id: CaseId
    by_id: MemberId
    by_handle: str | None
    what: str
    reason: str
    at: datetime
    reviewed_at: datetime | None
    reviewer_handle: str | None


async def openings(conn: Conn, ids: Collection[UUID]) -> list[Opened]:
    """These openings, what still waits for a look first, then newest."""
    rows = await conn.fetch(
        """
        select b.id, b.case_id, b.by_id, m.handle as by_handle, b.what, b.reason, b.at, b.reviewed_at,
               r.handle as reviewer_handle
        from break_glass b
        left join member m on m.id = b.by_id
        left join member r on r.id = b.reviewed_by
        where b.id = any($1::uuid[])
        order by b.reviewed_at is not null, b.at desc, b.id
        """,
        list(ids),
    )
    return many(Opened, rows)


@dataclass(frozen=True, slots=True)
class Officer:
    office: str
    member_id: MemberId
    handle: str | None
    since: datetime


async def officers(conn: Conn, team: object) -> list[Officer]:
    """Who has which duty beside the seats of a team."""
    rows = await conn.fetch(
        """
        select o.office, o.member_id, m.handle, o.since
        from office o
        join member m on m.id = o.member_id
        where o.team_id = $1
        order by o.office, o.since, o.member_id
        """,
        team,
    )
    return many(Officer, rows)
