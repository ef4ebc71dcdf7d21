"""Clocks of cases: internal targets of each tier and lane, never promises to a member (care.md, Tiers).

Our own starting values where care.md names no source.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from moderation.pipeline.types import Tier

LEASE = timedelta(minutes=5)
"""A claim ends by itself unless it is used (Ozone leases 5 minutes, Coop 10)."""
APPEAL_WINDOW = timedelta(days=28)
APPEAL_ANSWER = timedelta(days=7)
CONDUCT_CLOCK = timedelta(hours=24)
REPAIR_CLOCK = timedelta(hours=48)
FOLLOW_UP = timedelta(hours=24)
ANSWER = timedelta(minutes=15)
"""No answer so long after human words in a crisis: the lead gets the emergency checklist."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Internal targets of one tier, never promises to a member (care.md, Tiers; our own values)."""

    acknowledge: timedelta
    words: timedelta
    again: timedelta
    next_person: timedelta


CLOCKS: dict[Tier, Clocks] = {
    Tier.crisis: Clocks(
        timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=5), timedelta(minutes=10)
    ),
    Tier.red: Clocks(
        timedelta(minutes=15), timedelta(minutes=60), timedelta(minutes=15), timedelta(minutes=30)
    ),
    Tier.amber: Clocks(timedelta(hours=4), timedelta(hours=12), timedelta(hours=4), timedelta(hours=8)),
    Tier.green: Clocks(timedelta(hours=12), timedelta(hours=24), timedelta(hours=12), timedelta(hours=24)),
}
