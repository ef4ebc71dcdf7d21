"""What a member wishes to see less of, and their break."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from community.database import Conn, Tx, require_tx
from community.ids import MemberId
from community.wishes import Wishes


async def of(conn: Conn, member: MemberId) -> Wishes:
    """The member's own; the default for someone who never chose."""
    row = await conn.fetchrow(
        """
        select muted_words, opened_warnings, hidden_warnings, break_until
        from member_wish
        where member_id = $1
        """,
        member,
    )
    return from_row(row) if row is not None else Wishes()


def from_row(row: Mapping[str, Any]) -> Wishes:
    """From a row that has the table's columns; null ones, of a left join, are the default."""
    return Wishes(
        words=tuple(row["muted_words"] or ()),
        opened=tuple(row["opened_warnings"] or ()),
        hidden=tuple(row["hidden_warnings"] or ()),
        break_until=row["break_until"],
    )


async def put(tx: Tx, member: MemberId, wishes: Wishes) -> None:
    """Write all of them; two writers at once: the later one stands."""
    require_tx(tx)
    await tx.execute(
        """
        insert into member_wish (member_id, muted_words, opened_warnings, hidden_warnings, break_until)
        values ($1, $2, $3, $4, $5)
        on conflict (member_id) do update
        set muted_words = excluded.muted_words,
            opened_warnings = excluded.opened_warnings,
            hidden_warnings = excluded.hidden_warnings,
            break_until = excluded.break_until
        """,
        member,
        list(wishes.words),
        list(wishes.opened),
        list(wishes.hidden),
        wishes.break_until,
    )


async def away(conn: Conn, members: Collection[MemberId], *, now: datetime) -> set[MemberId]:
    """Those of `members` who are on a break: whoever sends e-mail or push leaves them out."""
    rows = await conn.fetch(
        "select member_id from member_wish where member_id = any($1::uuid[]) and break_until > $2",
        list(members),
        now,
    )
    return {row["member_id"] for row in rows}
