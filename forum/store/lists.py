"""Threads as their readers see them, alone and in lists.

Author, time and visibility come from the first message, answers and activity from the log. With 10,000
threads on one board a page of the list takes 70 ms that way, 7 ms with 1,000; a kept copy would have to be
written by every path that touches the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from community.database import Conn
from community.ids import BoardId, ConversationId, GroupId, MemberId, MessageId
from community.log import MessageState
from community.store.access import READABLE
from community.store.rows import one
from forum.store.boards import COUNTED_MAX
from forum.store.sight import EXISTS_FOR, MODERATES, NOT_BLOCKED, TITLE, WARNINGS
from forum.store.threads import Needs

Filter = Literal["all", "unanswered", "followed", "mine", "unread", "warned"]
UNREAD_MAX = 100
PINNED_MAX = 10


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread as one reader sees it. `title` is empty once its first message is withdrawn or removed."""

    id: ConversationId
    board_id: BoardId
    board_name: str
    group_id: GroupId
    group_slug: str
    group_name: str
    title: str
    needs: Needs | None
    pinned: bool
    conversation_state: str
    last_seq: int
    first_id: MessageId
    first_state: MessageState
    first_seq: int | None
    author_id: MemberId | None
    author_handle: str | None
    warnings: tuple[str, ...]
    at: datetime
    last_at: datetime
    replies: int  # counted up to COUNTED_MAX
    read_seq: int | None  # None: never opened by this reader
    unread: int  # answers of others after read_seq, counted up to UNREAD_MAX
    followed: bool

    @property
    def locked(self) -> bool:
        return self.conversation_state != "open"

    @property
    def held(self) -> bool:
        return self.first_seq is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which threads of a board: a filter, a need, with or without warned ones."""

    filter: Filter = "all"
    needs: Needs | None = None
    warned: bool = True


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of a list ends: the activity and id of its last thread."""

    at: datetime
    id: ConversationId


_LAST_AT = """
    coalesce(
      (select e.at from conversation_event e
       where e.conversation_id = t.conversation_id and e.kind = 'message'
       order by e.seq desc limit 1),
      f.created_at)
"""

_VIEW = f"""
    t.conversation_id, t.board_id, b.name, g.id, g.slug, g.name, {TITLE}, t.needs, t.pinned_at is not null,
    c.state, c.last_seq, f.id, f.state, f.seq, f.author_id, a.handle, {WARNINGS}, f.created_at,
    {_LAST_AT} as last_at,
    (select count(*) from (
       select 1 from message r
       where r.conversation_id = t.conversation_id and r.seq is not null and r.id <> f.id
         and r.state in ('visible', 'masked')
       limit {COUNTED_MAX}) answers),
    rm.seq,
    (select count(*) from (
       select 1 from message r
       where r.conversation_id = t.conversation_id and r.seq > coalesce(rm.seq, 0)
         and r.state in ('visible', 'masked')
         and r.author_id is distinct from $1
         and not exists (select 1 from member_block k where k.member_id = $1 and k.blocked_id = r.author_id)
       limit {UNREAD_MAX}) news),
    tf.member_id is not null
"""  # noqa: S608

_FROM = """
    from thread t
    join board b on b.id = t.board_id
    join peer_group g on g.id = b.group_id
    join conversation c on c.id = t.conversation_id
    join message f on f.id = t.first_message_id
    left join member a on a.id = f.author_id
    left join read_mark rm on rm.conversation_id = t.conversation_id and rm.member_id = $1
    left join thread_follow tf on tf.conversation_id = t.conversation_id and tf.member_id = $1
"""

_FILTERS: dict[Filter, str] = {
    "all": "true",
    "mine": "f.author_id = $1",
    "followed": "exists (select 1 from thread_follow w"
    " where w.conversation_id = t.conversation_id and w.member_id = $1)",
    "unanswered": "not exists (select 1 from message r where r.conversation_id = t.conversation_id"
    " and r.seq is not null and r.state in ('visible', 'masked')"
    " and r.author_id is distinct from f.author_id)"
    " and f.state in ('visible', 'masked')",
    "warned": "f.warnings <> '{}' and f.state in ('visible', 'masked')",
    "unread": "exists (select 1 from message r where r.conversation_id = t.conversation_id"
    " and r.seq > coalesce((select w.seq from read_mark w"
    " where w.conversation_id = t.conversation_id and w.member_id = $1), 0)"
    " and r.state in ('visible', 'masked') and r.author_id is distinct from $1)",
}


