"""Search: words and titles that this reader may see now, best fit first.

Permission is part of the query, not a filter on its answer, so nothing about what was left out can be read
off counts or pages. Held words are not in the index at all; withdrawn and removed ones have no text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.database import Conn
from community.ids import BoardId, GroupId, MemberId
from community.log import MessageView
from community.store.access import READABLE
from community.store.messages import VIEW, view
from forum.store.sight import TITLE
from forum.store.threads import Needs

CANDIDATES_MAX = 500
"""The newest so many fitting messages are ranked: a common word can't make the query slow."""
OPEN, CLOSE = "\ue000", "\ue001"
"""Stand around a found word in a snippet. Private-use characters, taken out of the text beforehand, so
that the text is escaped first and marked after."""


@dataclass(frozen=True, slots=True)
class Found:
    """One message with its thread's title ("" for a room, and where the title went) and two snippets."""

    message: MessageView
    group_id: GroupId
    group_slug: str
    group_name: str
    thread_title: str | None  # None: not in a thread
    is_first: bool
    snippet: str
    title_snippet: str


@dataclass(frozen=True, slots=True)
class Narrow:
    """Where and whose words are looked for; None leaves it open. A board and a need leave rooms out."""

    board: BoardId | None = None
    author: str | None = None  # a handle, in any case
    since: datetime | None = None
    until: datetime | None = None  # before this moment
    needs: Needs | None = None


WIDE = Narrow()

_OPTIONS = "StartSel={}, StopSel={}, MaxWords={}, MinWords={}, ShortWord=0"


def _headline(text: str, options: str) -> str:
    return f"ts_headline('simple', translate({text}, '{OPEN}{CLOSE}', ''), q.query, '{options}')"


_SNIPPET = _headline("m.shown", _OPTIONS.format(OPEN, CLOSE, 32, 18))
_TITLE_SNIPPET = _headline(
    f"coalesce({TITLE}, '')", _OPTIONS.format(OPEN, CLOSE, 60, 20) + ", HighlightAll=true"
)

# m: a message. Narrowed before the newest are taken, so that a narrow search finds old words too.
_NARROW = """
    and ($7::text is null or m.author_id = (
      select a.id from member a where lower(a.handle) = lower($7) and a.erased_at is null))
    and ($8::timestamptz is null or m.created_at >= $8)
    and ($9::timestamptz is null or m.created_at < $9)
    and (($10::uuid is null and $11::text is null) or exists (
      select 1
      from thread n
      where n.conversation_id = m.conversation_id
        and ($10 is null or n.board_id = $10)
        and ($11 is null or n.needs = $11)))
"""

# $1 reader, $2 words, $3 group or null, $4 candidates, $5 offset, $6 limit
_FIND = f"""
    with q as (select websearch_to_tsquery('simple', $2) as query),
    mine as materialized (
      select g.id, g.slug, g.name
      from peer_group g
      where g.deleted_at is null
        and ($3::uuid is null or g.id = $3)
        and exists (
          select 1
          -- A group is read like the conversations in it.
          from (select g.id as group_id, 'room' as kind, 'open' as state, 1 as last_seq, g.id as id) c
          where {READABLE})
    ),
    fitting as (
      (select m.id
       from message m, q
       where m.search @@ q.query
         and m.group_id in (select id from mine)
         and m.seq is not null
         and m.state in ('visible', 'masked')
         and m.place in ('room', 'thread')
         {_NARROW}
       order by m.created_at desc
       limit $4)
      union
      (select m.id
       from thread t
       join message m on m.id = t.first_message_id, q
       where t.title_search @@ q.query
         and m.group_id in (select id from mine)
         and m.seq is not null
         and m.state in ('visible', 'masked')
         {_NARROW}
       order by m.created_at desc
       limit $4)
    ),
    best as (
      select m.id,
             ts_rank(m.search, q.query)
               + case when t.first_message_id = m.id then 2 * ts_rank(t.title_search, q.query) else 0 end
               as fit,
             m.created_at
      from fitting x
      join message m on m.id = x.id
      join conversation c on c.id = m.conversation_id
      left join thread t on t.conversation_id = c.id
      left join message f on f.id = t.first_message_id
      cross join q
      where {READABLE}
        and (t.conversation_id is null or f.seq is not null)
        and not exists (
          select 1 from member_block k where k.member_id = $1 and k.blocked_id in (m.author_id, f.author_id))
      order by fit desc, m.created_at desc, m.id
      offset $5
      limit $6
    )
    select {VIEW},
           g.id as group_id, g.slug, g.name,
           case when t.conversation_id is not null then {TITLE} end as thread_title,
           coalesce(t.first_message_id = m.id, false) as is_first,
           {_SNIPPET} as snippet,
           {_TITLE_SNIPPET} as title_snippet
    from best x
    join message m on m.id = x.id
    join mine g on g.id = m.group_id
    left join member a on a.id = m.author_id
    left join thread t on t.conversation_id = m.conversation_id
    left join message f on f.id = t.first_message_id
    cross join q
    order by x.fit desc, x.created_at desc, x.id
"""  # noqa: S608


async def find(
    conn: Conn,
    member: MemberId,
    words: str,
    *,
    group: GroupId | None,
    offset: int,
    limit: int,
    narrow: Narrow = WIDE,
) -> list[Found]:
    """Messages that fit `words` (websearch syntax: "exact", -not, or), from `offset` on."""
    rows = await conn.fetch(
        _FIND,
        member,
        words,
        group,
        CANDIDATES_MAX,
        offset,
        limit,
        narrow.author,
        narrow.since,
        narrow.until,
        narrow.board,
        narrow.needs,
    )
    return [_found(conn, row) for row in rows]


def _found(conn: Conn, row: Any) -> Found:
    return Found(
        message=view(conn, row),
        group_id=row["group_id"],
        group_slug=row["slug"],
        group_name=row["name"],
        thread_title=row["thread_title"],
        is_first=row["is_first"],
        snippet=row["snippet"],
        title_snippet=row["title_snippet"],
    )
