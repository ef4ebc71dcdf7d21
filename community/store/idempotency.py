"""Kept answers of unsafe calls, by account and key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Tx, require_tx
from community.ids import MemberId
from community.store.sealed_words import open_trace, seal_trace


@dataclass(frozen=True, slots=True)
class Claim:
    request_hash: bytes
    answer: bytes | None
    ours: bool  # whether this caller holds the claim and must run


async def claim(
    tx: Tx, member: MemberId, key: str, request_hash: bytes, *, now: datetime, stale: datetime, gone: datetime
) -> Claim:
    """Take the key for this request, or say who has it. A claim older than `gone`, or unanswered since
    before `stale` (its process died), is taken over. The row lock serialises two callers."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        insert into idempotency (member_id, key, request_hash, at)
        values ($1, $2, $3, $4)
        on conflict (member_id, key) do update
        set request_hash = excluded.request_hash, at = excluded.at, status = null, answer = null
        where idempotency.at < $6
           or (idempotency.answer is null and idempotency.at < $5)
        returning request_hash
        """,
        member,
        key,
        seal_trace(tx, _hash_place(member, key), request_hash),
        now,
        stale,
        gone,
    )
    if row is not None:
        return Claim(request_hash, None, ours=True)
    row = await tx.fetchrow(
        "select request_hash, answer from idempotency where member_id = $1 and key = $2", member, key
    )
    if row is None:  # released between the two statements: the caller may simply try again
        return Claim(request_hash, None, ours=False)
    answer = row["answer"] and open_trace(tx, _answer_place(member, key), row["answer"])
    asked = open_trace(tx, _hash_place(member, key), row["request_hash"])
    return Claim(asked or b"", answer, ours=False)


def _hash_place(member: MemberId, key: str) -> str:
    return f"asked:{member}:{key}"


def _answer_place(member: MemberId, key: str) -> str:
    return f"answered:{member}:{key}"


async def keep(tx: Tx, member: MemberId, key: str, status: int, answer: bytes) -> None:
    """Keep the answer, sealed: it may repeat words of a private conversation. One of 500 and above is not kept, so
    that the call may be tried again."""
    require_tx(tx)
    if status >= 500:
        await release(tx, member, key)
        return
    await tx.execute(
        "update idempotency set status = $3, answer = $4 where member_id = $1 and key = $2",
        member,
        key,
        status,
        seal_trace(tx, _answer_place(member, key), answer),
    )


async def release(tx: Tx, member: MemberId, key: str) -> None:
    require_tx(tx)
    await tx.execute("delete from idempotency where member_id = $1 and key = $2", member, key)


async def purge(tx: Tx, *, before: datetime) -> None:
    """Forget answers older than a day."""
    require_tx(tx)
    await tx.execute("delete from idempotency where at < $1", before)
