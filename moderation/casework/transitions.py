"""What each act makes of a case; cases.py says which act comes here. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from community.ids import MemberId, MessageId
from moderation.casework.acts import (
    Appealed,
    Claimed,
    Closed,
    Decided,
    Escalated,
    Joined,
    Merged,
    Opened,
    Released,
    RepairAsked,
    Repaired,
    Split,
    Spoke,
)
from moderation.casework.case import Case, IllegalAct
from moderation.casework.clocks import Times
from moderation.pipeline.types import Tier

# ---- inner: opening and growing


def opened(act: Opened, at: datetime, times: Times) -> Case:
    return Case(
        lane=act.lane,
        tier=act.tier,
        state="open",
        version=1,
        owner=None,
        lease_until=None,
        opened_at=at,
        raised_at=at,
        due_at=at + (times.of(act.tier).acknowledge if act.lane == "care" else times.conduct),
        touched_at=at,
        closed_at=None,
        messages=(act.message,),
        rules=act.rules,
        times=times,
    )


def is_news(case: Case, act: Joined) -> bool:
    """Whether this must page again: a higher tier, a closed case, or, from red up, an act, a time or means
    that the case doesn't know yet. Folding in never lowers a tier."""
    if case.state == "closed" or act.tier > case.tier:
        return True
    return act.tier >= Tier.red and not act.rules <= case.rules


def regrouped(case: Case, act: Joined | Merged | Split, at: datetime) -> Case:
    match act:
        case Joined():
            return _joined(case, act, at)
        case Merged():
            return _merged(case, act, at)
        case Split():
            left = tuple(m for m in case.messages if m not in act.messages)
            if not left or len(left) == len(case.messages):
                raise IllegalAct("nothing_left" if not left else "not_in_case")
            return used(replace(case, messages=left), act.by, at)


def _joined(case: Case, act: Joined, at: datetime) -> Case:
    news = is_news(case, act)
    joined = replace(case, messages=_with(case, (act.message,)), rules=case.rules | act.rules)
    if case.state == "closed":
        return _reopened(joined, act.tier, at)
    return raised(joined, max(case.tier, act.tier), at) if news and case.lane == "care" else joined


def _reopened(case: Case, tier: Tier, at: datetime) -> Case:
    again = replace(
        case, state="open", closed_at=None, tier=tier, owner=None, lease_until=None, decided_by=None,
        appealed_by=None,
    )  # fmt: skip
    return raised(again, tier, at)


def _merged(case: Case, act: Merged, at: datetime) -> Case:
    """The more urgent tier and the earlier clock of the two: joining never gives anyone more time."""
    both = replace(case, messages=_with(case, act.messages), rules=case.rules | act.rules)
    both = used(both, act.by, at)
    if case.lane == "care" and act.tier > case.tier:
        both = raised(both, act.tier, at)
    due = [moment for moment in (both.due_at, act.due_at) if moment is not None]
    sooner = case.state in _WAITING or act.waiting
    return replace(both, due_at=min(due) if due and sooner else both.due_at, waits=both.waits or act.waiting)


_WAITING = frozenset(("open", "paged", "acknowledged", "claimed"))


def _with(case: Case, more: tuple[MessageId, ...]) -> tuple[MessageId, ...]:
    return (*case.messages, *(m for m in more if m not in case.messages))


# ---- inner: clocks


def raised(case: Case, tier: Tier, at: datetime) -> Case:
    """A fresh clock at this tier. The holder keeps the case and sees it first; if nobody holds it, it is
    open again."""
    if case.lane == "conduct":
        return replace(case, tier=tier, due_at=at + case.times.conduct)
    held = case.held_by(at) is not None
    return replace(
        case,
        tier=tier,
        raised_at=at,
        state="acknowledged" if held else "open",
        owner=case.owner if held else None,
        lease_until=case.lease_until if held else None,
        due_at=at + (case.times.of(tier).words if held else case.times.of(tier).acknowledge),
    )


def late(case: Case, act: Escalated, at: datetime) -> Case:
    """A clock ran out: it runs again, shorter than before, and how long the person waits stays visible."""
    clocks = case.times.of(case.tier)
    if case.lane == "conduct":
        return replace(case, due_at=at + case.times.conduct)
    if case.state == "acknowledged" and case.held_by(at) is None:
        return replace(case, state="open", owner=None, lease_until=None, due_at=at + clocks.acknowledge)
    if case.state in ("with_person", "following_up") and case.tier < Tier.crisis:
        return replace(case, due_at=at + clocks.words)
    return replace(case, due_at=at + clocks.again)


# ---- inner: people


def claimed(case: Case, act: Claimed, at: datetime) -> Case:
    holder = case.held_by(at)
    if holder is not None and holder != act.by and not act.take_over:
        raise IllegalAct("held")
    claimed = replace(case, owner=act.by, lease_until=at + case.times.lease)
    if case.lane == "conduct":
        return replace(claimed, state="claimed" if case.state == "open" else case.state)
    if case.state in ("open", "paged"):
        return replace(claimed, state="acknowledged", due_at=case.raised_at + case.times.of(case.tier).words)
    return claimed


