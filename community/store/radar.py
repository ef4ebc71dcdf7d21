"""Posts that nobody has answered: green ones, open and in sight, after twelve hours.

It is no list of everything unanswered, and says so: what stands in it tells nothing of what doesn't.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId, MessageId
from community.store.questions import FACILITATING
from community.store.rows import many

WAITING_MAX = 100

# m: the first message of thread t, c: its conversation, v: its verdict, a: its author.
_UNANSWERED = """
    c.state = 'open'
    and m.seq is not null
    and m.state in ('visible', 'masked')
    and v.tier = 'green'
    and not exists (
      select 1 from revision x join verdict y on y.id = x.verdict_id
      where x.message_id = m.id and y.tier <> 'green')
    and a.erased_at is null
    and not exists (
      select 1 from message r
      where r.conversation_id = c.id
        and r.seq is not null
        and r.state in ('visible', 'masked')
        and r.author_id is distinct from m.author_id)
"""

_FROM = """
    from thread t
    join message m on m.id = t.first_message_id
    join conversation c on c.id = t.conversation_id
    join verdict v on v.id = m.verdict_id
    join member a on a.id = m.author_id
    join conversation_event e on e.message_id = m.id and e.kind = 'message'
"""


@dataclass(frozen=True, slots=True)
class WaitingPost:
    """A post that waits. `is_first`: the first that its author wrote in this group."""

    message_id: MessageId
    conversation_id: ConversationId
    title: str
    author_id: MemberId
    author: str | None
    shown: str
    warnings: tuple[str, ...]
    at: datetime
    is_first: bool


async def waiting(conn: Conn, group: GroupId, reader: MemberId, *, before: datetime) -> list[WaitingPost]:
    """Posts of the group that came before then; first posts of new members first, then who waits longest. Not of
    people with a block between them and the reader."""
    rows = await conn.fetch(
        f"""
        select m.id, c.id, t.title_shown, a.id, a.handle, m.shown, m.warnings, e.at,
               not exists (
                 select 1 from message b
                 where b.author_id = m.author_id and b.group_id = c.group_id and b.seq is not null
                   and b.created_at < m.created_at) as is_first
        {_FROM}
        where c.group_id = $1
          and e.at <= $3
          and e.at > $3::timestamptz - interval '30 days'
          and {_UNANSWERED}
          and m.author_id <> $2
          and not exists (
            select 1 from member_block k
            where (k.member_id, k.blocked_id) in (($2, m.author_id), (m.author_id, $2)))
        order by is_first desc, e.at, m.id
        limit {WAITING_MAX}
        """,  # noqa: S608
        group,
        reader,
        before,
    )
    return many(WaitingPost, [_plain(row) for row in rows])


async def any_waiting(conn: Conn, reader: MemberId, posts: Collection[MessageId]) -> bool:
    """Whether any of these still waits, where the reader still looks after the group."""
    return bool(
        await conn.fetchval(
            f"""
            select exists (
              select 1
              {_FROM}
              join membership s on s.group_id = c.group_id and s.member_id = $1
              where m.id = any($2::uuid[])
                and s.state = 'member'
                and s.banned_at is null
                and s.role = any($3::text[])
                and {_UNANSWERED})
            """,
            reader,
            list(posts),
            list(FACILITATING),
        )
    )


@dataclass(frozen=True, slots=True)
class Untold:
    message_id: MessageId
    group_id: GroupId
    author_id: MemberId


async def untold(conn: Conn, *, before: datetime, limit: int) -> list[Untold]:
    """Posts that have waited since before then and of which no facilitator was told; not those of old."""
    rows = await conn.fetch(
        f"""
        select m.id, c.group_id, m.author_id
        {_FROM}
        join peer_group g on g.id = c.group_id and g.deleted_at is null
        where e.at <= $1
          and e.at > $1::timestamptz - interval '7 days'
          and {_UNANSWERED}
          and not exists (select 1 from radar_told d where d.message_id = m.id)
        order by e.at, m.id
        limit $2
        """,  # noqa: S608
        before,
        limit,
    )
    return many(Untold, rows)


async def tell(tx: Tx, post: Untold, *, now: datetime) -> int:
    """Keep it for those facilitators of the group who asked for it by mail or push; once, whoever comes first.
    Answers for how many."""
    require_tx(tx)
    first = await tx.fetchrow(
        "insert into radar_told (message_id, at) values ($1, $2) on conflict do nothing returning message_id",
        post.message_id,
        now,
    )
    if first is None:
        return 0
    rows = await tx.fetch(
        """
        insert into news_due (member_id, kind, message_id, at, due_at)
        select s.member_id, 'radar', $1, $2, $2
        from membership s
        join notice_setting n on n.member_id = s.member_id
          and ('radar' = any(n.by_mail) or 'radar' = any(n.by_push))
        where s.group_id = $3
          and s.state = 'member'
          and s.banned_at is null
          and s.role = any($5::text[])
          and s.member_id <> $4
          and not exists (
            select 1 from member_block k
            where (k.member_id, k.blocked_id) in ((s.member_id, $4), ($4, s.member_id)))
        order by s.member_id
        on conflict do nothing
        returning member_id
        """,
        post.message_id,
        now,
        post.group_id,
        post.author_id,
        list(FACILITATING),
    )
    return len(rows)


@dataclass(frozen=True, slots=True)
class Welcomed:
    """A group that the member looks after, and how many posts wait in it."""

    slug: str
    name: str
    posts: int


async def welcomed(conn: Conn, member: MemberId, *, before: datetime) -> list[Welcomed]:
    rows = await conn.fetch(
        f"""
        select g.slug, g.name, count(*) as posts
        {_FROM}
        join peer_group g on g.id = c.group_id and g.deleted_at is null
        join membership s on s.group_id = g.id and s.member_id = $1
        where s.state = 'member'
          and s.banned_at is null
          and s.role = any($3::text[])
          and e.at <= $2
          and e.at > $2::timestamptz - interval '30 days'
          and {_UNANSWERED}
          and m.author_id <> $1
          and not exists (
            select 1 from member_block k
            where (k.member_id, k.blocked_id) in (($1, m.author_id), (m.author_id, $1)))
        group by g.slug, g.name
        order by g.name, g.slug
        limit 50
        """,  # noqa: S608
        member,
        before,
        list(FACILITATING),
    )
    return many(Welcomed, rows)


async def looks_after(conn: Conn, member: MemberId) -> bool:
    """Whether the member facilitates, moderates or owns any group."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1
              from membership s
              join peer_group g on g.id = s.group_id and g.deleted_at is null
              where s.member_id = $1
                and s.state = 'member'
                and s.banned_at is null
                and s.role = any($2::text[]))
            """,
            member,
            list(FACILITATING),
        )
    )


def _plain(row: Any) -> tuple[Any, ...]:
    """Arrays become tuples: what travels can't be changed."""
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)
