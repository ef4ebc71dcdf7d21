"""What a thread has on top of a conversation: board, title, what its author needs; and who follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from community.database import Conn, Tx, require_tx
from community.ids import BoardId, ConversationId, MemberId, MessageId
from community.store.rows import many

Needs = Literal["listen", "ideas", "stories", "celebrate"]


@dataclass(frozen=True, slots=True)
class NewThread:
    id: ConversationId
    board_id: BoardId
    title: str
    title_shown: str
    first_message_id: MessageId
    needs: Needs | None


async def add(tx: Tx, thread: NewThread) -> None:
    """Open a thread; the gate has made its conversation and kept its first message in this transaction."""
    require_tx(tx)
    await tx.execute(
        """
        insert into thread (conversation_id, board_id, title, title_shown, first_message_id, needs)
        values ($1, $2, $3, $4, $5, $6)
        """,
        thread.id,
        thread.board_id,
        thread.title,
        thread.title_shown,
        thread.first_message_id,
        thread.needs,
    )


async def set_title(tx: Tx, id: ConversationId, title: str, shown: str) -> None:
    """As written, and as readers see it."""
    require_tx(tx)
    await tx.execute(
        "update thread set title = $2, title_shown = $3 where conversation_id = $1", id, title, shown
    )


async def set_pinned(tx: Tx, id: ConversationId, at: datetime | None) -> None:
    require_tx(tx)
    await tx.execute("update thread set pinned_at = $2 where conversation_id = $1", id, at)


async def follow(tx: Tx, id: ConversationId, member: MemberId, *, on: bool, now: datetime) -> None:
    """Follow or stop; either way twice is once."""
    require_tx(tx)
    if on:
        await tx.execute(
            """
            insert into thread_follow (conversation_id, member_id, since)
            values ($1, $2, $3)
            on conflict do nothing
            """,
            id,
            member,
            now,
        )
    else:
        await tx.execute(
            "delete from thread_follow where conversation_id = $1 and member_id = $2", id, member
        )


@dataclass(frozen=True, slots=True)
class PostPlace:
    """Where a post stands among the others; its words are read for one page at a time."""

    id: MessageId
    seq: int
    reply_to: MessageId | None
    author_id: MemberId | None


POSTS_MAX = 10_000


async def places(conn: Conn, id: ConversationId) -> list[PostPlace]:
    """All posts of a thread in the order of the log, the first POSTS_MAX of them."""
    rows = await conn.fetch(
        """
        select id, seq, reply_to, author_id
        from message
        where conversation_id = $1
          and seq is not null
        order by seq
        limit $2
        """,
        id,
        POSTS_MAX,
    )
    return many(PostPlace, rows)


@dataclass(frozen=True, slots=True)
class OwnThread:
    """For a person's own export."""

    id: ConversationId
    title: str
    at: datetime


async def by_author(conn: Conn, member: MemberId) -> list[OwnThread]:
    rows = await conn.fetch(
        """
        select t.conversation_id, t.title, f.created_at
        from thread t
        join message f on f.id = t.first_message_id
        where f.author_id = $1
        order by f.created_at, t.conversation_id
        """,
        member,
    )
    return many(OwnThread, rows)


async def drop_titles_of(tx: Tx, member: MemberId) -> None:
    """Erasure: the titles go with the words. Call it before the author goes from the messages."""
    require_tx(tx)
    await tx.execute(
        """
        update thread t
        set title = '', title_shown = ''
        from message f
        where f.id = t.first_message_id
          and f.author_id = $1
        """,
        member,
    )


async def drop_follows_of(tx: Tx, member: MemberId) -> None:
    require_tx(tx)
    await tx.execute("delete from thread_follow where member_id = $1", member)
