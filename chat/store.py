"""Rooms: what a room has on top of a conversation, and how it looks in one reader's list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId
from community.store.rows import many, one

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


_ROOM = "r.conversation_id, r.group_id, r.name, r.about, r.position, c.state, c.last_seq"


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


async def archive(tx: Tx, id: ConversationId, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute("update room set archived_at = $2 where conversation_id = $1", id, now)


async def draft(conn: Conn, member: MemberId, room: ConversationId) -> str:
    """What the member had begun to write in this room; empty when nothing was kept."""
    body = await conn.fetchval("select body from draft where member_id = $1 and place_id = $2", member, room)
    return body or ""


async def keep_draft(tx: Tx, member: MemberId, room: ConversationId, body: str, *, now: datetime) -> None:
    """Keep a draft, replacing the earlier one; an empty one is dropped."""
    require_tx(tx)
    if not body.strip():
        await tx.execute("delete from draft where member_id = $1 and place_id = $2", member, room)
        return
    await tx.execute(
        """
        insert into draft (member_id, place_id, body, at)
        values ($1, $2, $3, $4)
        on conflict (member_id, place_id) do update
          set body = excluded.body, at = excluded.at
        """,
        member,
        room,
        body,
        now,
    )
