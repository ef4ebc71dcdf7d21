"""Cases as a pure state machine: what a human works on, and which clock runs meanwhile.

A case is what its history makes of it: `replay(history)` gives the row, and every act goes through `step`,
whoever does it: a person, a finding or a clock. No I/O, no clock; the time of an act comes with it.

care      open ──page──▶ paged ──claim──▶ acknowledged ──speak──▶ with_person ──▶ following_up
            └───────────────claim─────────▶┘                           └───────close───────┴──▶ closed
          a new act, time or means, or a higher tier: back to open/paged with a fresh clock, owner kept
          closed ──a new finding, or the member writes back──▶ open
conduct   open ──claim──▶ claimed ──decide──▶ decided ──appeal──▶ appealed ──decide, by another──▶ closed
            └──decide──▶ decided ──28 days──▶ closed

An open care case always has a running clock (`due_at`), also while somebody is with the person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from moderation.casework import transitions as to
from moderation.casework.acts import (
    Act,
    Answered,
    Appealed,
    Claimed,
    Closed,
    Decided,
    Decision,
    Edited,
    Escalated,
    FollowingUp,
    Joined,
    Laddered,
    Merged,
    Noted,
    Opened,
    Paged,
    Released,
    Renewed,
    RepairAsked,
    Repaired,
    Rung,
    Signed,
    Split,
    Spoke,
    Supported,
    When,
    Withdrew,
)
from moderation.casework.case import Case, IllegalAct, Past, State
from moderation.casework.clocks import CLOCKS, SHIPPED, Clocks, Times
from moderation.casework.transitions import is_news
from moderation.pipeline.types import Tier


def replay(history: Iterable[Past]) -> Case:
    """The case that this history makes. Raises IllegalAct where it can't have happened."""
    case: Case | None = None
    for past in history:
        case = step(case, past.act, past.at, past.times)
    if case is None:
        raise IllegalAct("no_history")
    return case


def step(case: Case | None, act: Act, at: datetime, times: Times | None = None) -> Case:
    """The case after one act, timed by these clocks (None: those that the case was read with). Raises IllegalAct
    when the act isn't possible now."""
    if isinstance(act, Opened):
        if case is not None:
            raise IllegalAct("opened_twice")
        return to.opened(act, at, times or SHIPPED)
    if case is None:
        raise IllegalAct("not_opened")
    if times is not None:
        case = replace(case, times=times)
    if case.state == "closed" and not isinstance(
        act, Joined | Noted | Withdrew | Edited | Answered | Signed | Split
    ):
        raise IllegalAct("closed")
    after = _after(case, act, at)
    if isinstance(act, Renewed):
        return after
    return replace(after, version=case.version + 1, touched_at=at)


def _after(case: Case, act: Act, at: datetime) -> Case:
    match act:
        case Opened():
            raise IllegalAct("opened_twice")
        case Joined() | Merged() | Split():
            return to.regrouped(case, act, at)
        case Paged():
            return replace(
                case, state="paged" if case.state == "open" and case.lane == "care" else case.state
            )
        case Claimed():
            return to.claimed(case, act, at)
        case Renewed():
            if case.held_by(at) != act.by:
                raise IllegalAct("not_yours")
            return to.used(case, act.by, at)
        case Released():
            return to.released(case, act, at)
        case Noted() | Signed():
            return to.used(case, act.by, at)
        case Laddered():
            to.care_only(case)
            return replace(to.used(case, act.by, at), ladder=act.rung, ladder_when=act.when)
        case Spoke():
            return to.spoke(case, act, at)
        case Answered():
            return to.answered(case, at)
        case Supported():
            return to.supported(case, at)
        case Decided():
            return to.decided(case, act, at)
        case RepairAsked() | Repaired():
            return to.repair(case, act, at)
        case Escalated():
            if act.by is None:
                return to.late(case, act, at)
            return to.raised(to.used(case, act.by, at), max(case.tier, act.tier), at)
        case Appealed():
            return to.appealed(case, act, at)
        case Withdrew() | Edited():
            return case
        case FollowingUp():
            to.care_only(case)
            to.not_anothers(case, act.by, at)
            return replace(case, state="following_up", owner=act.by, due_at=act.due_at, waits=False)
        case Closed():
            return to.closed(case, act, at)
        case _:
            assert_never(act)


def clock_act(case: Case, at: datetime) -> Act | None:
    """What the clock does with this case now: None while nothing is due. Who is paged then is the roster's
    matter; that the case can't rest is this module's."""
    if case.due_at is None or case.due_at > at or case.state == "closed":
        return None
    if case.lane == "conduct":
        if case.state == "decided":
            return Closed(None, "appeal_window_over")
        return Escalated(None, Tier.green, "late")
    if case.state in ("open", "paged"):
        return Escalated(None, case.tier, "unanswered")
    if case.state == "acknowledged" or case.waits:
        return Escalated(None, case.tier, "no_words")
    crisis = case.state == "with_person" and case.tier is Tier.crisis
    return Escalated(None, case.tier, "no_answer" if crisis else "look_again")


__all__ = [
    "CLOCKS",
    "SHIPPED",
    "Act",
    "Answered",
    "Appealed",
    "Case",
    "Claimed",
    "Clocks",
    "Closed",
    "Decided",
    "Decision",
    "Edited",
    "Escalated",
    "FollowingUp",
    "IllegalAct",
    "Joined",
    "Laddered",
    "Merged",
    "Noted",
    "Opened",
    "Paged",
    "Past",
    "Released",
    "Renewed",
    "RepairAsked",
    "Repaired",
    "Rung",
    "Signed",
    "Split",
    "Spoke",
    "State",
    "Times",
    "When",
    "Withdrew",
    "clock_act",
    "is_news",
    "replay",
    "step",
]  # fmt: skip
