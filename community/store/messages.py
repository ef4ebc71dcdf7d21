"""Words: the one table of everything a person writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId, MessageId, VerdictId
from community.log import MessageState, MessageView
from community.store.rows import one
from community.store.sealed_words import LOST, PRIVATE, opened, seal, seal_each, unseal, unseal_each


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Words about to be kept. `seq` is None while held and for words outside conversations."""

    id: MessageId
    conversation_id: ConversationId | None
    group_id: GroupId | None
    author_id: MemberId
    place: str
    verdict_id: VerdictId
    seq: int | None
    state: MessageState
    body: str
    shown: str
    html: str
    html_version: int
    warnings: tuple[str, ...]
    reply_to: MessageId | None
    held_why: str | None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message with what a ruling about it needs."""

    id: MessageId
    conversation_id: ConversationId | None
    group_id: GroupId | None
    author_id: MemberId | None
    place: str
    seq: int | None
    state: MessageState
    body: str
    shown: str
    verdict_id: VerdictId
    edit_count: int
    held_why: str | None
    is_lost: bool = False  # `body` doesn't open: its key is gone


async def add(tx: Tx, messages: Sequence[NewMessage], *, now: datetime) -> None:
    """Keep messages. Only what readers may see goes into the search vector, and nothing of a held
    message or a pairing does."""
    require_tx(tx)
    await tx.execute(
        """
        insert into message
          (id, conversation_id, group_id, author_id, place, verdict_id, seq, state, body, shown, html,
           html_version, warnings, reply_to, held_why, created_at, search)
        select m.id, m.conversation_id, m.group_id, m.author_id, m.place, m.verdict_id, m.seq, m.state,
               m.body, m.shown, m.html, m.html_version,
               array(select jsonb_array_elements_text(m.warnings)), m.reply_to, m.held_why, $16,
               case when m.seq is not null and m.place <> 'pairing'
                 then to_tsvector('simple', m.shown) else ''::tsvector end
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::bigint[],
                    $8::text[], $9::text[], $10::text[], $11::text[], $12::int[], $13::jsonb[],
                    $14::uuid[], $15::text[])
          as m(id, conversation_id, group_id, author_id, place, verdict_id, seq, state, body, shown, html,
               html_version, warnings, reply_to, held_why)
        """,
        [m.id for m in messages],
        [m.conversation_id for m in messages],
        [m.group_id for m in messages],
        [m.author_id for m in messages],
        [m.place for m in messages],
        [m.verdict_id for m in messages],
        [m.seq for m in messages],
        [m.state for m in messages],
        [seal(tx, m.place, m.id, "body", m.body) for m in messages],
        [seal(tx, m.place, m.id, "shown", m.shown) for m in messages],
        [seal(tx, m.place, m.id, "html", m.html) for m in messages],
        [m.html_version for m in messages],
        [_json_list(seal_each(tx, m.place, m.id, "warnings", m.warnings)) for m in messages],
        [m.reply_to for m in messages],
        [m.held_why for m in messages],
        now,
    )


async def get(conn: Conn, id: MessageId) -> MessageRow | None:
    row = await conn.fetchrow(f"select {_ROW} from message where id = $1", id)  # noqa: S608
    return _row(conn, row)


async def lock(tx: Tx, id: MessageId) -> MessageRow | None:
    """The message, its row locked until commit. Lock the conversation first (store.conversations.lock):
    everything that appends to a log takes locks in that order."""
    require_tx(tx)
    row = await tx.fetchrow(f"select {_ROW} from message where id = $1 for no key update", id)  # noqa: S608
    return _row(tx, row)


_ROW = """
    id, conversation_id, group_id, author_id, place, seq, state, body, shown, verdict_id, edit_count, held_why
