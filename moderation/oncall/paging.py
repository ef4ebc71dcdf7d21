"""A page as a pure state machine: who is asked when, until somebody answers and human words follow.

waiting ──acknowledged──▶ acknowledged ──human words──▶ ended
   ▲                            │
   └─no words in time, given back┘
any ──the case is closed, or a fresh page takes over──▶ ended

A crisis whose author doesn't answer human words gets a page of its own (moderation/casework/case_clocks.py, reason
no_answer): it begins at the lead and brings the emergency checklist.

Every arrow but the acknowledgement is taken by `step` at the page's due time. A step names whom to ask;
what it is handed (Facts) was read in the same transaction. Late steps catch up by the clock: after an hour
down, the next step asks whom an hour's silence asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from community.ids import MemberId
from moderation.casework.machine import CLOCKS, Clocks
from moderation.oncall.roster import OnDuty
from moderation.pipeline.types import Tier

Kind = Literal["case", "test", "gap", "complaint"]
State = Literal["waiting", "acknowledged", "ended"]
Words = Literal["page", "no_words", "checklist", "test", "test_missed", "lead_now", "gap", "complaint"]
How = Literal["one", "two", "all"]

TEST_PATIENCE: Final = timedelta(minutes=15)
GAP_AGAIN: Final = timedelta(hours=4)
GAP_ENDS: Final = timedelta(hours=24)
COMPLAINT_AGAIN: Final = timedelta(hours=24)
COMPLAINT_ENDS: Final = timedelta(days=7)
"""A conduct case's own clock is a day; after a week the outside knows."""
SMALL_ROUNDS: Final = 3
HOURLY: Final = timedelta(hours=1)
TOP: Final = 3
"""The ladder's last step: everyone."""


@dataclass(frozen=True, slots=True)
class Page:
    kind: Kind
    tier: Tier
    opened_at: datetime
    started_at: datetime  # when the present clock began
    due_at: datetime | None
    state: State = "waiting"
    round: int = 0
    floor: int = 0  # at least so far up the ladder, because nobody below could be reached
    acknowledged_at: datetime | None = None
    acknowledged_by: MemberId | None = None  # None while acknowledged: the outside back-up
    reason: str = "opened"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the case says at this moment."""

    closed: bool
    subject: MemberId | None = None
    subject_is_staff: bool = False
    spoke_at: datetime | None = None  # the latest human words to the author
    unheld: bool = False  # nobody has it, or nobody any more
    canary: bool = False
    tied: frozenset[MemberId] = frozenset()  # family and friends of the subject
    passed_by: frozenset[MemberId] = frozenset()  # who gave it to somebody else since it became so urgent


@dataclass(frozen=True, slots=True)
class Facts:
    """Everybody who could be asked. `passed_over` are asked only if nobody else is left: on a break, at
    their cap, or spared this topic by their own wish."""

    duty: OnDuty
    leads: tuple[MemberId, ...] = ()
    everyone: tuple[MemberId, ...] = ()
    backup: bool = False  # an outside back-up organisation can be reached
    case: CaseFacts | None = None
    holder: MemberId | None = None  # of the shift that a test page is about
    passed_over: frozenset[MemberId] = frozenset()
    small_and_closed: bool = False  # small-team mode outside its stated hours
    opens_at: datetime | None = None
    open_since: datetime | None = None  # small-team mode: when the present stated hours began


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody to be reached now; member None is the outside back-up."""

    member: MemberId | None
    words: Words
    how: How


@dataclass(frozen=True, slots=True)
class Step:
    """The page after its due time, whom to ask, and what else follows."""

    page: Page
    asks: tuple[Ask, ...] = ()
    takes_over: bool = False  # the secondary goes first in this shift


