"""Flags: two kinds, two lanes. Who flagged stays here; a case shows only what was said and how often it was
right before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn
from community.ids import MemberId, MessageId
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag without its reporter. `right` of `judged`: how the same person's earlier flags turned out."""

    message_id: MessageId
    kind: str
    note: str | None
    at: datetime
    right: int
    judged: int


async def of_case(conn: Conn, messages: Sequence[MessageId]) -> list[FlagRow]:
    """What people said when they flagged these messages, oldest first."""
    rows = await conn.fetch(
        """
        select f.message_id, f.kind, nullif(n.body, '') as note, f.at,
               (select count(*) from flag o where o.member_id = f.member_id and o.id <> f.id and o.upheld),
               (select count(*) from flag o where o.member_id = f.member_id and o.id <> f.id
                  and o.upheld is not null)
        from flag f
        left join message n on n.id = f.note_id
        where f.message_id = any($1::uuid[])
        order by f.at, f.id
        limit 200
        """,
        list(messages),
    )
    return many(FlagRow, rows)


async def reporters(conn: Conn, messages: Sequence[MessageId]) -> list[MemberId]:
    """Members who flagged any of these messages."""
    rows = await conn.fetch(
        """
        select distinct member_id
        from flag
        where message_id = any($1::uuid[])
          and member_id is not null
        order by member_id
        """,
        list(messages),
    )
    return [row["member_id"] for row in rows]
