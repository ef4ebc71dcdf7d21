"""What is new for a member, read off the log each time: only what they may read at this moment.

`thread_follow`, `thread` and `room` are the forum's and the chat's to write; they are only read here, for the one
list in which all conversations stand together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.database import Conn
from community.ids import MemberId, MessageId
from community.notices.news import NewsRow
from community.store.access import READABLE
from community.store.rows import many

NEWS_MAX = 500

# $1 the reader. Words that stand: published, not taken back; of nobody they blocked or muted, nor who blocked them.
_SEEN = """
    m.author_id <> $1
    and m.seq is not null
    and m.state in ('visible', 'masked')
    and a.erased_at is null
    and not exists (
      select 1 from member_block k
      where (k.member_id, k.blocked_id) in (($1, m.author_id), (m.author_id, $1)))
    and not exists (select 1 from member_mute k where k.member_id = $1 and k.muted_id = m.author_id)
"""

# A care verdict of an earlier text counts too: editing never lowers.
_HAS_CARE = """
    (v.tier <> 'green' or exists (
      select 1 from revision x join verdict y on y.id = x.verdict_id
      where x.message_id = m.id and y.tier <> 'green'))
"""


async def news(conn: Conn, member: MemberId, *, since: datetime) -> list[NewsRow]:
    """Answers to them, mentions of them, and what came in threads they follow, newest first. A message may come
    several times, once for each reason."""
    rows = await conn.fetch(
        f"""
        select w.kind, m.id, c.id, c.kind, m.seq, a.handle, m.shown, m.warnings,
               coalesce(r.name, case when f.state in ('withdrawn', 'removed') then '' else t.title_shown end, ''),
               case when f.state in ('visible', 'masked') then f.warnings else '{{}}' end,
               g.name, {_HAS_CARE}, w.at, coalesce(rm.seq, 0)
        from (
          select 'mention' as kind, n.message_id, n.at
          from mention n
          where n.member_id = $1 and n.at > $2
          union all
          select 'reply', x.id, e.at
          from message p
          join message x on x.reply_to = p.id
          join conversation_event e on e.message_id = x.id and e.kind = 'message'
          where p.author_id = $1 and x.created_at > $2::timestamptz - interval '30 days' and e.at > $2
          union all
          select 'follow', e.message_id, e.at
          from thread_follow l
          join conversation_event e on e.conversation_id = l.conversation_id
            and e.kind = 'message' and e.at > greatest($2, l.since)
          where l.member_id = $1
        ) w
        join message m on m.id = w.message_id
        join verdict v on v.id = m.verdict_id
        join member a on a.id = m.author_id
        join conversation c on c.id = m.conversation_id and c.kind in ('room', 'thread')
        join peer_group g on g.id = c.group_id
        left join room r on r.conversation_id = c.id
        left join thread t on t.conversation_id = c.id
        left join message f on f.id = t.first_message_id
        left join read_mark rm on rm.conversation_id = c.id and rm.member_id = $1
        where {_SEEN}
          and {READABLE}
        order by w.at desc, m.id desc, w.kind
        limit {NEWS_MAX}
        """,  # noqa: S608
        member,
        since,
    )
    return many(NewsRow, [_plain(row) for row in rows])


@dataclass(frozen=True, slots=True)
class HouseNews:
    """An unread notice of the house."""

    kind: str
    message_id: MessageId | None


async def house(conn: Conn, member: MemberId, *, since: datetime) -> list[HouseNews]:
    """Unread notices since then, without those about words with a care verdict."""
    rows = await conn.fetch(
        f"""
        select n.kind, n.message_id
        from notice n
        left join message m on m.id = n.message_id
        left join verdict v on v.id = m.verdict_id
        where n.member_id = $1
          and n.at > $2
          and n.read_at is null
          and (m.id is null or not {_HAS_CARE})
        order by n.at desc, n.id
        limit {NEWS_MAX}
        """,  # noqa: S608
        member,
        since,
    )
    return many(HouseNews, rows)


def _plain(row: Any) -> tuple[Any, ...]:
    """Arrays become tuples: what travels can't be changed."""
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)
