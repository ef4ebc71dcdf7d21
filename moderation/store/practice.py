"""What somebody practised."""

from __future__ import annotations

from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, new_id


async def answered(conn: Conn, member: MemberId) -> list[str]:
    """Exercises in the order in which they were answered, the last answer of each counting."""
    rows = await conn.fetch(
        """
        select exercise
        from practice
        where member_id = $1
        group by exercise
        order by max(at), exercise
        """,
        member,
    )
    return [row["exercise"] for row in rows]


async def add(tx: Tx, member: MemberId, exercise: str, tiers: tuple[str, str], *, now: datetime) -> None:
    """Keep one answer; `tiers` are the one given and the right one."""
    require_tx(tx)
    await tx.execute(
        """
        insert into practice (id, member_id, exercise, tier, right_tier, at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        new_id(),
        member,
        exercise,
        *tiers,
        now,
    )
