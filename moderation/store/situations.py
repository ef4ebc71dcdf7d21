"""What stands around a case: who else is with the person, what came before, what it is about, who was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.database import Conn
from community.ids import CaseId, MemberId, MessageId
from community.store.rows import many
from moderation.store.cases import CASE, CaseRow, case_row


async def crisis_held(conn: Conn, member: MemberId, *, besides: CaseId) -> int:
    """How many other crisis cases this person has in hand."""
    return int(
        await conn.fetchval(
            """
            select count(*)
            from moderation_case
            where owner_id = $1
              and id <> $2
              and lane = 'care'
              and tier = 'crisis'
              and state in ('acknowledged', 'with_person')
            """,
            member,
            besides,
        )
    )


async def topics(conn: Conn, id: CaseId) -> list[str]:
    """What the words of this case are about, as their verdicts say."""
    rows = await conn.fetch(
        """
        select distinct v.topic
        from case_message cm
        join message m on m.id = cm.message_id
        join verdict v on v.id = m.verdict_id
        where cm.case_id = $1
          and v.topic is not null
        order by v.topic
        """,
        id,
    )
    return [row["topic"] for row in rows]


@dataclass(frozen=True, slots=True)
class Heard:
    """An amber, and the answer of somebody who is trained."""

    case: CaseId
    by: MemberId
    message: MessageId


async def was_heard(conn: Conn, heard: Heard) -> bool:
    """Whether this answer stands in the case's history already; read it with the case's lock."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1
              from case_history
              where case_id = $1
                and act = 'supported'
                and parameters ->> 'message' = $2::text)
            """,
            heard.case,
            str(heard.message),
        )
    )


async def heard_ambers(conn: Conn, *, limit: int, besides: Sequence[CaseId] = ()) -> list[Heard]:
    """Ambers that nobody of the team has answered, but a trained supporter has: an answer to a message of the
    case by somebody who facilitates or moderates its group, with that answer."""
    rows = await conn.fetch(
        """
        select distinct on (c.id) c.id, r.author_id, r.id as reply_id
        from moderation_case c
        join case_message cm on cm.case_id = c.id
        join message r on r.reply_to = cm.message_id and r.seq is not null and r.author_id <> c.member_id
        join membership s on s.group_id = c.group_id and s.member_id = r.author_id
          and s.state = 'member' and s.role in ('facilitator', 'moderator', 'owner')
        where c.lane = 'care'
          and c.tier = 'amber'
          and c.state in ('open', 'acknowledged')
          and c.id <> all($2::uuid[])
          and not exists (
            select 1 from case_history h
            where h.case_id = c.id and h.act = 'supported' and h.parameters ->> 'message' = r.id::text)
        order by c.id, r.created_at desc
        limit $1
        """,
        limit,
        list(besides),
    )
    return many(Heard, rows)


async def elsewhere(conn: Conn, row: CaseRow) -> bool:
    """Whether another team has an open care case about this person: all that one team learns of another."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1
              from moderation_case
              where lane = 'care'
                and member_id = $1
                and team_id <> $2
                and state <> 'closed')
            """,
            row.member_id,
            row.team_id,
        )
    )


async def earlier_of(conn: Conn, row: CaseRow, subject: MemberId | None, *, limit: int = 20) -> list[CaseRow]:
    """The same person's earlier cases of this lane and team, newest first."""
    rows = await conn.fetch(
        f"""
        select {CASE}
        from moderation_case c
        left join message s on s.id = c.message_id
        where c.team_id = $1
          and c.lane = $2
          and c.id <> $3
          and coalesce(c.member_id, s.author_id) = $4
        order by c.opened_at desc, c.id
        limit $5
        """,  # noqa: S608
        row.team_id,
        row.case.lane,
        row.id,
        subject,
        limit,
    )
    return [found for r in rows if (found := case_row(r)) is not None]
