"""Cases as a pure state machine: what a human works on, and which clock runs meanwhile.

A case is what its history makes of it: `replay(history)` gives the row, and every act goes through `step`,
whoever does it: a person, a finding or a clock. No I/O, no clock; the time of an act comes with it.

care      open ──page──▶ paged ──claim──▶ acknowledged ──speak──▶ with_person ──▶ following_up
            └───────────────claim─────────▶┘                           └───────close───────┴──▶ closed
          a new act, time or means, or a higher tier: back to open/paged with a fresh clock, owner kept
          closed ──a new finding──▶ open
conduct   open ──claim──▶ claimed ──decide──▶ decided ──appeal──▶ appealed ──decide──▶ closed
            └──decide──▶ decided ──28 days──▶ closed
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from community.ids import MemberId, MessageId, PageId
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
Decision = Literal["publish", "remove", "mask", "close"]

LEASE = timedelta(minutes=5)
"""A claim ends by itself unless it is used (Ozone leases 5 minutes, Coop 10)."""
APPEAL_WINDOW = timedelta(days=28)
CONDUCT_CLOCK = timedelta(hours=24)
FOLLOW_UP = timedelta(hours=24)


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


class IllegalAct(Exception):
    """This act isn't possible in this state; `why` is a stable id."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


# ---- acts: what a history is made of


@dataclass(frozen=True, slots=True)
class Opened:
    lane: Lane
    tier: Tier
    message: MessageId
    rules: frozenset[str]  # rules that fired: what is new later is seen by them
    why: Literal["finding", "worried", "reported", "premoderation", "stage_failed"] = "finding"


@dataclass(frozen=True, slots=True)
class Joined:
    """Another message or flag of the same situation."""

    tier: Tier
    message: MessageId
    rules: frozenset[str]
    why: Literal["finding", "worried", "reported", "premoderation", "stage_failed"] = "finding"


@dataclass(frozen=True, slots=True)
class Paged:
    page: PageId
    reason: str


@dataclass(frozen=True, slots=True)
class Claimed:
    by: MemberId
    take_over: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    by: MemberId


@dataclass(frozen=True, slots=True)
class Noted:
    by: MemberId


@dataclass(frozen=True, slots=True)
class Spoke:
    """A trained person's words to the member: what the second clock waits for."""

    by: MemberId


@dataclass(frozen=True, slots=True)
class Decided:
    by: MemberId
    decision: Decision
    message: MessageId | None
    reason: str


@dataclass(frozen=True, slots=True)
class Escalated:
    """To the lead or a higher tier, by a person or (None) by a clock."""

    by: MemberId | None
    tier: Tier
    reason: str


@dataclass(frozen=True, slots=True)
class Appealed:
    by: MemberId


@dataclass(frozen=True, slots=True)
class Withdrew:
    """The author took the message back. It changes what readers see, never a tier or a clock."""

    message: MessageId


@dataclass(frozen=True, slots=True)
class FollowingUp:
    by: MemberId
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    by: MemberId | None
    reason: str


Act = (
    Opened
    | Joined
    | Paged
    | Claimed
    | Released
    | Noted
    | Spoke
    | Decided
    | Escalated
    | Appealed
    | Withdrew
    | FollowingUp
    | Closed
)


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

    def held_by(self, at: datetime) -> MemberId | None:
        """Who holds the lease at that moment."""
        return self.owner if self.lease_until is not None and self.lease_until > at else None


def replay(history: Iterable[tuple[Act, datetime]]) -> Case:
    """The case that this history makes. Raises IllegalAct where it can't have happened."""
    case: Case | None = None
    for act, at in history:
        case = step(case, act, at)
    if case is None:
        raise IllegalAct("no_history")
    return case


def step(case: Case | None, act: Act, at: datetime) -> Case:
    """The case after one act. Raises IllegalAct when the act isn't possible now."""
    if isinstance(act, Opened):
        if case is not None:
            raise IllegalAct("opened_twice")
        return _opened(act, at)
    if case is None:
        raise IllegalAct("not_opened")
    if case.state == "closed" and not isinstance(act, Joined | Noted | Withdrew):
        raise IllegalAct("closed")
    after = _after(case, act, at)
    return replace(after, version=case.version + 1, touched_at=at)


