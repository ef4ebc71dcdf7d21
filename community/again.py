"""Doing an act again, whole, when Postgres undid it to end a deadlock or to keep an order.

Only what kept nothing may be done again: every commit is noted here, and after one the refusal stands. The borders
that use it are the calls, the pages, the gate's batches and the escalator's steps; nobody else needs to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, TypeVar

from community.errors import Unavailable

T = TypeVar("T")

TRIES: Final = 5
"""Each undoing lets another's transaction through, so the next try seldom meets the same one (our own value)."""


class Undone(Unavailable):
    """A transaction was undone whole although nothing is wrong with it. To a person: the same words as Unavailable."""


@dataclass(slots=True)
class _Try:
    kept: bool = False


_now: ContextVar[_Try | None] = ContextVar("kith_try", default=None)


def note_kept() -> None:
    """Something of the running act is in the store for good: from here on it isn't done again."""
    running = _now.get()
    if running is not None:
        running.kept = True


async def until_done(work: Callable[[], Awaitable[T]]) -> T:
    """Run `work`; when it was undone before anything of it was kept, run it again, a few times. Raises Undone."""
    for left in reversed(range(TRIES)):
        running = _Try()
        before = _now.set(running)
        try:
            return await work()
        except Undone:
            if running.kept or not left:
                raise
        finally:
            _now.reset(before)
            if running.kept:
                note_kept()  # an act within an act
    raise AssertionError("the last try returns or raises")