def released(case: Case, act: Released, at: datetime) -> Case:
    if case.owner != act.by:
        raise IllegalAct("not_yours")
    released = replace(case, owner=None, lease_until=None)
    if case.lane == "conduct":
        return replace(released, state="open" if case.state == "claimed" else case.state)
    if case.state == "acknowledged":  # nobody has it: the first clock runs again from now
        return replace(released, state="open", due_at=at + case.times.of(case.tier).acknowledge)
    return released


def spoke(case: Case, act: Spoke, at: datetime) -> Case:
    """Words of whoever isn't the holder count as well; the holder keeps the case."""
    care_only(case)
    holder = case.held_by(at)
    mine = holder is None or holder == act.by
    return replace(
        case,
        owner=act.by if mine else case.owner,
        lease_until=at + case.times.lease if mine else case.lease_until,
        state="with_person",
        waits=False,
        due_at=at + (case.times.answer if case.tier is Tier.crisis else case.times.follow_up),
    )


def answered(case: Case, at: datetime) -> Case:
    """Someone waits for words again. Who writes back after the end is read in calm hours, not paged."""
    care_only(case)
    case = replace(case, waits=True)
    if case.state == "closed":
        return _reopened(case, Tier.amber, at)
    if case.state in ("with_person", "following_up"):
        return replace(case, state="with_person", due_at=at + case.times.of(case.tier).words)
    return case


def supported(case: Case, at: datetime) -> Case:
    """Up to amber a supporter's words stop the clock for a day; from red up a person of the team is needed."""
    care_only(case)
    if case.tier > Tier.amber or case.state not in ("open", "acknowledged"):
        return case
    return replace(case, due_at=at + case.times.follow_up)


def decided(case: Case, act: Decided, at: datetime) -> Case:
    not_anothers(case, act.by, at)
    if case.lane == "care":
        # What readers see of the message changes; the person's situation stays open until it is closed.
        return used(case, act.by, at)
    if case.state == "appealed":
        if act.by in (case.decided_by, case.appealed_by):
            raise IllegalAct("same_person")
        return _ended(case, at)
    if act.decision == "close":  # nothing changes for the author, so there is nothing to disagree with
        return _ended(replace(case, decided_by=act.by), at)
    return replace(
        case,
        state="decided",
        owner=act.by,
        decided_by=act.by,
        lease_until=None,
        due_at=at + case.times.appeal_window,
    )


def repair(case: Case, act: RepairAsked | Repaired, at: datetime) -> Case:
    if case.lane != "conduct":
        raise IllegalAct("not_conduct")
    if isinstance(act, Repaired):
        waiting = case.state in ("open", "claimed")
        return replace(case, due_at=at + case.times.conduct) if waiting else case
    not_anothers(case, act.by, at)
    if case.state not in ("open", "claimed"):
        raise IllegalAct("decided_already")
    return replace(
        case, state="claimed", owner=act.by, lease_until=at + case.times.lease, due_at=at + case.times.repair
    )


def appealed(case: Case, act: Appealed, at: datetime) -> Case:
    if case.lane != "conduct" or case.state != "decided":
        raise IllegalAct("nothing_to_appeal")
    if case.due_at is not None and at > case.due_at:
        raise IllegalAct("too_late")
    if act.by == case.decided_by:
        raise IllegalAct("own_decision")
    return replace(
        case,
        state="appealed",
        owner=None,
        lease_until=None,
        appealed_by=act.by,
        due_at=at + case.times.appeal_answer,
        messages=case.messages if act.message is None else _with(case, (act.message,)),
    )


def closed(case: Case, act: Closed, at: datetime) -> Case:
    if act.by is not None:
        not_anothers(case, act.by, at)
    if case.state == "appealed":
        raise IllegalAct("appeal_waits")
    if case.state == "decided" and act.by is not None:
        raise IllegalAct("appeal_window")  # the author may still disagree; the clock closes it
    return _ended(case, at)


def _ended(case: Case, at: datetime) -> Case:
    return replace(case, state="closed", owner=None, lease_until=None, due_at=None, closed_at=at)


def used(case: Case, by: MemberId, at: datetime) -> Case:
    """Using a case renews its lease."""
    if case.held_by(at) == by and case.state != "closed":
        return replace(case, lease_until=at + case.times.lease)
    return case


def care_only(case: Case) -> None:
    if case.lane != "care":
        raise IllegalAct("not_care")


def not_anothers(case: Case, by: MemberId, at: datetime) -> None:
    """What settles a case is the holder's to do, or anyone's when nobody holds it."""
    if case.held_by(at) not in (None, by):
        raise IllegalAct("held")
