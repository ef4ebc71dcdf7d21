"""Nonces: what makes a resend after a lost answer harmless."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, MessageId
from community.store.sealed_words import open_trace, seal_trace


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    content_hash: bytes  # empty where its key is gone: equal to nothing
    message_id: MessageId
    result: str  # jsonb text


async def earlier(
    conn: Conn, keys: Collection[tuple[MemberId, str]]
) -> dict[tuple[MemberId, str], SubmissionRow]:
    """What was kept under these (author, nonce)."""
    rows = await conn.fetch(
        """
        select s.author_id, s.nonce, s.content_hash, s.message_id, s.result
        from unnest($1::uuid[], $2::text[]) as w(author_id, nonce)
        join submission s on s.author_id = w.author_id and s.nonce = w.nonce
        """,
        [a for a, _ in keys],
        [n for _, n in keys],
    )
    return {
        (row["author_id"], row["nonce"]): SubmissionRow(
            open_trace(conn, _place(row["author_id"], row["nonce"]), row["content_hash"]) or b"",
            row["message_id"],
            row["result"],
        )
        for row in rows
    }


def _place(author: MemberId, nonce: str) -> str:
    return f"submission:{author}:{nonce}"


async def bind(
    tx: Tx, rows: Sequence[tuple[MemberId, str, bytes, MessageId, str]], *, now: datetime
) -> set[tuple[MemberId, str]]:
    """Bind (author, nonce) to its result; returns those that were free. A pair bound by a transaction
    that is still open makes this wait for it: two sends of one nonce never both win. Sorted, so that two
    batches can't wait for each other."""
    require_tx(tx)
    ordered = sorted(rows, key=lambda r: (r[0].bytes, r[1]))
    bound = await tx.fetch(
        """
        insert into submission (author_id, nonce, content_hash, message_id, result, at)
        select s.*, $6
        from unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[], $5::jsonb[]) as s
        on conflict (author_id, nonce) do nothing
        returning author_id, nonce
        """,
        [r[0] for r in ordered],
        [r[1] for r in ordered],
        [seal_trace(tx, _place(r[0], r[1]), r[2]) for r in ordered],
        [r[3] for r in ordered],
        [r[4] for r in ordered],
        now,
    )
    return {(row["author_id"], row["nonce"]) for row in bound}
