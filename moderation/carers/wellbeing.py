"""Care for moderators: how much somebody carried, and when a break is due. Pure; rows are in store/wellbeing.

Six red or crisis cases or sixty minutes of them, then a quarter of an hour off. A crisis is still asked for,
never refused: nobody at risk waits because a budget is spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.store.wellbeing import View

ITEMS_MAX = 6
MINUTES_MAX = 60
BREAK = timedelta(minutes=15)
SHIFT = timedelta(hours=8)
"""How far back a budget looks when no break came in between (our own value)."""
GAP = timedelta(minutes=5)
"""Two openings closer together than this are one stretch of reading: the length of a lease."""
URGENT = ("red", "crisis")


@dataclass(frozen=True, slots=True)
class Budget:
    """What was carried since the last break."""

    items: int
    minutes: int

    @property
    def spent(self) -> bool:
        return self.items >= ITEMS_MAX or self.minutes >= MINUTES_MAX


def budget(views: Sequence[View]) -> Budget:
    """Distinct red and crisis cases that were opened, and the minutes in which they were read: each opening
    counts until the next, five minutes at most."""
    urgent = sorted((v for v in views if v.tier in URGENT), key=lambda v: v.at)
    read = timedelta()
    for n, view in enumerate(urgent):
        until = urgent[n + 1].at if n + 1 < len(urgent) else view.at + GAP
        read += min(until - view.at, GAP)
    return Budget(len({v.case_id for v in urgent}), int(read.total_seconds() // 60))


def counts_from(now: datetime, last_break: datetime | None) -> datetime:
    """Since when openings count: the end of the last break, or one shift back."""
    back = now - SHIFT
    return back if last_break is None else max(back, last_break)
