"""Words whose time is over."""

from __future__ import annotations

from collections.abc import Collection

from community.database import Tx, require_tx
from community.ids import MessageId


async def empty(tx: Tx, ids: Collection[MessageId]) -> None:
    """Drop the last copy of withdrawn words and their earlier texts; the rows and their places stay."""
    require_tx(tx)
    await tx.execute("delete from revision where message_id = any($1::uuid[])", list(ids))
    await tx.execute(
        "update message set body = '' where id = any($1::uuid[]) and state in ('withdrawn', 'removed')",
        list(ids),
    )
