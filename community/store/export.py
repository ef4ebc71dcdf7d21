"""Own words and traces, read for export and dropped for erasure: both walk the same tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, MemberId, MessageId
from community.store.rows import many
from community.store.sealed_words import unseal


@dataclass(frozen=True, slots=True)
class OwnWords:
    id: MessageId
    conversation_id: ConversationId | None
    place: str
    seq: int | None
    state: str
    body: str
    created_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnReaction:
    message_id: MessageId
    emoji: str
    at: datetime


async def words_of(conn: Conn, member: MemberId) -> list[OwnWords]:
    rows = await conn.fetch(
        """
        select id, conversation_id, place, seq, state, body, created_at, edited_at
        from message
        where author_id = $1
        order by created_at, id
        """,
        member,
    )
    return [
        replace(words, body=unseal(conn, words.place, words.id, "body", words.body))
        for words in many(OwnWords, rows)
    ]


async def reactions_of(conn: Conn, member: MemberId) -> list[OwnReaction]:
    rows = await conn.fetch(
        "select message_id, emoji, at from reaction where member_id = $1 order by at, message_id", member
    )
    return many(OwnReaction, rows)


async def conversations_of(conn: Conn, member: MemberId) -> list[ConversationId]:
    """Conversations in which the member's words can be read now, or once somebody releases them."""
    rows = await conn.fetch(
        """
        select distinct conversation_id
        from message
        where author_id = $1
          and conversation_id is not null
          and state in ('visible', 'masked', 'held')
        order by conversation_id
        """,
        member,
    )
    return [row["conversation_id"] for row in rows]


async def standing_words(conn: Conn, member: MemberId, conversation: ConversationId) -> list[MessageId]:
    """The member's messages that others can read there, in order."""
    rows = await conn.fetch(
        """
        select id
        from message
        where author_id = $1
          and conversation_id = $2
          and seq is not null
          and state in ('visible', 'masked')
        order by seq
        """,
        member,
        conversation,
    )
    return [row["id"] for row in rows]


async def drop_words(tx: Tx, member: MemberId, *, keep: Collection[MessageId]) -> None:
    """Words gone everywhere: bodies, masks, rendered text, search, revisions, nonces, and the name from
    every one of them. Bodies in `keep` (an open case) stay sealed: no author, no reader, until
    `drop_sealed`. Events keep their seq."""
    require_tx(tx)
    await tx.execute("delete from submission where author_id = $1", member)
    await tx.execute(
        "delete from revision where message_id in (select id from message where author_id = $1)", member
    )
    await tx.execute(
        """
        update message
        set body = case when id = any($2::uuid[]) then body else '' end,
            shown = '', html = '', search = '', warnings = '{}',
            state = case when state = 'removed' then 'removed' else 'withdrawn' end,
            author_id = null
        where author_id = $1
        """,
        member,
        list(keep),
    )
    await tx.execute("delete from reaction where member_id = $1", member)
    await tx.execute(
        "update conversation_event set member_id = null, emoji = null where member_id = $1", member
    )


async def drop_sealed(tx: Tx, ids: Collection[MessageId]) -> None:
    """The case is closed and its appeal time over: the last copy of an erased member's words goes."""
    require_tx(tx)
    await tx.execute(
        "update message set body = '' where id = any($1::uuid[]) and author_id is null", list(ids)
    )


async def drop_account(tx: Tx, member: MemberId, *, now: datetime) -> None:
    """Everything about the person but an empty row that keeps references whole."""
    require_tx(tx)
    for table in (
        "consent",
        "session",
        "capability",
        "member_block",
        "member_mute",
        "read_mark",
        "notice",
        "idempotency",
        "participant",
        "membership",
        "member_wish",
        "recovery_code",
        "recovery_link",
        "group_question",
    ):
        await tx.execute(f"delete from {table} where member_id = $1", member)  # noqa: S608
    await tx.execute("delete from member_block where blocked_id = $1", member)
    await tx.execute("delete from member_mute where muted_id = $1", member)
    await tx.execute(
        """
        update member
        set handle = null, handle_folded = null, password_hash = null, email = null, country = null,
            language = 'en', time_zone = 'UTC', settings = '{}', is_operator = false, erased_at = $2
        where id = $1
        """,
        member,
        now,
    )
