"""Which words of an erased member a case still needs, and when the last copy may go."""

from __future__ import annotations

from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, MessageId


async def sealed_for(tx: Tx, member: MemberId) -> list[MessageId]:
    """The member's messages in cases that aren't closed: sealed until they are and appeal time is over."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        select distinct m.id
        from message m
        join case_message cm on cm.message_id = m.id
        join moderation_case c on c.id = cm.case_id
        where m.author_id = $1
          and c.state <> 'closed'
        """,
        member,
    )
    return [row["id"] for row in rows]


async def unsealed(conn: Conn, *, closed_before: datetime) -> list[MessageId]:
    """Sealed words whose cases were all closed before then: their last copy may go. A batch at a time."""
    rows = await conn.fetch(
        """
        select m.id
        from message m
        where m.author_id is null
          and m.body <> ''
          and not exists (
            select 1
            from case_message cm
            join moderation_case c on c.id = cm.case_id
            where cm.message_id = m.id
              and (c.state <> 'closed' or c.closed_at > $1))
        order by m.id
        limit 500
        """,
        closed_before,
    )
    return [row["id"] for row in rows]


async def withdrawn_without_case(conn: Conn, *, before: datetime) -> list[MessageId]:
    """Withdrawn and removed words older than that which no open or lately closed case needs; a batch."""
    rows = await conn.fetch(
        """
        select m.id
        from message m
        where m.state in ('withdrawn', 'removed')
          and m.body <> ''
          and m.author_id is not null
          and greatest(m.created_at, m.edited_at) < $1
          and not exists (
            select 1
            from case_message cm
            join moderation_case c on c.id = cm.case_id
            where cm.message_id = m.id
              and (c.state <> 'closed' or c.closed_at > $1))
        order by m.id
        limit 500
        """,
        before,
    )
    return [row["id"] for row in rows]
