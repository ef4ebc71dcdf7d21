"""After a death: who nothing may reach any more, what of theirs named a method, and the one announcement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId, MessageId, TeamId
from community.store.rows import many, one
from community.store.sealed_words import opened, unseal
from moderation.pipeline.types import Span


@dataclass(frozen=True, slots=True)
class Memorial:
    member_id: MemberId
    at: datetime
    watch_until: datetime
    announced_at: datetime | None


async def dead_among(conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
    rows = await conn.fetch("select member_id from memorial where member_id = any($1::uuid[])", list(members))
    return frozenset(row["member_id"] for row in rows)


async def of(conn: Conn, member: MemberId) -> Memorial | None:
    row = await conn.fetchrow(
        "select member_id, at, watch_until, announced_at from memorial where member_id = $1", member
    )
    return one(Memorial, row)


async def lock(tx: Tx, member: MemberId) -> Memorial | None:
    require_tx(tx)
    row = await tx.fetchrow(
        "select member_id, at, watch_until, announced_at from memorial where member_id = $1 for update",
        member,
    )
    return one(Memorial, row)


async def announce(tx: Tx, member: MemberId, by: MemberId, words: MessageId, *, now: datetime) -> None:
    """The caller holds the memorial's lock and has seen that there was none."""
    require_tx(tx)
    await tx.execute(
        """
        update memorial
        set announced_at = $4, announced_by = $2, message_id = $3
        where member_id = $1
          and announced_at is null
        """,
        member,
        by,
        words,
        now,
    )


async def told(conn: Conn, memorial: Memorial) -> list[MemberId]:
    """Who was told of it, and is here."""
    rows = await conn.fetch(
        """
        select distinct n.member_id
        from memorial d
        join notice n on n.message_id = d.message_id and n.kind = 'memorial'
        join member m on m.id = n.member_id and m.erased_at is null
        where d.member_id = $1
        order by n.member_id
        """,
        memorial.member_id,
    )
    return [row["member_id"] for row in rows]


async def remove(tx: Tx, member: MemberId) -> None:
    """They live. The caller holds the memorial's lock."""
    require_tx(tx)
    await tx.execute("delete from memorial where member_id = $1", member)


async def around(conn: Conn, member: MemberId, team: TeamId) -> list[MemberId]:
    """Everyone in a group of theirs that this team looks after: once each, without those who died or left."""
    rows = await conn.fetch(
        """
        select distinct o.member_id
        from membership s
        join peer_group g on g.id = s.group_id and g.team_id = $2 and g.deleted_at is null
        join membership o on o.group_id = g.id and o.state = 'member' and o.member_id <> $1
        join member m on m.id = o.member_id and m.erased_at is null
        where s.member_id = $1
          and s.state = 'member'
          and not exists (select 1 from memorial d where d.member_id = o.member_id)
        order by o.member_id
        """,
        member,
        team,
    )
    return [row["member_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Announcement:
    at: datetime
    words: str


async def announced_to(conn: Conn, member: MemberId, *, limit: int = 50) -> list[Announcement]:
    """What this member was told, newest first; as readers may see it."""
    rows = await conn.fetch(
        """
        select d.announced_at, m.shown
        from notice n
        join memorial d on d.message_id = n.message_id
        join message m on m.id = n.message_id
        where n.member_id = $1
          and n.kind = 'memorial'
        order by d.announced_at desc, m.id
        limit $2
        """,
        member,
        limit,
    )
    return many(Announcement, rows)


@dataclass(frozen=True, slots=True)
class Watched:
    """A group of somebody who died, looked after with more care until then."""

    group_id: GroupId
    slug: str
    until: datetime


async def watched(conn: Conn, teams: Sequence[TeamId], *, now: datetime) -> list[Watched]:
    rows = await conn.fetch(
        """
        select s.group_id, g.slug, max(d.watch_until) as until
        from memorial d
        join membership s on s.member_id = d.member_id and s.state = 'member'
        join peer_group g on g.id = s.group_id and g.deleted_at is null
        where d.watch_until > $1
          and g.team_id = any($2::uuid[])
        group by s.group_id, g.slug
        order by until desc, s.group_id
        limit 200
        """,
        now,
        list(teams),
    )
    return many(Watched, rows)


@dataclass(frozen=True, slots=True)
class Named:
    """Words that others can read, and where a finding saw a method, means or a place in them."""

    message_id: MessageId
    conversation_id: ConversationId
    body: str
    shown: str
    spans: tuple[Span, ...]


async def named_methods(
    conn: Conn, member: MemberId, rules: Sequence[str], *, limit: int = 500
) -> list[Named]:
    """By conversation, so that their locks are taken in the order that everyone takes them. `rules` are
    prefixes. Words that nobody can read are left out."""
    rows = await conn.fetch(
        """
        select m.id, m.conversation_id, m.place, m.body, m.shown,
               array_agg(f.span_start order by f.n) as starts, array_agg(f.span_end order by f.n) as ends
        from message m
        join finding f on f.verdict_id = m.verdict_id
        where m.author_id = $1
          and m.seq is not null
          and m.state in ('visible', 'masked')
          and f.field = 'body'
          and f.span_start is not null
          and exists (select 1 from unnest($2::text[]) r where f.rule like r || '%')
        group by m.id
        order by m.conversation_id, m.id
        limit $3
        """,
        member,
        list(rules),
        limit,
    )
    return [
        Named(
            r["id"],
            r["conversation_id"],
            body,
            unseal(conn, r["place"], r["id"], "shown", r["shown"]),
            tuple(Span(a, b) for a, b in zip(r["starts"], r["ends"], strict=True)),
        )
        for r in rows
        if (body := opened(conn, r["place"], r["id"], "body", r["body"])) is not None
    ]


async def hide_titles(tx: Tx, member: MemberId, rules: Sequence[str], mark: str) -> list[ConversationId]:
    """Titles of their threads that one of these rules saw something in: readers see the mark instead. A thread is
    the forum's; who has it open reads the title again with the next look."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        update thread t
        set title_shown = $3
        from message m
        where m.id = t.first_message_id
          and m.author_id = $1
          and t.title_shown <> $3
          and exists (
            select 1
            from finding f
            where f.verdict_id = m.verdict_id
              and f.field = 'title'
              and exists (select 1 from unnest($2::text[]) r where f.rule like r || '%'))
        returning t.conversation_id
        """,
        member,
        list(rules),
        mark,
    )
    return [row["conversation_id"] for row in rows]
