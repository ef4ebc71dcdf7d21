"""The event log: appended under the conversation's row lock, read by position.

Number order is commit order because `last_seq` is only moved by the transaction that holds the row
(community/store/conversations.py). So whoever has read up to n has seen everything up to n.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, MemberId, MessageId
from community.log import GONE, EventKind, LoggedEvent
from community.store.sealed_words import unseal, unseal_each

_COLUMNS = """
    e.conversation_id, e.seq, e.kind, e.at, e.message_id,
    m.author_id, a.handle as author_handle, m.state, m.shown, m.html,
    case when m.state = 'masked' then m.body end as own_body,
    m.reply_to, m.warnings, m.created_at, m.edited_at,
    e.member_id, e.emoji, e.on_, e.notice, m.place
"""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append; its seq was drawn under the conversation's row lock."""

    conversation_id: ConversationId
    seq: int
    kind: EventKind
    message_id: MessageId | None = None
    member_id: MemberId | None = None
    emoji: str | None = None
    on: bool | None = None
    notice: str | None = None


async def read_after(
    conn: Conn, positions: Mapping[ConversationId, int], limit_each: int
) -> list[LoggedEvent]:
    """Events after each position, at most `limit_each` a conversation, ordered by conversation and seq.

    One query however many conversations are due. Says nothing about who may read them.
    """
    rows = await conn.fetch(
        f"""
        select {_COLUMNS}
        from unnest($1::uuid[], $2::bigint[]) as w(conversation_id, after)
        cross join lateral (
          select *
          from conversation_event x
          where x.conversation_id = w.conversation_id
            and x.seq > w.after
          order by x.seq
          limit $3
        ) e
        left join message m on m.id = e.message_id
        left join member a on a.id = m.author_id
        order by e.conversation_id, e.seq
        """,  # noqa: S608
        list(positions.keys()),
        list(positions.values()),
        limit_each,
    )
    return [_event(conn, row) for row in rows]


async def heads(conn: Conn, ids: Collection[ConversationId]) -> dict[ConversationId, int]:
    """The last seq of each conversation; unknown ids are absent."""
    rows = await conn.fetch("select id, last_seq from conversation where id = any($1::uuid[])", list(ids))
    return {row["id"]: row["last_seq"] for row in rows}


async def epoch(conn: Conn) -> UUID:
    """Changes only when history was restored from a backup: then positions of before mean nothing."""
    value: UUID = await conn.fetchval("select epoch from organisation")
    return value


async def append(tx: Tx, events: Sequence[NewEvent], *, now: datetime) -> None:
    """Append events whose seqs the caller drew; the caller holds the conversations' row locks."""
    require_tx(tx)
    await tx.execute(
        """
        insert into conversation_event
          (conversation_id, seq, kind, message_id, member_id, emoji, on_, notice, at)
        select e.conversation_id, e.seq, e.kind, e.message_id, e.member_id, e.emoji, e.on_, e.notice, $9
        from unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::bool[],
                    $8::text[])
          as e(conversation_id, seq, kind, message_id, member_id, emoji, on_, notice)
        """,
        [e.conversation_id for e in events],
        [e.seq for e in events],
        [e.kind for e in events],
        [e.message_id for e in events],
        [e.member_id for e in events],
        [e.emoji for e in events],
        [e.on for e in events],
        [e.notice for e in events],
        now,
    )


def _event(conn: Conn, row: Any) -> LoggedEvent:
    place, own_body = row["place"] or "", row["own_body"]
    return LoggedEvent(
        c=row["conversation_id"],
        seq=row["seq"],
        kind=row["kind"],
        at=row["at"],
        message_id=row["message_id"],
        author_id=row["author_id"],
        author_handle=row["author_handle"],
        state=row["state"],
        shown=unseal(conn, place, row["message_id"], "shown", row["shown"] or ""),
        html=unseal(conn, place, row["message_id"], "html", row["html"] or ""),
        own_body=own_body and unseal(conn, place, row["message_id"], "body", own_body),
        reply_to=row["reply_to"],
        warnings=()
        if row["state"] in GONE
        else unseal_each(conn, place, row["message_id"], "warnings", row["warnings"] or ()),
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        member_id=row["member_id"],
        emoji=row["emoji"],
        on=row["on_"],
        notice=row["notice"],
    )
