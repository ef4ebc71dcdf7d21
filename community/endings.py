"""Ending tasks that run for ever.

One cancellation is not enough: where it strikes in the same moment as a time limit or a broken line, a library may turn
it into its own error, which our loops rightly survive, and the task goes on while we wait for its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_SECONDS: Final = 0.5


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel them, again if need be, and return when all have ended, however they did. Raises nothing of theirs."""
    all_of_them = list(tasks)
    waiting = set(all_of_them)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=AGAIN_SECONDS)
    await asyncio.gather(*all_of_them, return_exceptions=True)
