"""The roster as thought: promises in wall time, what they come to in moments, who is there when, and where
nobody is. Pure; rows and clocks are elsewhere.

A rule says "every second Friday from 21:00 to 07:00, Europe/Berlin, as primary"; `expand` gives the shifts
of some days. A clock change moves the moments, never the wall time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from community.ids import MemberId
from moderation.oncall.hours import Hours, joined, span

SeatName = Literal["primary", "secondary", "lead"]
AHEAD: Final = timedelta(days=7)
"""Gaps show so far ahead (care.md, Roster)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A repeated promise. `weekdays` are 0 (Monday) to 6; weeks are counted from the one `first_on` is in."""

    member: MemberId
    seat: SeatName
    zone: str
    starts: time
    ends: time  # not after `starts`: the next day
    first_on: date
    last_on: date | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    every_weeks: int = 1
    skips: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift: somebody's seat between two moments. `taken_over`: they didn't answer its test page."""

    member: MemberId
    seat: SeatName
    starts_at: datetime
    ends_at: datetime
    on_day: date | None = None
    id: UUID | None = None
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A training record. It counts up to and including `expires_on`."""

    member: MemberId
    lane: Literal["care", "conduct"]
    trained_on: date
    expires_on: date
    topics_excluded: frozenset[str] = frozenset()

    def counts(self, on: date) -> bool:
        return self.trained_on <= on <= self.expires_on


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who promised to be there at one moment, each in the order in which they are asked."""

    primary: tuple[MemberId, ...] = ()
    secondary: tuple[MemberId, ...] = ()
    leads: tuple[MemberId, ...] = ()

    @property
    def anyone(self) -> bool:
        """Whether somebody answers pages; a lead's shift alone doesn't cover (care.md)."""
        return bool(self.primary or self.secondary)


def expand(rule: Rule, first: date, last: date) -> Iterator[Turn]:
    """The shifts of a rule that begin on these local days, both included."""
    zone = ZoneInfo(rule.zone)
    monday = rule.first_on - timedelta(days=rule.first_on.weekday())
    day = max(first, rule.first_on)
    end = last if rule.last_on is None else min(last, rule.last_on)
    while day <= end:
        week = (day - monday).days // 7
        if day.weekday() in rule.weekdays and week % rule.every_weeks == 0 and day not in rule.skips:
            starts, ends = span(day, rule.starts, rule.ends, zone)
            if ends > starts:
                yield Turn(rule.member, rule.seat, starts, ends, day)
        day += timedelta(days=1)


def on_duty(turns: Iterable[Turn], at: datetime) -> OnDuty:
    """Who is there at this moment. Whose test page stayed unanswered comes after their secondary."""
    here = sorted((t for t in turns if t.starts_at <= at < t.ends_at), key=lambda t: (t.starts_at, t.member))
    silent = [t.member for t in here if t.seat == "primary" and t.taken_over]
    primary = [t.member for t in here if t.seat == "primary" and not t.taken_over]
    secondary = [t.member for t in here if t.seat == "secondary"]
    if silent and not primary:
        primary, secondary = secondary, silent
    else:
        secondary += silent
    leads = [t.member for t in here if t.seat == "lead"]
    return OnDuty(_once(primary), _once(secondary), _once(leads))


def gaps(
    turns: Iterable[Turn], start: datetime, end: datetime, needed: Hours | None = None
) -> list[tuple[datetime, datetime]]:
    """Time between in which somebody should be on duty and nobody is. `needed` None: around the clock."""
    wanted = [(start, end)] if needed is None else needed.between(start, end)
    covered = joined(
        sorted((t.starts_at, t.ends_at) for t in turns if t.seat != "lead" and t.ends_at > t.starts_at)
    )
    return [gap for span_ in wanted for gap in _without(span_, covered)]


def next_cover(turns: Iterable[Turn], at: datetime) -> datetime | None:
    """When the next shift that covers begins; None when nobody has promised one."""
    return min((t.starts_at for t in turns if t.seat != "lead" and t.starts_at > at), default=None)


def trained(records: Iterable[Record], lane: str, on: date) -> frozenset[MemberId]:
    """Whose training for the lane counts on that day."""
    return frozenset(r.member for r in records if r.lane == lane and r.counts(on))


def lapsed(records: Iterable[Record], lane: str, on: date) -> frozenset[MemberId]:
    """Who has been trained for the lane and whose training counts no longer: not on duty, whatever the
    roster says."""
    of_lane = [r for r in records if r.lane == lane]
    return frozenset(r.member for r in of_lane) - trained(of_lane, lane, on)


def clashes(turn: Turn, others: Iterable[Turn]) -> list[Turn]:
    """Shifts of the same person at the same time: nobody is primary and secondary at once."""
    return [
        t
        for t in others
        if t.member == turn.member and t.starts_at < turn.ends_at and turn.starts_at < t.ends_at
    ]


def _without(
    wanted: tuple[datetime, datetime], covered: Sequence[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    at, end = wanted
    for a, b in covered:
        if b <= at or a >= end:
            continue
        if a > at:
            yield at, a
        at = max(at, b)
    if at < end:
        yield at, end


def _once(members: Sequence[MemberId]) -> tuple[MemberId, ...]:
    return tuple(dict.fromkeys(members))
