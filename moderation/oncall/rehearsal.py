"""A rehearsal: a week with this roster and these clocks, many times, on the real state machines with a virtual
clock, so that a lead sees at three in the afternoon what three in the morning will look like.

Cases go through moderation/casework/machine.py and pages through moderation/oncall/paging.py, exactly as in
service; only the people are made up. How likely and how fast people answer is a guess until this team has
measured its own (moderation/oncall/measured.py); what changes between two rehearsals means more than any single figure.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from community.ids import MemberId, MessageId, PageId, new_id
from moderation.carers.wellbeing import BREAK, ITEMS_MAX, MINUTES_MAX, SHIFT
from moderation.casework.machine import Act, Claimed, Opened, Paged, Spoke, clock_act
from moderation.casework.machine import step as case_step
from moderation.oncall.cover import CareSettings
from moderation.oncall.paging import CaseFacts, Facts, Page, acknowledged
from moderation.oncall.paging import step as page_step
from moderation.oncall.roster import Turn, on_duty
from moderation.pipeline.types import Tier

GIVEN_UP: Final = timedelta(hours=24)
EVENTS_MAX: Final = 600
NEVER: Final = datetime.max.replace(tzinfo=ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Humans:
    """How people answer: chances for each time they are asked, medians in minutes. Our own guesses."""

    on_duty: float = 0.9
    on_duty_at_night: float = 0.75
    off_duty: float = 0.35
    off_duty_at_night: float = 0.12
    backup: float = 0.8
    answer_minutes: float = 2.5
    words_minutes: float = 5.0
    follows: float = 0.95  # acknowledged, and words do follow
    spread: float = 0.8  # of the logarithm
    night: tuple[int, int] = (23, 7)


@dataclass(frozen=True, slots=True)
class Load:
    """Cases a week by tier, and how they spread over the local hours of a day."""

    weekly: Mapping[Tier, float]
    hours: tuple[float, ...] = (1.3, 1.2, 1.1, 1.0, 0.8, 0.6, 0.5, 0.5, 0.6, 0.7, 0.8, 0.8,
                                0.9, 0.9, 0.9, 0.9, 1.0, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.4)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it plays: roster, people, clocks, and the days."""

    turns: Sequence[Turn]
    everyone: tuple[MemberId, ...]
    leads: tuple[MemberId, ...]
    backup: bool
    settings: CareSettings
    start: datetime
    days: int
    zone: ZoneInfo

    @property
    def small(self) -> bool:
        return self.settings.is_small(len(self.everyone))

    def facts(self, at: datetime, case: CaseFacts, passed_over: frozenset[MemberId] = frozenset()) -> Facts:
        """What the escalator would read at that moment."""
        hours = self.settings.hours
        closed = self.small and not hours.is_open(at)
        return Facts(
            duty=on_duty(self.turns, at),
            leads=self.leads,
            everyone=self.everyone,
            backup=self.backup,
            case=case,
            passed_over=passed_over,
            small_and_closed=closed,
            opens_at=hours.next_open(at) if closed else None,
            open_since=hours.open_since(at) if self.small and not closed else None,
        )


@dataclass(slots=True)
class Cell:
    """One tier in one hour of the day."""

    cases: int = 0
    late_answers: int = 0
    late_words: int = 0
    asked: int = 0

    @property
    def answer(self) -> float | None:
        return self.late_answers / self.cases if self.cases else None

    @property
    def words(self) -> float | None:
        return self.late_words / self.cases if self.cases else None


@dataclass(slots=True)
class Result:
    """Chances of each clock being missed, by tier and local hour of the cry, over all runs."""

    runs: int
    cells: dict[tuple[Tier, int], Cell] = field(default_factory=dict)
    weeks: dict[Tier, list[Cell]] = field(default_factory=dict)  # one a run, for the range

    def cell(self, tier: Tier, hour: int) -> Cell:
        return self.cells.setdefault((tier, hour), Cell())

    def total(self, tier: Tier) -> Cell:
        found = [cell for (t, _), cell in self.cells.items() if t is tier]
        return Cell(
            sum(c.cases for c in found),
            sum(c.late_answers for c in found),
            sum(c.late_words for c in found),
            sum(c.asked for c in found),
        )

    def between(self, tier: Tier) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Where the chances of a late answer and of late words lie, 19 times in 20. Whole weeks are what is drawn
        at random, so cases of one bad night don't count as many proofs. None with a single run."""
        weeks = [cell for cell in self.weeks.get(tier, []) if cell.cases]
        if len(weeks) < 2:
            return None
        return _between([(w.late_answers, w.cases) for w in weeks]), _between(
            [(w.late_words, w.cases) for w in weeks]
        )


