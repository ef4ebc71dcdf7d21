"""The one row that says whose database this is, and to which history its event numbers belong."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from community.database import Tx, require_tx


async def found(tx: Tx, *, now: datetime) -> None:
    """Make the row at the very first start. Does nothing when it is there; processes may race."""
    require_tx(tx)
    await tx.execute(
        "insert into organisation (epoch, created_at) values ($1, $2) on conflict (only_row) do nothing",
        uuid4(),
        now,
    )


async def renew_epoch(tx: Tx) -> None:
    """After history was restored from a backup: no position of before means anything in it."""
    require_tx(tx)
    await tx.execute("update organisation set epoch = $1", uuid4())
