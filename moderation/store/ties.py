"""Declared ties: whom a person of the staff knows too well to look after."""

from __future__ import annotations

from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId
from moderation.store import letters


async def put(tx: Tx, staff: MemberId, member: MemberId, *, on: bool, now: datetime) -> None:
    """Declare a tie, which ends reading their letters, or take it back; twice is fine."""
    require_tx(tx)
    if on:
        await tx.execute(
            "insert into tie (staff_id, member_id, at) values ($1, $2, $3) on conflict do nothing",
            staff,
            member,
            now,
        )
        await letters.step_out(tx, staff, member=member, now=now)
    else:
        await tx.execute("delete from tie where staff_id = $1 and member_id = $2", staff, member)


async def of(conn: Conn, staff: MemberId) -> list[tuple[MemberId, str | None]]:
    """One's own declared ties, with handles."""
    rows = await conn.fetch(
        """
        select t.member_id, m.handle
        from tie t
        join member m on m.id = t.member_id
        where t.staff_id = $1
        order by t.at, t.member_id
        limit 500
        """,
        staff,
    )
    return [(row["member_id"], row["handle"]) for row in rows]