def step(page: Page, facts: Facts, at: datetime, clocks: Mapping[Tier, Clocks] = CLOCKS) -> Step:
    """What happens at the page's due time. `at` may be late; it is never before `due_at`."""
    assert page.state != "ended", "an ended page has no due time"
    if page.kind == "test":
        return _test(page, facts, at)
    if page.kind == "gap":
        return _gap(page, facts, at)
    if page.kind == "complaint":
        return _complaint(page, facts, at)
    assert facts.case is not None, "a case's page is stepped with its case"
    if facts.case.closed:
        return Step(_ended(page))
    if facts.case.spoke_at is not None and facts.case.spoke_at >= page.started_at:
        return Step(_ended(page))
    facts = replace(facts, passed_over=facts.passed_over | facts.case.passed_by)
    if page.state == "acknowledged":
        return _acknowledged(page, facts, at, clocks)
    return _waiting(page, facts, at, clocks, _words(page))


def acknowledged(page: Page, by: MemberId | None, at: datetime) -> Page:
    """Somebody has it: it falls silent, and its next step is due at once to start the clock for words."""
    return replace(page, state="acknowledged", acknowledged_at=at, acknowledged_by=by, due_at=at)


def words_due(page: Page, clocks: Mapping[Tier, Clocks] = CLOCKS) -> datetime:
    """When human words must have followed. Who acknowledges late still gets the time between both clocks."""
    assert page.acknowledged_at is not None, "the second clock runs from an acknowledgement"
    clock = clocks[page.tier]
    late = page.acknowledged_at + max(clock.words - clock.acknowledge, timedelta(minutes=1))
    return max(page.started_at + clock.words, late)


# ---- a case's page


