"""The one row that says whose database this is, and to which history its event numbers belong."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from community.database import Tx, require_tx
from community.ids import new_id


async def found(tx: Tx, *, now: datetime) -> None:
    """At the very first start: the row, and a first moderation team, so that no words stand without one.

    Does nothing when the row is there. Processes may race: the row decides who makes the team.
    """
    require_tx(tx)
    await tx.execute(
        """
        with made as (
          insert into organisation (epoch, created_at)
          values ($1, $3)
          on conflict (only_row) do nothing
          returning created_at
        )
        insert into team (id, name, created_at)
        select $2, 'Everyone', created_at
        from made
        """,
        uuid4(),
        new_id(),
        now,
    )


async def renew_epoch(tx: Tx) -> None:
    """After history was restored from a backup: no position of before means anything in it."""
    require_tx(tx)
    await tx.execute("update organisation set epoch = $1", uuid4())
