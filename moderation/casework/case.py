"""A case as it stands: the row that its history makes. What may happen to it is in cases.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from community.ids import MemberId, MessageId
from moderation.casework.acts import Act, Rung, When
from moderation.casework.clocks import SHIPPED, Times
from moderation.pipeline.types import Lane, Tier

State = Literal[
    "open",
    "paged",
    "acknowledged",
    "with_person",
    "following_up",
    "closed",
    "claimed",
    "decided",
    "appealed",
]


class IllegalAct(Exception):
    """This act isn't possible in this state; `why` is a stable id."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Case:
    """The derived row."""

    lane: Lane
    tier: Tier
    state: State
    version: int
    owner: MemberId | None
    lease_until: datetime | None
    opened_at: datetime
    raised_at: datetime
    due_at: datetime | None
    touched_at: datetime
    closed_at: datetime | None
    messages: tuple[MessageId, ...]
    rules: frozenset[str]
    decided_by: MemberId | None = None
    appealed_by: MemberId | None = None
    ladder: Rung | None = None
    ladder_when: When | None = None
    waits: bool = False  # they wrote last: after words of ours, the person waits for more
    times: Times = field(default=SHIPPED, compare=False)  # the clocks in force; not a part of what happened

    def held_by(self, at: datetime) -> MemberId | None:
        """Who holds the lease at that moment."""
        return self.owner if self.lease_until is not None and self.lease_until > at else None


@dataclass(frozen=True, slots=True)
class Past:
    """One act of a history: what was done, when, and the clocks that it was timed by."""

    act: Act
    at: datetime
    times: Times = SHIPPED
