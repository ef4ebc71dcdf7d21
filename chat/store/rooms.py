"""Rooms: what a room has on top of a conversation, and how it looks in one reader's list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId
from community.log import MessageView
from community.store import conversations, messages
from community.store.access import NAMED
from community.store.rows import many, one
from community.store.sealed_words import LOST, opened, seal

ROOMS_MAX = 200


@dataclass(frozen=True, slots=True)
class RoomRow:
    id: ConversationId
    group_id: GroupId
    name: str
    about: str
    position: int
    state: str  # of the conversation
    last_seq: int
    facilitated: bool = False  # open for writing while a facilitator is in it

    @property
    def href(self) -> str:
        """Where its page is."""
        return f"/rooms/{self.id}"


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as one reader sees it in the list. `read_seq`: how far they have read; None for not at all."""

    room: RoomRow
    read_seq: int | None
    last_at: datetime | None

    @property
    def new(self) -> int:
        """Events since the reader was last here; a room never visited has nothing "new" to nag about."""
        return 0 if self.read_seq is None else max(0, self.room.last_seq - self.read_seq)


_ROOM = "r.conversation_id, r.group_id, r.name, r.about, r.position, c.state, c.last_seq, r.facilitated"


async def of_group(conn: Conn, member: MemberId, group: GroupId) -> list[RoomView]:
    """The group's rooms in their order; the caller has checked that the member may read here."""
    rows = await conn.fetch(
        f"""
        select {_ROOM}, k.seq, e.at
        from room r
        join conversation c on c.id = r.conversation_id
        left join read_mark k on k.conversation_id = c.id and k.member_id = $1
        left join conversation_event e on e.conversation_id = c.id and e.seq = c.last_seq
        where r.group_id = $2
          and r.archived_at is null
        order by r.position, lower(r.name), r.conversation_id
        limit $3
        """,  # noqa: S608
        member,
        group,
        ROOMS_MAX,
    )
    rooms = many(RoomRow, [list(row.values())[:-2] for row in rows])
    return [RoomView(room, row["seq"], row["at"]) for room, row in zip(rooms, rows, strict=True)]


async def get(conn: Conn, id: ConversationId) -> RoomRow | None:
    """The room, unless it was archived or its group deleted."""
    row = await conn.fetchrow(
        f"""
        select {_ROOM}
        from room r
        join conversation c on c.id = r.conversation_id
        join peer_group g on g.id = r.group_id
        where r.conversation_id = $1
          and r.archived_at is null
          and g.deleted_at is null
        """,  # noqa: S608
        id,
    )
    return one(RoomRow, row)


async def count(conn: Conn, group: GroupId) -> int:
    """How many rooms are open in the group."""
    return int(
        await conn.fetchval("select count(*) from room where group_id = $1 and archived_at is null", group)
    )


async def add(tx: Tx, room: RoomRow) -> bool:
    """Open a room on a conversation that the caller made. False when the group has one of that name."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into room (conversation_id, group_id, name, about, position)
        values ($1, $2, $3, $4, $5)
        on conflict do nothing
        returning conversation_id
        """,
        room.id,
        room.group_id,
        room.name,
        room.about,
        room.position,
    )
    return done is not None


async def update(tx: Tx, room: RoomRow) -> None:
    """Name, description and whether it needs a facilitator; the state is the conversation's."""
    require_tx(tx)
    await tx.execute(
        "update room set name = $2, about = $3, facilitated = $4 where conversation_id = $1",
        room.id,
        room.name,
        room.about,
        room.facilitated,
    )


async def name_taken(conn: Conn, room: RoomRow) -> bool:
    """Whether another open room of the group has this name."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1 from room
              where group_id = $1 and lower(name) = lower($2) and archived_at is null
                and conversation_id <> $3)
            """,
            room.group_id,
            room.name,
            room.id,
        )
    )


async def people_named(
    conn: Conn, member: MemberId, conversation: ConversationId, begins: str, *, limit: int
) -> list[str]:
    """Handles that begin so, of people of the conversation's group who may be named, those who spoke here lately
    first; nobody at all for who reads along without being in the group: who is in a group is nothing that strangers
    may try out. The caller has checked that the member may read here."""
    rows = await conn.fetch(
        f"""
        select a.handle
        from conversation c
        join membership s on s.group_id = c.group_id
        join member a on a.id = s.member_id
        left join lateral (
          select max(x.seq) as seq
          from message x
          where x.conversation_id = c.id
            and x.author_id = a.id
            and x.seq > c.last_seq - 500
        ) spoke on true
        where c.id = $2
          and c.kind <> 'pairing'
          and starts_with(lower(a.handle), lower($3))
          and {NAMED}
        order by spoke.seq desc nulls last, lower(a.handle)
        limit $4
        """,  # noqa: S608
        member,
        conversation,
        begins,
        limit,
    )
    return [row["handle"] for row in rows]