async def on_board(
    conn: Conn,
    member: MemberId,
    board: BoardId,
    *,
    wanted: Wanted,
    before: Position | None,
    limit: int,
) -> list[ThreadView]:
    """Threads by last activity, newest first; pinned ones are left to `pinned` where nothing is filtered.

    The caller has checked that the member may read the board's group.
    """
    pinned = "and t.pinned_at is null" if wanted == Wanted() else ""
    rows = await conn.fetch(
        f"""
        with page as (
          select t.conversation_id, {_LAST_AT} as last_at
          from thread t
          join conversation c on c.id = t.conversation_id
          join message f on f.id = t.first_message_id
          where t.board_id = $2
            and ({EXISTS_FOR})
            and ({NOT_BLOCKED})
            and ({_FILTERS[wanted.filter]})
            and ($3::text is null or t.needs = $3)
            and ($4 or f.warnings = '{{}}')
            {pinned}
        )
        select {_VIEW}
        from (
          select p.conversation_id, p.last_at
          from page p
          where $5::timestamptz is null or (p.last_at, p.conversation_id) < ($5, $6::uuid)
          order by p.last_at desc, p.conversation_id desc
          limit $7
        ) p
        join thread t on t.conversation_id = p.conversation_id
        {_FROM.replace("from thread t", "")}
        order by p.last_at desc, p.conversation_id desc
        """,  # noqa: S608
        member,
        board,
        wanted.needs,
        wanted.warned,
        before.at if before else None,
        before.id if before else None,
        limit,
    )
    return [_view(row) for row in rows]


async def pinned(conn: Conn, member: MemberId, board: BoardId) -> list[ThreadView]:
    """What moderators put on top, last pinned first."""
    rows = await conn.fetch(
        f"""
        select {_VIEW}
        {_FROM}
        where t.board_id = $2
          and t.pinned_at is not null
          and ({EXISTS_FOR})
          and ({NOT_BLOCKED})
        order by t.pinned_at desc, t.conversation_id
        limit {PINNED_MAX}
        """,
        member,
        board,
    )
    return [_view(row) for row in rows]


async def see(conn: Conn, member: MemberId, id: ConversationId) -> ThreadView | None:
    """The thread, if it exists for this reader at this moment."""
    rows = await _readable(conn, member, "t.conversation_id = $2", id, 1)
    return rows[0] if rows else None


async def of_first_message(conn: Conn, member: MemberId, message: MessageId) -> ThreadView | None:
    """The thread that this message opened."""
    rows = await _readable(conn, member, "t.first_message_id = $2", message, 1)
    return rows[0] if rows else None


async def of_message(conn: Conn, member: MemberId, message: MessageId) -> ThreadView | None:
    """The thread in which this message stands; a held message is found by its author and moderators."""
    rows = await _readable(
        conn,
        member,
        f"""
        t.conversation_id = (select m.conversation_id from message m where m.id = $2)
        and (
          exists (select 1 from message m where m.id = $2 and (m.seq is not null or m.author_id = $1))
          or {MODERATES})
        """,  # noqa: S608
        message,
        1,
    )
    return rows[0] if rows else None


async def followed(conn: Conn, member: MemberId, limit: int) -> list[ThreadView]:
    """Threads that the member follows and may still read, last activity first."""
    condition = "tf.member_id is not null and $2::uuid is null"
    return await _readable(conn, member, condition, None, limit)


async def _readable(
    conn: Conn, member: MemberId, condition: str, value: object, limit: int
) -> list[ThreadView]:
    rows = await conn.fetch(
        f"""
        select {_VIEW}
        {_FROM}
        where ({condition})
          and ({READABLE})
          and ({EXISTS_FOR})
        order by last_at desc, t.conversation_id desc
        limit $3
        """,
        member,
        value,
        limit,
    )
    return [_view(row) for row in rows]


def _view(row: Any) -> ThreadView:
    values = list(row)
    values[16] = tuple(values[16] or ())
    view = one(ThreadView, values)
    assert view is not None
    return view