def _after(case: Case, act: Act, at: datetime) -> Case:
    match act:
        case Opened():
            raise IllegalAct("opened_twice")
        case Joined():
            return _joined(case, act, at)
        case Paged():
            return replace(
                case, state="paged" if case.state == "open" and case.lane == "care" else case.state
            )
        case Claimed():
            return _claimed(case, act, at)
        case Released():
            return _released(case, act, at)
        case Noted():
            return _renewed(case, act.by, at)
        case Spoke():
            return _spoke(case, act, at)
        case Decided():
            return _decided(case, act, at)
        case Escalated():
            return _raised(case, max(case.tier, act.tier), at)
        case Appealed():
            if case.lane != "conduct" or case.state != "decided":
                raise IllegalAct("nothing_to_appeal")
            return replace(
                case, state="appealed", owner=None, lease_until=None, due_at=at + timedelta(days=7)
            )
        case Withdrew():
            return case
        case FollowingUp():
            if case.lane != "care":
                raise IllegalAct("not_care")
            return replace(case, state="following_up", owner=act.by, due_at=act.due_at)
        case Closed():
            return replace(case, state="closed", owner=None, lease_until=None, due_at=None, closed_at=at)
        case _:
            assert_never(act)


def _opened(act: Opened, at: datetime) -> Case:
    return Case(
        lane=act.lane,
        tier=act.tier,
        state="open",
        version=1,
        owner=None,
        lease_until=None,
        opened_at=at,
        raised_at=at,
        due_at=at + (CLOCKS[act.tier].acknowledge if act.lane == "care" else CONDUCT_CLOCK),
        touched_at=at,
        closed_at=None,
        messages=(act.message,),
        rules=act.rules,
    )


def is_news(case: Case, act: Joined) -> bool:
    """Whether this must page again: a higher tier, a closed case, or, from red up, an act, a time or means
    that the case doesn't know yet. Folding in never lowers a tier."""
    if case.state == "closed" or act.tier > case.tier:
        return True
    return act.tier >= Tier.red and not act.rules <= case.rules


def _joined(case: Case, act: Joined, at: datetime) -> Case:
    news = is_news(case, act)
    joined = replace(
        case,
        messages=case.messages if act.message in case.messages else (*case.messages, act.message),
        rules=case.rules | act.rules,
    )
    if case.state == "closed":
        joined = replace(joined, state="open", closed_at=None, tier=act.tier, owner=None, lease_until=None)
        return _raised(joined, act.tier, at)
    return _raised(joined, max(case.tier, act.tier), at) if news and case.lane == "care" else joined


def _raised(case: Case, tier: Tier, at: datetime) -> Case:
    """A fresh clock at this tier. The holder keeps the case and sees it first; if nobody holds it, it is
    open again."""
    if case.lane == "conduct":
        return replace(case, tier=tier, due_at=at + CONDUCT_CLOCK)
    held = case.held_by(at) is not None
    return replace(
        case,
        tier=tier,
        raised_at=at,
        state="acknowledged" if held else "open",
        due_at=at + (CLOCKS[tier].words if held else CLOCKS[tier].acknowledge),
    )


def _claimed(case: Case, act: Claimed, at: datetime) -> Case:
    holder = case.held_by(at)
    if holder is not None and holder != act.by and not act.take_over:
        raise IllegalAct("held")
    claimed = replace(case, owner=act.by, lease_until=at + LEASE)
    if case.lane == "conduct":
        return replace(claimed, state="claimed" if case.state == "open" else case.state)
    if case.state in ("open", "paged"):
        return replace(claimed, state="acknowledged", due_at=case.raised_at + CLOCKS[case.tier].words)
    return claimed


def _released(case: Case, act: Released, at: datetime) -> Case:
    if case.owner != act.by:
        raise IllegalAct("not_yours")
    released = replace(case, owner=None, lease_until=None)
    if case.lane == "conduct":
        return replace(released, state="open" if case.state == "claimed" else case.state)
    if case.state == "acknowledged":  # nobody has it: the first clock runs again from now
        return replace(released, state="open", due_at=at + CLOCKS[case.tier].acknowledge)
    return released


def _spoke(case: Case, act: Spoke, at: datetime) -> Case:
    if case.lane != "care":
        raise IllegalAct("not_care")
    return replace(_renewed(case, act.by, at), owner=act.by, state="with_person", due_at=at + FOLLOW_UP)


def _decided(case: Case, act: Decided, at: datetime) -> Case:
    if case.lane == "care":
        # What readers see of the message changes; the person's situation stays open until it is closed.
        return _renewed(case, act.by, at)
    if case.state == "appealed":
        return replace(case, state="closed", owner=None, lease_until=None, due_at=None, closed_at=at)
    return replace(case, state="decided", owner=act.by, lease_until=None, due_at=at + APPEAL_WINDOW)


def _renewed(case: Case, by: MemberId, at: datetime) -> Case:
    """Using a case renews its lease."""
    if case.owner == by and case.lease_until is not None and case.state != "closed":
        return replace(case, lease_until=at + LEASE)
    return case
