"""Boards: the areas of a group's forum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import BoardId, GroupId, MemberId
from community.store.access import NAMED
from community.store.rows import many, one
from forum.store.sight import EXISTS_FOR

COUNTED_MAX = 1000
"""Counts stop here ("1000+"): nobody needs the exact number, and it keeps every count cheap."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    id: BoardId
    group_id: GroupId
    name: str
    about: str
    position: int


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board as one reader sees it in the list; only threads that exist for them are counted."""

    id: BoardId
    group_id: GroupId
    name: str
    about: str
    position: int
    threads: int
    last_at: datetime | None


async def get(conn: Conn, id: BoardId) -> BoardRow | None:
    """The board, unless it was archived or its group deleted."""
    row = await conn.fetchrow(
        """
        select b.id, b.group_id, b.name, b.about, b.position
        from board b
        join peer_group g on g.id = b.group_id
        where b.id = $1
          and b.archived_at is null
          and g.deleted_at is null
        """,
        id,
    )
    return one(BoardRow, row)


async def of_group(conn: Conn, member: MemberId, group: GroupId) -> list[BoardView]:
    """The group's boards in their order; the caller has checked that the member may read here."""
    rows = await conn.fetch(
        f"""
        select b.id, b.group_id, b.name, b.about, b.position, x.threads, x.last_at
        from board b
        left join lateral (
          select count(*) as threads, max(n.last_at) as last_at
          from (
            select (select e.at from conversation_event e
                    where e.conversation_id = t.conversation_id and e.kind = 'message'
                    order by e.seq desc limit 1) as last_at
            from thread t
            join conversation c on c.id = t.conversation_id
            join message f on f.id = t.first_message_id
            where t.board_id = b.id
              and ({EXISTS_FOR})
            limit $3
          ) n
        ) x on true
        where b.group_id = $2
          and b.archived_at is null
        order by b.position, lower(b.name), b.id
        limit 200
        """,  # noqa: S608
        member,
        group,
        COUNTED_MAX,
    )
    return many(BoardView, rows)


async def add(tx: Tx, board: BoardRow) -> bool:
    """Open a board. False when the group has one of this name."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        insert into board (id, group_id, name, about, position)
        values ($1, $2, $3, $4, $5)
        on conflict (group_id, lower(name)) where archived_at is null do nothing
        returning id
        """,
        board.id,
        board.group_id,
        board.name,
        board.about,
        board.position,
    )
    return row is not None


async def name_taken(conn: Conn, group: GroupId, name: str, *, other_than: BoardId) -> bool:
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1
              from board
              where group_id = $1
                and lower(name) = lower($2)
                and id <> $3
                and archived_at is null)
            """,
            group,
            name,
            other_than,
        )
    )


async def people_named(conn: Conn, member: MemberId, board: BoardId, begins: str, *, limit: int) -> list[str]:
    """Handles that begin so, of people of the board's group who may be named. The caller has checked that the
    member may read there."""
    rows = await conn.fetch(
        f"""
        select a.handle
        from board
        join membership s on s.group_id = board.group_id
        join member a on a.id = s.member_id
        where board.id = $2
          and starts_with(lower(a.handle), lower($3))
          and {NAMED}
        order by lower(a.handle)
        limit $4
        """,  # noqa: S608
        member,
        board,
        begins,
        limit,
    )
    return [row["handle"] for row in rows]


async def update(tx: Tx, board: BoardRow) -> None:
    require_tx(tx)
    await tx.execute(
        "update board set name = $2, about = $3, position = $4 where id = $1",
        board.id,
        board.name,
        board.about,
        board.position,
    )


async def archive(tx: Tx, id: BoardId, *, now: datetime) -> None:
    """Out of every list; its threads stay readable by their own address."""
    require_tx(tx)
    await tx.execute("update board set archived_at = $2 where id = $1 and archived_at is null", id, now)