"""


def _row(conn: Conn, row: Any) -> MessageRow | None:
    found = one(MessageRow, row)
    if found is None or found.place not in PRIVATE:
        return found
    body = opened(conn, found.place, found.id, "body", found.body)
    shown = unseal(conn, found.place, found.id, "shown", found.shown)
    return replace(found, body=LOST if body is None else body, shown=shown, is_lost=body is None)


async def place_of(tx: Tx, id: MessageId) -> str:
    """Where a message stands; empty for none."""
    return str(await tx.fetchval("select place from message where id = $1", id) or "")


async def set_text(
    tx: Tx,
    id: MessageId,
    *,
    state: MessageState,
    texts: tuple[str | None, str, str],
    verdict_id: VerdictId | None,
    edited_at: datetime | None,
) -> None:
    """Replace a message's texts (body, shown, html) and state; searchable only once it is in the log. A body of
    None stays as it is stored: what only hides words never writes them again."""
    require_tx(tx)
    place = await place_of(tx, id)
    kept = [
        None if text is None else seal(tx, place, id, name, text)
        for name, text in zip(("body", "shown", "html"), texts, strict=True)
    ]
    await tx.execute(
        """
        update message
        set state = $2, body = coalesce($3, body), shown = $4, html = $5,
            verdict_id = coalesce($6, verdict_id),
            edited_at = coalesce($7, edited_at),
            edit_count = edit_count + case when $7::timestamptz is null then 0 else 1 end,
            search = case when seq is not null and place <> 'pairing'
              then to_tsvector('simple', $4) else ''::tsvector end
        where id = $1
        """,
        id,
        state,
        *kept,
        verdict_id,
        edited_at,
    )


async def publish_held(tx: Tx, id: MessageId, *, seq: int, state: MessageState) -> None:
    """Give a held message its place in the log; the caller appends the event with the same seq."""
    require_tx(tx)
    await tx.execute(
        """
        update message
        set seq = $2, state = $3, held_why = null,
            search = case when place <> 'pairing' then to_tsvector('simple', shown) else ''::tsvector end
        where id = $1
        """,
        id,
        seq,
        state,
    )


async def judged_by(conn: Conn, ids: Collection[MessageId]) -> dict[MessageId, VerdictId]:
    """The present verdict of each of these messages."""
    rows = await conn.fetch("select id, verdict_id from message where id = any($1::uuid[])", list(ids))
    return {row["id"]: row["verdict_id"] for row in rows}


async def recent_of_author(
    conn: Conn, pairs: Sequence[tuple[MemberId, ConversationId]], *, since: datetime, limit: int
) -> dict[tuple[MemberId, ConversationId], list[str]]:
    """The author's last words in the conversation since then, oldest first: context for judging, read for
    many at once."""
    rows = await conn.fetch(
        """
        select w.author_id, w.conversation_id, x.body, x.id, x.place
        from unnest($1::uuid[], $2::uuid[]) as w(author_id, conversation_id)
        cross join lateral (
          select m.id, m.place, m.body, m.created_at
          from message m
          where m.author_id = w.author_id
            and m.conversation_id = w.conversation_id
            and m.created_at > $3
          order by m.created_at desc
          limit $4
        ) x
        order by x.created_at
        """,
        [a for a, _ in pairs],
        [c for _, c in pairs],
        since,
        limit,
    )
    found: dict[tuple[MemberId, ConversationId], list[str]] = {}
    for row in rows:
        body = opened(conn, row["place"], row["id"], "body", row["body"])
        if body is not None:  # what nobody can read says nothing about what follows
            found.setdefault((row["author_id"], row["conversation_id"]), []).append(body)
    return found


async def bodies(
    conn: Conn, ids: Collection[MessageId]
) -> dict[MessageId, tuple[ConversationId | None, str]]:
    """Texts of messages that are being answered, with where they stand; only what readers may see."""
    rows = await conn.fetch(
        "select id, conversation_id, place, shown from message where id = any($1::uuid[]) and seq is not null",
        list(ids),
    )
    return {
        row["id"]: (
            row["conversation_id"],
            opened(conn, row["place"], row["id"], "shown", row["shown"]) or "",
        )
        for row in rows
    }


async def history(
    conn: Conn, conversation: ConversationId, *, before: int | None, limit: int
) -> list[MessageView]:
    """The newest `limit` messages below seq `before`, ascending."""
    rows = await conn.fetch(
        f"""
        select {VIEW}
        from message m
        left join member a on a.id = m.author_id
        where m.conversation_id = $1
          and m.seq is not null
          and m.seq < coalesce($2, 9223372036854775807)
        order by m.seq desc
        limit $3
        """,  # noqa: S608
        conversation,
        before,
        limit,
    )
    return [view(conn, row) for row in reversed(rows)]


async def held_of(conn: Conn, conversation: ConversationId, author: MemberId) -> list[MessageView]:
    """The author's own messages that wait for a person, oldest first."""
    rows = await conn.fetch(
        f"""
        select {VIEW}
        from message m
        left join member a on a.id = m.author_id
        where m.conversation_id = $1
          and m.author_id = $2
          and m.state = 'held'
        order by m.created_at, m.id
        limit 100
        """,  # noqa: S608
        conversation,
        author,
    )
    return [view(conn, row) for row in rows]


async def views(conn: Conn, ids: Collection[MessageId]) -> list[MessageView]:
    """Messages by id in order of writing, whatever their state; the caller has checked who may see."""
    rows = await conn.fetch(
        f"""
        select {VIEW}
        from message m
        left join member a on a.id = m.author_id
        where m.id = any($1::uuid[])
        order by m.created_at, m.id
        """,  # noqa: S608
        list(ids),
    )
    return [view(conn, row) for row in rows]


VIEW = """
    m.id, m.conversation_id, m.seq, m.place, m.author_id, a.handle, m.state, m.shown, m.html, m.body,
    m.reply_to, m.warnings, m.created_at, m.edited_at
"""
"""Columns of a MessageView; `m` is the message, `a` its author (left join)."""


def view(conn: Conn, row: Any) -> MessageView:
    """One row of VIEW."""
    values = list(row[:14])
    values[11] = unseal_each(conn, values[3], values[0], "warnings", values[11] or ())
    if values[3] in PRIVATE:
        for n, name in ((7, "shown"), (8, "html"), (9, "body")):
            values[n] = unseal(conn, values[3], values[0], name, values[n])
    return MessageView(*values)


async def react(tx: Tx, id: MessageId, member: MemberId, emoji: str, *, on: bool, now: datetime) -> bool:
    """Put or take a reaction. False when nothing changed, so that no event is written."""
    require_tx(tx)
    if on:
        tag = await tx.execute(
            """
            insert into reaction (message_id, member_id, emoji, at)
            values ($1, $2, $3, $4)
            on conflict do nothing
            """,
            id,
            member,
            emoji,
            now,
        )
    else:
        tag = await tx.execute(
            "delete from reaction where message_id = $1 and member_id = $2 and emoji = $3", id, member, emoji
        )
    return not tag.endswith(" 0")


async def reactions_of(conn: Conn, ids: Collection[MessageId]) -> dict[MessageId, list[tuple[str, MemberId]]]:
    rows = await conn.fetch(
        """
        select message_id, emoji, member_id
        from reaction
        where message_id = any($1::uuid[])
        order by message_id, at, member_id
        limit 5000
        """,
        list(ids),
    )
    found: dict[MessageId, list[tuple[str, MemberId]]] = {}
    for row in rows:
        found.setdefault(row["message_id"], []).append((row["emoji"], row["member_id"]))
    return found


def _json_list(values: Sequence[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
