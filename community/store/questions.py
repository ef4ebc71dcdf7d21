"""Questions to a group's facilitators and their answers: threads of words that stand alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import GroupId, MemberId, MessageId
from community.store.rows import many

FACILITATING = ("facilitator", "moderator", "owner")
"""Roles that questions reach."""


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """One question or answer, as its reader may see it (`shown`: masked parts are hidden)."""

    message_id: MessageId
    asker_id: MemberId
    asker: str | None
    is_answer: bool
    author: str | None
    shown: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A group in which somebody waits for an answer of its facilitators."""

    slug: str
    name: str
    people: int


async def add(
    tx: Tx, message: MessageId, group: GroupId, asker: MemberId, *, is_answer: bool, now: datetime
) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into group_question (message_id, group_id, member_id, is_answer, at)
        values ($1, $2, $3, $4, $5)
        """,
        message,
        group,
        asker,
        is_answer,
        now,
    )


_WORDS = """
    q.message_id, q.member_id, a.handle, q.is_answer, w.handle, m.shown, q.at
    from group_question q
    join message m on m.id = q.message_id
    join member a on a.id = q.member_id
    left join member w on w.id = m.author_id
"""


async def thread(conn: Conn, group: GroupId, asker: MemberId) -> list[QuestionWords]:
    """What one person asked and was answered, oldest first; the latest hundred."""
    rows = await conn.fetch(
        f"""
        select {_WORDS}
        where q.group_id = $1
          and q.member_id = $2
          and m.shown <> ''
        order by q.at desc, q.is_answer desc
        limit 100
        """,
        group,
        asker,
    )
    return many(QuestionWords, rows)[::-1]


async def of_group(conn: Conn, group: GroupId) -> list[QuestionWords]:
    """Everything asked here, each asker's thread together, oldest first; the latest five hundred words."""
    rows = await conn.fetch(
        f"""
        select {_WORDS}
        where q.group_id = $1
          and m.shown <> ''
        order by q.at desc, q.is_answer desc
        limit 500
        """,
        group,
    )
    return many(QuestionWords, rows)[::-1]


async def has_asked(conn: Conn, group: GroupId, asker: MemberId) -> bool:
    return bool(
        await conn.fetchval(
            "select exists (select 1 from group_question where group_id = $1 and member_id = $2)",
            group,
            asker,
        )
    )


async def unanswered(conn: Conn, group: GroupId, asker: MemberId) -> int:
    """How many questions of this person came after the last answer."""
    return int(
        await conn.fetchval(
            """
            select count(*)
            from group_question q
            where q.group_id = $1
              and q.member_id = $2
              and not q.is_answer
              and q.at > coalesce((
                select max(a.at) from group_question a
                where a.group_id = $1 and a.member_id = $2 and a.is_answer
              ), '-infinity'::timestamptz)
            """,
            group,
            asker,
        )
    )


async def waiting(conn: Conn, member: MemberId) -> list[Waiting]:
    """Groups that this member facilitates and in which someone's last words are a question."""
    rows = await conn.fetch(
        """
        select g.slug, g.name, count(*) as people
        from (
          select distinct on (q.group_id, q.member_id) q.group_id, q.is_answer
          from group_question q
          join membership s on s.group_id = q.group_id and s.member_id = $1
          where s.state = 'member'
            and s.banned_at is null
            and s.role = any($2::text[])
          order by q.group_id, q.member_id, q.at desc, q.is_answer desc
        ) last
        join peer_group g on g.id = last.group_id
        where not last.is_answer
          and g.deleted_at is null
        group by g.slug, g.name
        order by g.name, g.slug
        limit 50
        """,
        member,
        list(FACILITATING),
    )
    return many(Waiting, rows)


async def facilitators(conn: Conn, group: GroupId) -> list[MemberId]:
    """Who is told of a question."""
    rows = await conn.fetch(
        """
        select member_id
        from membership
        where group_id = $1
          and state = 'member'
          and banned_at is null
          and role = any($2::text[])
        order by joined_at, member_id
        limit 50
        """,
        group,
        list(FACILITATING),
    )
    return [row["member_id"] for row in rows]


async def join_words(conn: Conn, group: GroupId, members: Collection[MemberId]) -> dict[MemberId, str]:
    """What each of these wrote when they last asked to join, as those who decide may see it."""
    rows = await conn.fetch(
        """
        select distinct on (author_id) author_id, shown
        from message
        where group_id = $1
          and author_id = any($2::uuid[])
          and place = 'join_request'
          and shown <> ''
        order by author_id, created_at desc
        """,
        group,
        list(members),
    )
    return {row["author_id"]: row["shown"] for row in rows}
