"""Sealed things: keys of cases, and contacts that members left for an emergency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, MessageId
from moderation.casework.sealed import Box


async def case_key(conn: Conn, case: CaseId) -> Box | None:
    row = await conn.fetchrow("select key_id, box from case_key where case_id = $1", case)
    return None if row is None else Box(row["key_id"], row["box"])


async def case_keys(conn: Conn, cases: Sequence[CaseId]) -> dict[CaseId, Box]:
    """Those of them that have one."""
    rows = await conn.fetch(
        "select case_id, key_id, box from case_key where case_id = any($1::uuid[])", list(cases)
    )
    return {row["case_id"]: Box(row["key_id"], row["box"]) for row in rows}


async def add_case_key(tx: Tx, case: CaseId, box: Box) -> bool:
    """False when there is one already."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into case_key (case_id, key_id, box)
        values ($1, $2, $3)
        on conflict do nothing
        returning case_id
        """,
        case,
        box.key_id,
        box.content,
    )
    return done is not None


async def drop_case_key(tx: Tx, case: CaseId) -> None:
    require_tx(tx)
    await tx.execute("delete from case_key where case_id = $1", case)


async def newest_words(conn: Conn, *, limit: int) -> list[tuple[MessageId, str]]:
    """The newest words of the newest private conversations, as they are stored: whether a key file belongs to them."""
    rows = await conn.fetch(
        """
        select m.id, m.body
        from (select id from conversation where kind = 'pairing' order by created_at desc limit $1) c
        cross join lateral (
          select id, body from message
          where conversation_id = c.id and seq is not null and body <> ''
          order by seq desc limit 1) m
        """,
        limit,
    )
    return [(row["id"], row["body"]) for row in rows]


async def contact(conn: Conn, member: MemberId) -> tuple[Box, datetime] | None:
    row = await conn.fetchrow("select key_id, box, at from sealed_contact where member_id = $1", member)
    return None if row is None else (Box(row["key_id"], row["box"]), row["at"])


async def put_contact(tx: Tx, member: MemberId, box: Box, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into sealed_contact (member_id, key_id, box, at)
        values ($1, $2, $3, $4)
        on conflict (member_id) do update set key_id = excluded.key_id, box = excluded.box, at = excluded.at
        """,
        member,
        box.key_id,
        box.content,
        now,
    )


async def drop_contact(tx: Tx, member: MemberId) -> None:
    require_tx(tx)
    await tx.execute("delete from sealed_contact where member_id = $1", member)
