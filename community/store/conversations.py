"""Conversations: the row whose lock makes number order commit order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId, TeamId
from community.store.rows import many, one


@dataclass(frozen=True, slots=True)
class ConversationRow:
    id: ConversationId
    kind: str
    group_id: GroupId | None
    state: str
    last_seq: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands towards one conversation: the facts of a ruling, as read in one row."""

    conversation_id: ConversationId
    member_id: MemberId
    kind: str
    conversation_state: str
    group_id: GroupId | None
    team_id: TeamId | None
    preset: str | None
    settings: str | None  # jsonb text of the group's own switches
    visibility: str | None
    group_guidelines: int | None
    agreed_guidelines: int | None
    role: str | None
    state: str | None  # of the membership
    muted_until: datetime | None
    banned: bool
    suspended: bool
    participant: bool
    accepted: int  # messages of this author that were published in this group, counted up to 20
    slow_seconds: int = 0  # between two messages of one person here
    said_at: datetime | None = None  # this person's last words here; read only where the room is slow
    cried_at: datetime | None = (
        None  # their last red or crisis words anywhere; read only where the room is slow
    )


_STANDING = """
    select c.id, w.member_id, c.kind, c.state as conversation_state, c.group_id, g.team_id, g.preset,
           g.settings, g.visibility, g.guidelines_version, s.guidelines_version as agreed,
           s.role, s.state, s.muted_until, s.banned_at is not null as banned,
           m.suspended_at is not null or m.erased_at is not null as suspended,
           exists (select 1 from participant p
                   where p.conversation_id = c.id and p.member_id = w.member_id
                     and p.left_at is null) as participant,
           case when (g.settings ->> 'premoderate_first')::int > 0 then
             (select count(*) from (
                select 1 from message x
                where x.author_id = w.member_id and x.group_id = c.group_id and x.seq is not null
                limit 20) seen)
           else 20 end as accepted,
           c.slow_seconds,
           case when c.slow_seconds > 0 then
             (select max(x.created_at) from message x
              where x.conversation_id = c.id and x.author_id = w.member_id) end as said_at,
           case when c.slow_seconds > 0 then
             (select max(x.created_at) from message x join verdict v on v.id = x.verdict_id
              where x.author_id = w.member_id and v.tier in ('red', 'crisis')) end as cried_at
    from unnest($1::uuid[], $2::uuid[]) as w(conversation_id, member_id)
    join conversation c on c.id = w.conversation_id
    join member m on m.id = w.member_id
    left join peer_group g on g.id = c.group_id and g.deleted_at is null
    left join membership s on s.group_id = g.id and s.member_id = w.member_id
    where (c.group_id is null or g.id is not null)
      -- A thread whose first words are held isn't there for anyone but their author.
      and (c.kind <> 'thread' or c.last_seq > 0 or exists (
        select 1 from message x where x.conversation_id = c.id and x.author_id = w.member_id))
"""


async def standings(
    conn: Conn, pairs: Collection[tuple[ConversationId, MemberId]]
) -> dict[tuple[ConversationId, MemberId], Standing]:
    """Standing of each (conversation, member); a conversation that isn't there, or whose group was
    deleted, is absent."""
    rows = await conn.fetch(_STANDING, [c for c, _ in pairs], [m for _, m in pairs])
    return {(s.conversation_id, s.member_id): s for s in many(Standing, rows)}


async def standing_in_group(conn: Conn, group: GroupId, member: MemberId) -> Standing | None:
    """Standing towards a conversation of this group that doesn't exist yet; its own id and kind are the
    caller's to fill in. None when the group isn't there."""
    row = await conn.fetchrow(
        """
        select g.id, m.id, 'thread', 'open', g.id as group_id, g.team_id, g.preset,
               g.settings, g.visibility, g.guidelines_version, s.guidelines_version as agreed,
               s.role, s.state, s.muted_until, s.banned_at is not null as banned,
               m.suspended_at is not null or m.erased_at is not null as suspended,
               false as participant,
               (select count(*) from (
                  select 1 from message x
                  where x.author_id = m.id and x.group_id = g.id and x.seq is not null
                  limit 20) seen) as accepted
        from peer_group g
        cross join member m
        left join membership s on s.group_id = g.id and s.member_id = m.id
        where g.id = $1
          and m.id = $2
          and g.deleted_at is null
        """,
        group,
        member,
    )
    return one(Standing, row)


async def lock(tx: Tx, ids: Collection[ConversationId]) -> dict[ConversationId, int]:
    """Take the row locks in id order (so that two batches can't wait for each other) and say each
    conversation's last seq. Held until commit: seqs drawn meanwhile are ours alone."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        select id, last_seq
        from conversation
        where id = any($1::uuid[])
        order by id
        for no key update
        """,
        sorted(set(ids)),
    )
    return {row["id"]: row["last_seq"] for row in rows}


async def set_heads(tx: Tx, heads: Mapping[ConversationId, int]) -> None:
    """Write back the last seq of conversations that the caller has locked."""
    require_tx(tx)
    await tx.execute(
        """
        update conversation c
        set last_seq = w.last_seq
        from unnest($1::uuid[], $2::bigint[]) as w(id, last_seq)
        where c.id = w.id
        """,
        list(heads.keys()),
        list(heads.values()),
    )


async def create(tx: Tx, id: ConversationId, *, kind: str, group_id: GroupId | None, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        "insert into conversation (id, kind, group_id, created_at) values ($1, $2, $3, $4)",
        id,
        kind,
        group_id,
        now,
    )


async def get(conn: Conn, id: ConversationId) -> ConversationRow | None:
    row = await conn.fetchrow(
        "select id, kind, group_id, state, last_seq from conversation where id = $1", id
    )
    return one(ConversationRow, row)


async def set_state(tx: Tx, id: ConversationId, state: str) -> None:
    require_tx(tx)
    await tx.execute("update conversation set state = $2 where id = $1", id, state)


async def participants(conn: Conn, id: ConversationId) -> list[MemberId]:
    """Who reads a private conversation."""
    rows = await conn.fetch(
        "select member_id from participant where conversation_id = $1 and left_at is null order by member_id",
        id,
    )
    return [row["member_id"] for row in rows]


async def add_participant(tx: Tx, id: ConversationId, member: MemberId, *, now: datetime) -> None:
    """Let this person read and write in a private conversation; twice is fine, and whoever left is back."""
    require_tx(tx)
    await tx.execute(
        """
        insert into participant (conversation_id, member_id, since)
        values ($1, $2, $3)
        on conflict (conversation_id, member_id) do update set left_at = null
        """,
        id,
        member,
        now,
    )
