"""Rooms: what a room has on top of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId
from community.store.rows import many, one


@dataclass(frozen=True, slots=True)
class RoomRow:
    id: ConversationId
    group_id: GroupId
    name: str
    about: str
    position: int
    state: str  # of the conversation
    last_seq: int


_ROOM = "r.conversation_id, r.group_id, r.name, r.about, r.position, c.state, c.last_seq"


async def of_group(conn: Conn, group: GroupId) -> list[RoomRow]:
    rows = await conn.fetch(
        f"""
        select {_ROOM}
        from room r
        join conversation c on c.id = r.conversation_id
        where r.group_id = $1
          and r.archived_at is null
        order by r.position, lower(r.name), r.conversation_id
        limit 500
        """,  # noqa: S608
        group,
    )
    return many(RoomRow, rows)


async def get(conn: Conn, id: ConversationId) -> RoomRow | None:
    row = await conn.fetchrow(
        f"""
        select {_ROOM}
        from room r
        join conversation c on c.id = r.conversation_id
        where r.conversation_id = $1
          and r.archived_at is null
        """,  # noqa: S608
        id,
    )
    return one(RoomRow, row)


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
