"""Clocks of cases: internal targets of each tier and lane, never promises to a member (care.md, Tiers).

An organisation may set its own. Those in force stand in the store (moderation/store/times.py), and each act in a
history names the ones it was timed by: changing a setting moves what happens next and never what happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from moderation.pipeline.types import Tier


@dataclass(frozen=True, slots=True)
class Clocks:
    """Internal targets of one tier, never promises to a member (care.md, Tiers; our own values)."""

    acknowledge: timedelta
    words: timedelta
    again: timedelta
    next_person: timedelta


_CRISIS, _RED, _AMBER, _GREEN = (
    Clocks(*(timedelta(minutes=n) for n in minutes))
    for minutes in ((5, 15, 5, 10), (15, 60, 15, 30), (240, 720, 240, 480), (720, 1440, 720, 1440))
)


@dataclass(frozen=True, slots=True)
class Times:
    """Every clock that a case may run by. The defaults are history too: acts without a row were timed by them,
    so they never change; a new field's default is what was done before there was one."""

    crisis: Clocks = _CRISIS
    red: Clocks = _RED
    amber: Clocks = _AMBER
    green: Clocks = _GREEN
    lease: timedelta = timedelta(minutes=5)  # a claim ends by itself unless it is used (Ozone: 5, Coop: 10)
    answer: timedelta = timedelta(minutes=15)  # none so long after words in a crisis: the lead's checklist
    conduct: timedelta = timedelta(hours=24)
    repair: timedelta = timedelta(hours=48)
    follow_ups: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(hours=72))
    appeal_window: timedelta = timedelta(days=28)
    appeal_answer: timedelta = timedelta(days=7)
    n: int | None = field(default=None, compare=False)  # its row in the store

    def of(self, tier: Tier) -> Clocks:
        match tier:
            case Tier.crisis:
                return self.crisis
            case Tier.red:
                return self.red
            case Tier.amber:
                return self.amber
            case Tier.green:
                return self.green

    @property
    def follow_up(self) -> timedelta:
        """When somebody looks again after human words."""
        return self.follow_ups[0]


SHIPPED = Times()
CLOCKS: dict[Tier, Clocks] = {tier: SHIPPED.of(tier) for tier in Tier}
