"""Who may read which conversation now, in one place: socket, history, replay, search and feed agree."""

from __future__ import annotations

from collections.abc import Collection

from community.database import Conn
from community.ids import ConversationId, MemberId

# $1 member; a: a row of member, s: their membership of a group. Whose name a member may be offered in that group,
# who is in it: those who have said something there that others can read, or lead it. Who only reads stays unknown,
# and nobody is offered across a block in either direction, nor who has left, was banned, or has died.
NAMED = """
    a.erased_at is null
    and a.suspended_at is null
    and a.id <> $1
    and s.state = 'member'
    and s.banned_at is null
    and exists (
      select 1 from membership mine
      where mine.group_id = s.group_id and mine.member_id = $1 and mine.state = 'member' and mine.banned_at is null)
    and (s.role <> 'member' or exists (
      select 1 from message x
      where x.author_id = a.id
        and x.group_id = s.group_id
        and x.seq is not null
        and x.place <> 'pairing'
        and x.state in ('visible', 'masked')))
    and not exists (
      select 1 from member_block b
      where (b.member_id, b.blocked_id) in ((a.id, $1), ($1, a.id)))
"""

# $1 member, c: a row of conversation. Public groups may be read by every signed-in member; others by those
# inside. A ban ends reading; a mute does not. Operators see groups as members do: no silent watching.
# A thread whose log is empty begins with a held message: it is there for its author and moderators alone.
READABLE = """
    exists (select 1 from member m where m.id = $1 and m.erased_at is null and m.suspended_at is null)
    and (
      (c.kind = 'pairing' and exists (
        select 1 from participant p
        where p.conversation_id = c.id and p.member_id = $1 and p.left_at is null))
      or (c.kind <> 'pairing' and exists (
        select 1
        from peer_group g
        left join membership s on s.group_id = g.id and s.member_id = $1
        where g.id = c.group_id
          and g.deleted_at is null
          and s.banned_at is null
          and (s.state = 'member' or g.visibility = 'public')))
    )
    and c.state <> 'closed'
    and (
      c.kind <> 'thread'
      or c.last_seq > 0
      or exists (select 1 from message f where f.conversation_id = c.id and f.author_id = $1)
      or exists (
        select 1
        from membership w
        where w.group_id = c.group_id
          and w.member_id = $1
          and w.state = 'member'
          and w.role in ('moderator', 'owner'))
    )
"""


async def readable(conn: Conn, member: MemberId, ids: Collection[ConversationId]) -> set[ConversationId]:
    """Those of `ids` that this member may read at this moment."""
    rows = await conn.fetch(
        f"select c.id from conversation c where c.id = any($2::uuid[]) and ({READABLE})",  # noqa: S608
        member,
        list(ids),
    )
    return {row["id"] for row in rows}


async def blocked_by(conn: Conn, member: MemberId) -> frozenset[MemberId]:
    """Authors whose words this member doesn't want to see."""
    rows = await conn.fetch("select blocked_id from member_block where member_id = $1", member)
    return frozenset(row["blocked_id"] for row in rows)


async def blockers_of(conn: Conn, member: MemberId) -> frozenset[MemberId]:
    """Members who don't want to see this one: presence and typing don't cross either way."""
    rows = await conn.fetch("select member_id from member_block where blocked_id = $1", member)
    return frozenset(row["member_id"] for row in rows)
