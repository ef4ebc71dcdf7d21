"""Which facilitators are in which facilitated rooms, and which rooms should open or close."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, MemberId


async def facilitated(conn: Conn) -> list[ConversationId]:
    """Rooms that need a facilitator."""
    rows = await conn.fetch(
        """
        select conversation_id
        from room
        where facilitated
          and archived_at is null
        order by conversation_id
        """
    )
    return [row["conversation_id"] for row in rows]


async def note(tx: Tx, here: Collection[tuple[MemberId, ConversationId]], *, now: datetime) -> None:
    """Those of `here` who facilitate in that room's group are there now; everyone else is passed over.
    Locked in order, so that two processes can't wait for each other."""
    require_tx(tx)
    ordered = sorted(here)
    await tx.execute(
        """
        insert into facilitator_here (conversation_id, member_id, seen_at)
        select r.conversation_id, s.member_id, $3
        from unnest($1::uuid[], $2::uuid[]) as w(member_id, conversation_id)
        join room r on r.conversation_id = w.conversation_id and r.facilitated
        join membership s on s.group_id = r.group_id and s.member_id = w.member_id
        where s.state = 'member'
          and s.banned_at is null
          and s.role in ('facilitator', 'moderator', 'owner')
        order by r.conversation_id, s.member_id
        on conflict (conversation_id, member_id) do update set seen_at = excluded.seen_at
        """,
        [member for member, _ in ordered],
        [c for _, c in ordered],
        now,
    )


async def due(conn: Conn, *, since: datetime) -> dict[ConversationId, bool]:
    """Facilitated rooms that should change: True opens, False closes."""
    rows = await conn.fetch(
        """
        select r.conversation_id, h.there
        from room r
        join conversation c on c.id = r.conversation_id
        cross join lateral (
          select exists (
            select 1
            from facilitator_here f
            where f.conversation_id = r.conversation_id
              and f.seen_at > $1) as there
        ) h
        where r.facilitated
          and r.archived_at is null
          and c.state = case when h.there then 'read_only' else 'open' end
        order by r.conversation_id
        """,
        since,
    )
    return {row["conversation_id"]: row["there"] for row in rows}


async def drop_of(tx: Tx, member: MemberId) -> None:
    """Erasure."""
    require_tx(tx)
    await tx.execute("delete from facilitator_here where member_id = $1", member)
