"""After a clock was set back: what was noted at a time that hasn't come would wait until it comes again.

A minute or two between machines is nothing; more is a clock that was wrong. What it timed begins anew, now: a page
that rings once too often harms nobody, one that is silent for hours does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from community.database import Tx, require_tx

WRONG: Final = timedelta(minutes=5)


async def back(tx: Tx, *, now: datetime) -> int:
    """Pages whose clock began later than now run from now, those that were answered too; channels that failed then
    may be tried. Answers how many pages."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        update page
        set due_at = $1, started_at = $1,
            acknowledged_at = case when acknowledged_at > $1 then $1 else acknowledged_at end
        where id in (
          select id
          from page
          where due_at > $1
            and greatest(coalesce(started_at, opened_at), acknowledged_at) > $1::timestamptz + $2::interval
          order by id
          for no key update skip locked)
        returning id
        """,
        now,
        WRONG,
    )
    await tx.execute(
        """
        update oncall_channel
        set retry_at = null
        where id in (
          select id from oncall_channel where retry_at > $1::timestamptz + $2::interval
          order by id for no key update skip locked)
        """,
        now,
        WRONG,
    )
    return len(rows)
