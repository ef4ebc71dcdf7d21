"""Batches in which one bad row hurts only itself: each item in a savepoint of its own."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from community.database import Tx
from community.errors import Unavailable

T = TypeVar("T")

log = logging.getLogger("kith.batches")


async def each(tx: Tx, items: Iterable[T], do: Callable[[T], Awaitable[object]], *, name: str) -> list[T]:
    """Do it for each; answers those for which it worked. What a failing one wrote is undone, its row is as it was
    before, and the log says which job. Raises Unavailable: then nothing can be done for any."""
    done = []
    for item in items:
        try:
            async with tx.savepoint():
                await do(item)
        except Unavailable:
            raise
        except Exception:  # border: one row of a batch; the others go on
            log.exception("a row of a batch failed", extra={"job": name})
        else:
            done.append(item)
    return done
