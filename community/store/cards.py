"""Support cards that still stand beside the words they answered: there after a reload, gone once put away.

The card itself is part of the first answer that is kept beside the nonce (`submission.result`); this table
only says which ones their authors have put away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, MemberId, MessageId
from community.store.rows import one


@dataclass(frozen=True, slots=True)
class StandingCard:
    """`result` is the first answer as JSON; its `support` holds the card."""

    message_id: MessageId
    result: str


async def standing(
    conn: Conn, author: MemberId, conversation: ConversationId, *, since: datetime
) -> StandingCard | None:
    """The newest card that this author was given here since then and hasn't put away."""
    row = await conn.fetchrow(
        """
        select m.id, s.result
        from message m
        join submission s on s.message_id = m.id and s.author_id = m.author_id
        where m.author_id = $1
          and m.conversation_id = $2
          and m.created_at > $3
          and jsonb_typeof(s.result -> 'support') = 'object'
          and not exists (select 1 from card_away w where w.message_id = m.id)
        order by s.at desc, m.id
        limit 1
        """,
        author,
        conversation,
        since,
    )
    return one(StandingCard, row)


async def put_away(tx: Tx, author: MemberId, message: MessageId, *, now: datetime) -> None:
    """The author has seen it. Older cards in the same conversation go with it, so that none comes back;
    somebody else's message is passed over. Twice is once."""
    require_tx(tx)
    await tx.execute(
        """
        insert into card_away (message_id, at)
        select m.id, $3
        from message m
        join message w on w.id = $2 and w.author_id = $1 and w.conversation_id = m.conversation_id
        where m.author_id = $1
          and m.created_at between w.created_at - interval '2 days' and w.created_at
          and exists (
            select 1 from submission s
            where s.message_id = m.id and jsonb_typeof(s.result -> 'support') = 'object')
        on conflict do nothing
        """,
        author,
        message,
        now,
    )
