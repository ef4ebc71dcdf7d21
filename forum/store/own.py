"""All that one wrote in the forum, newest first, where one may still read it."""

from __future__ import annotations

from dataclasses import dataclass

from community.database import Conn
from community.ids import ConversationId, MemberId
from community.log import MessageView
from community.store.access import READABLE
from community.store.messages import VIEW, view
from forum.store.lists import Position
from forum.store.sight import EXISTS_FOR, TITLE


@dataclass(frozen=True, slots=True)
class OwnPost:
    """`title` is the thread's as readers see it; empty once its words are gone."""

    message: MessageView
    title: str


async def posts(conn: Conn, member: MemberId, *, before: Position | None, limit: int) -> list[OwnPost]:
    """What stands or waits for a person; what was taken back is gone from here too."""
    rows = await conn.fetch(
        f"""
        select {VIEW}, {TITLE} as thread_title
        from message m
        join member a on a.id = m.author_id
        join thread t on t.conversation_id = m.conversation_id
        join message f on f.id = t.first_message_id
        join conversation c on c.id = m.conversation_id
        where m.author_id = $1
          and m.state in ('visible', 'masked', 'held')
          and ({READABLE})
          and ({EXISTS_FOR})
          and ($2::timestamptz is null or (m.created_at, m.id) < ($2, $3::uuid))
        order by m.created_at desc, m.id desc
        limit $4
        """,  # noqa: S608
        member,
        before.at if before else None,
        before.id if before else None,
        limit,
    )
    return [OwnPost(view(conn, row), row["thread_title"]) for row in rows]


def position_after(post: OwnPost) -> Position:
    """Where a page of these ends."""
    return Position(post.message.created_at, ConversationId(post.message.id))