def _waiting(page: Page, facts: Facts, at: datetime, clocks: Mapping[Tier, Clocks], words: Words) -> Step:
    if facts.small_and_closed:
        return _closed_hours(page, facts, at, clocks, words)
    clock, start = clocks[page.tier], page.started_at
    if page.tier is not Tier.crisis and facts.open_since is not None:
        start = max(start, facts.open_since)  # it waited for the opening; its rungs begin there
    level = max(page.floor, max(at - start, timedelta()) // clock.next_person)
    due = min(_grid(start, at, clock.again), _grid(start, at, clock.next_person))
    how: How = "two" if page.tier is Tier.crisis else "one"
    asks = _asks(_reached(_ladder(page, facts), level, facts), words, how)
    return Step(replace(page, state="waiting", round=page.round + 1, due_at=due), asks)


def _closed_hours(
    page: Page, facts: Facts, at: datetime, clocks: Mapping[Tier, Clocks], words: Words
) -> Step:
    """A small team outside its stated hours: only crisis rings; three rounds, everyone once, then hourly."""
    if page.tier is not Tier.crisis:
        due = facts.opens_at if facts.opens_at is not None and facts.opens_at > at else at + HOURLY
        return Step(replace(page, state="waiting", due_at=due))
    rounds = page.round if page.floor < TOP else max(page.round, SMALL_ROUNDS)
    is_last = rounds >= SMALL_ROUNDS
    asks = _asks(_reached(_ladder(page, facts), TOP if is_last else page.floor, facts), words, "two")
    due = at + HOURLY if is_last else _grid(page.started_at, at, clocks[page.tier].again)
    return Step(replace(page, state="waiting", round=page.round + 1, due_at=due), asks)


def _acknowledged(page: Page, facts: Facts, at: datetime, clocks: Mapping[Tier, Clocks]) -> Step:
    assert facts.case is not None, "a case's page is stepped with its case"
    due = words_due(page, clocks)
    again = replace(page, started_at=at, round=0, acknowledged_at=None, acknowledged_by=None)
    if at >= due:  # Acknowledged is not done. It goes one rung up: who had it didn't get to it.
        return _waiting(replace(again, floor=1), facts, at, clocks, "no_words")
    if facts.case.unheld and page.acknowledged_by is not None:  # given back, or passed on: not to them first
        others = replace(facts, passed_over=facts.passed_over | {page.acknowledged_by})
        return _waiting(again, others, at, clocks, _words(page))
    return Step(replace(page, due_at=due))


def _words(page: Page) -> Words:
    match page.reason:
        case "no_answer":
            return "checklist"
        case "no_words":
            return "no_words"
        case _:
            return "page"


# ---- tests of a shift, gaps of the roster


def _test(page: Page, facts: Facts, at: datetime) -> Step:
    due = page.started_at + TEST_PATIENCE
    if page.round == 0:
        asks = _asks((facts.holder,) if facts.holder is not None else (), "test", "all")
        return Step(replace(page, round=1, due_at=max(due, at)), asks)
    if page.state == "acknowledged":
        return Step(_ended(page))
    others = [m for m in facts.duty.secondary if m != facts.holder]
    leads = [m for m in facts.duty.leads or facts.leads if m != facts.holder and m not in others]
    if not leads and not others:
        leads = [m for m in facts.everyone if m != facts.holder]
    asks = _asks(others, "lead_now", "all") + _asks(leads, "test_missed", "all")
    return Step(_ended(page), asks, takes_over=True)


def _gap(page: Page, facts: Facts, at: datetime) -> Step:
    if page.state == "acknowledged" or at >= page.started_at + GAP_ENDS:
        return Step(_ended(page))
    asked = (
        facts.leads if page.round == 0 and facts.leads else tuple(dict.fromkeys(facts.leads + facts.everyone))
    )
    due = min(_grid(page.started_at, at, GAP_AGAIN), page.started_at + GAP_ENDS)
    return Step(replace(page, round=page.round + 1, due_at=due), _asks(asked, "gap", "one"))


def _complaint(page: Page, facts: Facts, at: datetime) -> Step:
    """A report about whoever leads alone: nobody inside may read it, so the outside back-up is asked."""
    if page.state == "acknowledged" or at >= page.started_at + COMPLAINT_ENDS:
        return Step(_ended(page))
    due = min(_grid(page.started_at, at, COMPLAINT_AGAIN), page.started_at + COMPLAINT_ENDS)
    asks = _asks((None,) if facts.backup else (), "complaint", "all")
    return Step(replace(page, round=page.round + 1, due_at=due), asks)


# ---- whom to ask

_Rung = tuple[MemberId | None, ...]


def _ladder(page: Page, facts: Facts) -> list[_Rung]:
    """Four rungs: the primary, the next person, the lead, everyone. With nobody on duty, or a checklist, it
    begins at the back-up and the lead; a case about one of the team goes to nobody else."""
    outside: _Rung = (None,) if facts.backup else ()
    leads = tuple(dict.fromkeys(facts.duty.leads + facts.leads))
    if facts.case is not None and facts.case.subject_is_staff:
        return [leads + outside] * (TOP + 1)
    everyone = facts.everyone + outside
    if not facts.duty.anyone or page.reason == "no_answer":
        return [leads + outside, leads + outside, everyone, everyone]
    own = _allowed(facts.duty.leads, facts) or facts.leads  # a lead on duty may be tied to them
    return [facts.duty.primary, facts.duty.secondary, own + outside, everyone]


def _reached(ladder: list[_Rung], level: int, facts: Facts) -> _Rung:
    """Everybody up to this rung; further up while that is nobody. Those passed over come last of all."""
    for skip in (facts.passed_over, frozenset[MemberId]()):
        for top in range(min(level, TOP), TOP + 1):
            rungs = [m for rung in ladder[: top + 1] for m in rung if m is None or m not in skip]
            if found := _allowed(dict.fromkeys(rungs), facts):
                return found
    return ()


def _allowed(members: Iterable[MemberId | None], facts: Facts) -> _Rung:
    """A page never reaches its subject, nor who is tied to them."""
    if facts.case is None:
        return tuple(members)
    barred = facts.case.tied | {facts.case.subject}
    return tuple(m for m in members if m is None or m not in barred)


def _asks(members: Iterable[MemberId | None], words: Words, how: How) -> tuple[Ask, ...]:
    return tuple(Ask(member, words, how) for member in members)


def _ended(page: Page) -> Page:
    return replace(page, state="ended", due_at=None)


def _grid(start: datetime, at: datetime, every: timedelta) -> datetime:
    """The next multiple of `every` after `at`: a late step never shifts the ones after it. Before `start`
    (a clock set back) it is one interval from now, never further."""
    if at < start:
        return at + every
    return start + ((at - start) // every + 1) * every