def _between(weeks: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """A ratio over clusters, by the usual linear approximation."""
    late, cases, n = sum(a for a, _ in weeks), sum(b for _, b in weeks), len(weeks)
    share = late / cases
    error = math.sqrt(n / (n - 1) * sum((a - share * b) ** 2 for a, b in weeks)) / cases
    return max(0.0, share - 1.96 * error), min(1.0, share + 1.96 * error)


def rehearse(stage: Stage, load: Load, humans: Humans, *, runs: int, seed: int = 1) -> Result:
    """Play so many weeks. The same seed gives the same answer."""
    result = Result(runs)
    for run in range(runs):
        chance = random.Random(seed * 1_000_003 + run)
        carried = _Carried(stage.settings.crisis_cases_max)
        week = {tier: Cell() for tier in load.weekly}
        for at, tier in _arrivals(stage, load, chance):
            played = _Cry(stage, humans, chance, carried, at, tier).play()
            clocks = stage.settings.clocks[tier]
            for cell in (result.cell(tier, at.astimezone(stage.zone).hour), week[tier]):
                cell.cases += 1
                cell.asked += played.asked
                cell.late_answers += played.answered_at - at > clocks.acknowledge
                cell.late_words += played.spoken_at - at > clocks.words
        for tier, cell in week.items():
            result.weeks.setdefault(tier, []).append(cell)
    return result


def _arrivals(stage: Stage, load: Load, chance: random.Random) -> list[tuple[datetime, Tier]]:
    """Poisson, hour by hour."""
    total, found = sum(load.hours), []
    for n in range(stage.days * 24):
        hour = stage.start + timedelta(hours=n)
        share = load.hours[hour.astimezone(stage.zone).hour] / total / 7
        for tier, weekly in load.weekly.items():
            for _ in range(_poisson(weekly * share, chance)):
                found.append((hour + timedelta(seconds=chance.uniform(0, 3600)), tier))
    return sorted(found)


def _poisson(mean: float, chance: random.Random) -> int:
    limit, n, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        n, product = n + 1, product * chance.random()
    return n


@dataclass(slots=True)
class _Carried:
    """What people have in hand in this week, and the breaks that it earns them (care.md: six red or crisis cases or
    sixty minutes, then a quarter of an hour off; at most three crisis cases at once)."""

    cases_max: int
    held: dict[MemberId, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    rests: dict[MemberId, tuple[datetime, datetime]] = field(default_factory=dict)

    def take(self, who: MemberId, start: datetime, end: datetime) -> None:
        rested = self.rests.get(who, (start - SHIFT,) * 2)[1]
        mine = [span for span in self.held.get(who, []) if span[0] >= max(rested, start - SHIFT)]
        mine.append((start, end))
        self.held[who] = mine
        minutes = sum(((b - a) for a, b in mine), timedelta()) / timedelta(minutes=1)
        if len(mine) >= ITEMS_MAX or minutes >= MINUTES_MAX:
            self.rests[who] = (end, end + BREAK)

    def free(self, who: MemberId, at: datetime) -> datetime:
        """When they have a hand for another."""
        return max([at, *(end for _, end in self.held.get(who, []))])

    def passed_over(self, at: datetime) -> frozenset[MemberId]:
        """Those on a break or at their cap: asked last, and never left out."""
        resting = {who for who, (start, end) in self.rests.items() if start <= at < end}
        full = {
            who for who, spans in self.held.items() if sum(a <= at < b for a, b in spans) >= self.cases_max
        }
        return frozenset(resting | full)


@dataclass(slots=True)
class _Cry:
    """One case from its cry to human words."""

    stage: Stage
    humans: Humans
    chance: random.Random
    carried: _Carried
    at: datetime
    tier: Tier
    asked: int = 0
    answered_at: datetime = NEVER
    spoken_at: datetime = NEVER
    _who: MemberId | None = None
    _answers: datetime = NEVER  # the soonest answer to what was asked so far
    _speaks: datetime = NEVER

    def play(self) -> _Cry:
        """Events in the order of their times: the page's clock, the case's clock, an answer, words."""
        case = case_step(None, Opened("care", self.tier, MessageId(new_id()), frozenset({"cry"})), self.at)
        case = case_step(case, Paged(PageId(new_id()), "opened"), self.at)
        page = Page("case", self.tier, self.at, self.at, self.at)
        for _ in range(EVENTS_MAX):
            page_due, case_due = page.due_at or NEVER, case.due_at or NEVER
            now = min(page_due, case_due, self._answers, self._speaks)
            if now - self.at > GIVEN_UP:
                break
            if now == self._speaks:
                case_step(case, Spoke(self._who or self.stage.everyone[0]), now)
                self.spoken_at = now
                break
            if now == self._answers:
                act: Act = Claimed(self._who or self.stage.everyone[0], take_over=True)
                case, page = case_step(case, act, now), acknowledged(page, self._who, now)
                self._take(now)
            elif now == page_due:
                page = self._page(page, now)
            else:
                due = clock_act(case, now)
                assert due is not None, "its time has come"
                case = case_step(case, due, now)
        return self

    def _take(self, now: datetime) -> None:
        self.answered_at, self._answers = min(self.answered_at, now), NEVER
        if self.chance.random() < self.humans.follows:
            self._speaks = now + self._delay(self.humans.words_minutes)
            if self._who is not None:
                self.carried.take(self._who, now, self._speaks)

    def _page(self, page: Page, now: datetime) -> Page:
        spoken = CaseFacts(closed=False)
        facts = self.stage.facts(now, spoken, self.carried.passed_over(now))
        done = page_step(page, facts, now, self.stage.settings.clocks)
        here = on_duty(self.stage.turns, now)
        for ask in done.asks:
            self.asked += 1
            when = self._answer(ask.member, here.primary + here.secondary + here.leads, now)
            if when < self._answers:
                self._answers, self._who = when, ask.member
        return done.page

    def _answer(self, member: MemberId | None, here: Sequence[MemberId], now: datetime) -> datetime:
        humans, hour = self.humans, now.astimezone(self.stage.zone).hour
        night = hour >= humans.night[0] or hour < humans.night[1]
        if member is None:
            likely = humans.backup
        elif member in here:
            likely = humans.on_duty_at_night if night else humans.on_duty
        else:
            likely = humans.off_duty_at_night if night else humans.off_duty
        if self.chance.random() >= likely:
            return NEVER
        free = self.carried.free(member, now) if member is not None else now
        return free + self._delay(humans.answer_minutes)

    def _delay(self, median_minutes: float) -> timedelta:
        return timedelta(minutes=self.chance.lognormvariate(math.log(median_minutes), self.humans.spread))
