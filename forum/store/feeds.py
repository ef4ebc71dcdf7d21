"""What a feed shows: titles of threads, and only of those its owner may read at the moment of asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn
from community.ids import ConversationId, GroupId, MemberId
from community.store.access import READABLE
from community.store.rows import many
from forum.store.sight import NOT_BLOCKED, TITLE

ENTRIES_MAX = 30


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """`title` is empty where the words went; `warned`: its author put a content warning on it."""

    id: ConversationId
    title: str
    warned: bool
    at: datetime
    last_at: datetime


async def entries(conn: Conn, member: MemberId, group: GroupId | None) -> list[FeedEntry]:
    """The newest threads of one group, or of all the member is in; never a held one."""
    rows = await conn.fetch(
        f"""
        select t.conversation_id, {TITLE}, f.warnings <> '{{}}', f.created_at,
               (select e.at from conversation_event e
                where e.conversation_id = t.conversation_id and e.kind = 'message'
                order by e.seq desc limit 1)
        from thread t
        join message f on f.id = t.first_message_id
        join conversation c on c.id = t.conversation_id
        where f.seq is not null
          and c.group_id in (
            select w.group_id from membership w where w.member_id = $1 and w.state = 'member')
          and ($2::uuid is null or c.group_id = $2)
          and ({READABLE})
          and ({NOT_BLOCKED})
        order by f.created_at desc, t.conversation_id desc
        limit $3
        """,  # noqa: S608
        member,
        group,
        ENTRIES_MAX,
    )
    return many(FeedEntry, rows)