async def archive(tx: Tx, id: ConversationId, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute("update room set archived_at = $2 where conversation_id = $1", id, now)


async def said_after(conn: Conn, room: ConversationId, after: int, *, limit: int) -> list[MessageView]:
    """The oldest `limit` messages above seq `after`, ascending: the other direction of `messages.history`."""
    rows = await conn.fetch(
        f"""
        select {messages.VIEW}
        from message m
        left join member a on a.id = m.author_id
        where m.conversation_id = $1
          and m.seq > $2
        order by m.seq
        limit $3
        """,  # noqa: S608
        room,
        after,
        limit,
    )
    return [messages.view(conn, row) for row in rows]


@dataclass(frozen=True, slots=True)
class DraftRow:
    """Words on their way. `nonce` is the one they will be sent with; empty on drafts from before it was kept."""

    conversation_id: ConversationId
    nonce: str
    body: str
    at: datetime
    is_lost: bool = False  # `body` doesn't open: its key is gone


# d: a row of room_draft. What was sent under its nonce is no draft any more, whatever a late save says.
_UNSAID = """
    not exists (select 1 from submission s where s.author_id = d.member_id and s.nonce = d.nonce)
"""


async def draft(conn: Conn, member: MemberId, room: ConversationId) -> DraftRow | None:
    """What the member had begun to write in this room; nothing where it can't be read, so that no page saves over it
    by itself."""
    row = await conn.fetchrow(
        f"""
        select d.conversation_id, d.nonce, d.body, d.at, c.kind
        from room_draft d
        join conversation c on c.id = d.conversation_id
        where d.member_id = $1
          and d.conversation_id = $2
          and {_UNSAID}
        """,  # noqa: S608
        member,
        room,
    )
    found = None if row is None else _draft(conn, member, row)
    return None if found is None or found.is_lost else found


async def drafts_of(conn: Conn, member: MemberId) -> list[DraftRow]:
    """For a person's own export."""
    rows = await conn.fetch(
        f"""
        select d.conversation_id, d.nonce, d.body, d.at, c.kind
        from room_draft d
        join conversation c on c.id = d.conversation_id
        where d.member_id = $1
          and {_UNSAID}
        order by d.at, d.conversation_id
        limit 10000
        """,  # noqa: S608
        member,
    )
    return [_draft(conn, member, row) for row in rows]


def _draft(conn: Conn, member: MemberId, row: Any) -> DraftRow:
    *columns, kind = row
    found = DraftRow(*columns)
    body = opened(conn, kind, found.conversation_id, draft_column(member), found.body)
    return replace(found, body=LOST if body is None else body, is_lost=body is None)


def draft_column(member: MemberId) -> str:
    """What a sealed draft is bound to beside its conversation."""
    return f"draft:{member}"


async def keep_draft(tx: Tx, member: MemberId, draft: DraftRow) -> None:
    """Keep a draft, replacing the earlier one; an empty one is dropped, and so is one that was sent."""
    require_tx(tx)
    if not draft.body.strip():
        await drop_draft(tx, member, draft.conversation_id)
        return
    place = await conversations.get(tx, draft.conversation_id)
    kind = "" if place is None else place.kind
    await tx.execute(
        f"""
        insert into room_draft (member_id, conversation_id, nonce, body, at)
        select d.*
        from (values ($1::uuid, $2::uuid, $3, $4, $5::timestamptz))
          as d(member_id, conversation_id, nonce, body, at)
        where {_UNSAID}
        on conflict (member_id, conversation_id) do update
          set nonce = excluded.nonce, body = excluded.body, at = excluded.at
        """,  # noqa: S608
        member,
        draft.conversation_id,
        draft.nonce,
        seal(tx, kind, draft.conversation_id, draft_column(member), draft.body),
        draft.at,
    )


async def drop_draft(tx: Tx, member: MemberId, room: ConversationId) -> None:
    require_tx(tx)
    await tx.execute("delete from room_draft where member_id = $1 and conversation_id = $2", member, room)


async def drop_drafts_of(tx: Tx, member: MemberId) -> None:
    """Erasure."""
    require_tx(tx)
    await tx.execute("delete from room_draft where member_id = $1", member)
