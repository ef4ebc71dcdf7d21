"""Facts about pairings that a decision or a clock needs: what was asked lately, what is due, who wasn't told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId, MessageId

DUE_MAX = 200


@dataclass(frozen=True, slots=True)
class Asks:
    """What one person asked for lately: all of it, waiting for the group here, and of this other person."""

    lately: int
    waiting_here: bool
    of_other: bool


async def asks_of(
    conn: Conn, member: MemberId, group: GroupId, other: MemberId | None, *, since: tuple[datetime, datetime]
) -> Asks:
    """`since`: from when asks count, and from when asks of the same person count. Whatever became of them."""
    row = await conn.fetchrow(
        """
        select count(*) filter (where asked_at > $4) as lately,
               coalesce(bool_or(to_group and state in ('asked', 'accepted') and group_id = $2), false) as here,
               coalesce(bool_or((member_id = $3 or beside_id = $3)
                 and (asked_at > $5 and not to_group or state in ('asked', 'accepted', 'open'))
                 and group_id = $2), false) as of_other
        from pairing
        where asked_by = $1
        """,
        member,
        group,
        other,
        *since,
    )
    assert row is not None, "an aggregate has one row"
    return Asks(row["lately"], row["here"], row["of_other"])


async def is_here(conn: Conn, group: GroupId, member: MemberId) -> bool:
    """Whether this person is in the group, and anywhere, now: an ask of somebody who isn't waits for nobody."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1 from membership s join member m on m.id = s.member_id and m.suspended_at is null
              where s.group_id = $1 and s.member_id = $2 and s.state = 'member' and s.banned_at is null)
            """,
            group,
            member,
        )
    )


async def one_at_a_time(tx: Tx, group: GroupId, one: MemberId, other: MemberId) -> None:
    """Two people open one conversation in a group, not two that crossed: whoever comes second waits here for the
    commit of the first."""
    require_tx(tx)
    pair = f"{group}:" + ":".join(sorted((str(one), str(other))))
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 60))", pair)


async def open_between(conn: Conn, group: GroupId, one: MemberId, other: MemberId) -> bool:
    """Whether these two have an open pairing in this group."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1 from pairing
              where group_id = $1 and state = 'open'
                and (member_id, beside_id) in (($2::uuid, $3::uuid), ($3, $2)))
            """,
            group,
            one,
            other,
        )
    )


async def standing_between(conn: Conn, one: MemberId, other: MemberId) -> list[ConversationId]:
    """What waits or is open between two people, in id order."""
    rows = await conn.fetch(
        """
        select conversation_id from pairing
        where state in ('asked', 'accepted', 'open')
          and (($1 in (member_id, beside_id, asked_by)) and $2 in (member_id, beside_id, asked_by))
        order by conversation_id
        limit 1000
        """,
        one,
        other,
    )
    return [row["conversation_id"] for row in rows]


async def standing_of(conn: Conn, member: MemberId, group: GroupId | None = None) -> list[ConversationId]:
    """What waits or is open for one person, perhaps only in one group, in id order."""
    rows = await conn.fetch(
        """
        select conversation_id from pairing
        where state in ('asked', 'accepted', 'open')
          and $1 in (member_id, beside_id, asked_by)
          and ($2::uuid is null or group_id = $2)
        order by conversation_id
        limit 1000
        """,
        member,
        group,
    )
    return [row["conversation_id"] for row in rows]


async def due(conn: Conn, *, now: datetime) -> list[ConversationId]:
    """Asks that lapse."""
    rows = await conn.fetch(
        "select conversation_id from pairing where due_at <= $1 order by due_at limit $2", now, DUE_MAX
    )
    return [row["conversation_id"] for row in rows]


async def forsaken(conn: Conn) -> list[ConversationId]:
    """What waits and is with somebody who is no supporter of the group any more."""
    rows = await conn.fetch(
        """
        select p.conversation_id
        from pairing p
        where p.state in ('asked', 'accepted')
          and p.kind = 'supporter'
          and p.beside_id is not null
          and not exists (
            select 1 from peer_supporter s
            where s.group_id = p.group_id and s.member_id = p.beside_id and s.ended_at is null)
        order by p.conversation_id
        limit $1
        """,
        DUE_MAX,
    )
    return [row["conversation_id"] for row in rows]


async def orphaned(conn: Conn) -> list[ConversationId]:
    """Open ones of which somebody isn't there any more: left, banned, suspended, no supporter any more, or the group
    is deleted."""
    rows = await conn.fetch(
        """
        select p.conversation_id
        from pairing p
        join peer_group g on g.id = p.group_id
        where p.state = 'open'
          and (g.deleted_at is not null
            or p.kind = 'supporter' and not exists (
              select 1 from peer_supporter q
              where q.group_id = p.group_id and q.member_id = p.beside_id and q.ended_at is null)
            or 2 > (
            select count(*)
            from membership s
            join member m on m.id = s.member_id
            where s.group_id = p.group_id
              and s.member_id in (p.member_id, p.beside_id)
              and s.state = 'member'
              and s.banned_at is null
              and m.suspended_at is null
              and m.erased_at is null))
        order by p.conversation_id
        limit $1
        """,
        DUE_MAX,
    )
    return [row["conversation_id"] for row in rows]


async def unheard(conn: Conn, *, said_before: datetime) -> list[tuple[ConversationId, MemberId, int]]:
    """(pairing, person, seq) where the other said something a while ago that this person has neither read nor
    been told of."""
    rows = await conn.fetch(
        """
        select p.conversation_id, t.member_id, max(m.seq) as seq
        from pairing p
        join participant t on t.conversation_id = p.conversation_id and t.left_at is null
        join message m on m.conversation_id = p.conversation_id
          and m.seq is not null and m.author_id <> t.member_id and m.state in ('visible', 'masked')
        left join read_mark k on k.conversation_id = p.conversation_id and k.member_id = t.member_id
        left join pairing_told d on d.conversation_id = p.conversation_id and d.member_id = t.member_id
        where p.state = 'open'
          and m.seq > greatest(coalesce(k.seq, 0), coalesce(d.seq, 0))
          and m.created_at <= $1
          and not exists (
            select 1 from member_mute x where x.member_id = t.member_id and x.muted_id = m.author_id)
        group by p.conversation_id, t.member_id
        order by p.conversation_id, t.member_id
        limit $2
        """,
        said_before,
        DUE_MAX,
    )
    return [(row["conversation_id"], row["member_id"], row["seq"]) for row in rows]


async def told(tx: Tx, id: ConversationId, member: MemberId, seq: int) -> bool:
    """Note that this person is told of everything up to here. False when somebody else was quicker."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into pairing_told (conversation_id, member_id, seq)
        values ($1, $2, $3)
        on conflict (conversation_id, member_id) do update set seq = excluded.seq
          where pairing_told.seq < excluded.seq
        returning seq
        """,
        id,
        member,
        seq,
    )
    return done is not None


async def has_unread_word(conn: Conn, member: MemberId, id: ConversationId) -> bool:
    """Whether a notice that something new is there still waits unread: one is enough."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1 from notice
              where member_id = $1 and kind = 'pairing_said' and read_at is null
                and parameters ->> 'pairing' = $2)
            """,
            member,
            str(id),
        )
    )


async def danger_since(
    conn: Conn, id: ConversationId, beside: MemberId, *, since: datetime
) -> tuple[datetime, bool] | None:
    """When the other last wrote something in this pairing, or in the note with which they asked, that was shown to
    whoever is on duty, or this person said that they worry, and whether it was a crisis; None: not since then."""
    row = await conn.fetchrow(
        """
        select max(w.at) as at, bool_or(w.is_crisis) as is_crisis from (
          select greatest(m.created_at, m.edited_at) as at, v.tier = 'crisis' as is_crisis
          from (
            select * from message where conversation_id = $1 and seq is not null
            union all
            select * from message where conversation_id = $1 and state = 'held'
            union all
            select n.* from message n join pairing p on p.note_id = n.id where p.conversation_id = $1) m
          join verdict v on v.id = m.verdict_id
          where m.author_id <> $2 and greatest(m.created_at, m.edited_at) > $3 and v.tier in ('red', 'crisis')
          union all
          select f.at, false
          from flag f
          join message m on m.id = f.message_id
          where m.conversation_id = $1 and f.member_id = $2 and f.kind = 'worried' and f.at > $3
        ) w
        """,
        id,
        beside,
        since,
    )
    return None if row is None or row["at"] is None else (row["at"], row["is_crisis"])


async def latest_of_other(conn: Conn, id: ConversationId, me: MemberId) -> MessageId | None:
    """The other's newest words that stand."""
    value: MessageId | None = await conn.fetchval(
        """
        select id from message
        where conversation_id = $1 and author_id <> $2 and seq is not null and state in ('visible', 'masked')
        order by seq desc
        limit 1
        """,
        id,
        me,
    )
    return value
