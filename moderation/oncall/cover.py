"""Who could be asked at this moment: shifts, seats, training, breaks and stated hours read together, for pages
and for what a card may honestly say.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from community.database import Conn
from community.ids import CaseId, MemberId, TeamId
from moderation.casework.machine import SHIPPED, Clocks, Times
from moderation.oncall.hours import Hours, parse
from moderation.oncall.paging import CaseFacts, Facts
from moderation.oncall.roster import lapsed, next_cover, on_duty
from moderation.pipeline.types import Tier
from moderation.store import channels, paging, roster, situations, training, wellbeing
from moderation.store.pages import Cover

LOOK_AHEAD = timedelta(days=14)
CRISIS_CASES_MAX = 3


@dataclass(frozen=True, slots=True)
class CareSettings:
    """What the organisation has set; the defaults are those of config.example.toml."""

    times: Times = SHIPPED
    hours: Hours = field(default_factory=lambda: parse(["mon-sun 09:00-21:00"], "UTC"))
    small_team: Literal["auto", "yes", "no"] = "auto"
    small_team_people: int = 6
    crisis_cases_max: int = CRISIS_CASES_MAX

    @property
    def clocks(self) -> dict[Tier, Clocks]:
        return {tier: self.times.of(tier) for tier in Tier}

    def is_small(self, trained: int) -> bool:
        """Whether this team keeps stated hours instead of a watch around the clock."""
        return self.small_team == "yes" or (self.small_team == "auto" and trained < self.small_team_people)


@dataclass(frozen=True, slots=True)
class Team:
    """One team at one moment, before any case is looked at."""

    facts: Facts
    small: bool
    next_at: datetime | None
    spared: dict[MemberId, frozenset[str]]  # topics that people asked to be spared


async def team_now(conn: Conn, team: TeamId, settings: CareSettings, *, now: datetime) -> Team:
    """Who is there and who could be asked. Lapsed training takes a person off, whatever the roster says."""
    seats = await paging.askable(conn, team)
    rows = await roster.rows_between(conn, team, start=now, end=now + LOOK_AHEAD)
    records = [row.record() for row in await training.training(conn, team)]
    out = lapsed(records, "care", now.date())
    turns = [row.turn() for row in rows if row.member_id not in out]
    people = tuple(s.member_id for s in seats if (s.care or s.lead) and s.member_id not in out)
    leads = tuple(s.member_id for s in seats if s.lead)
    if not people:
        people = leads = tuple(await paging.operators(conn))  # they stand in for a team that isn't there yet
    held = await paging.loads(conn, team, now=now)
    small = settings.is_small(sum(s.care for s in seats))
    closed = small and not settings.hours.is_open(now)
    facts = Facts(
        duty=on_duty(turns, now),
        leads=leads,
        everyone=people,
        backup=bool(await channels.of_team(conn, team, "backup")),
        passed_over=frozenset(m for m, n in held.items() if n >= settings.crisis_cases_max)
        | await wellbeing.resting(conn, people, now=now),
        small_and_closed=closed,
        opens_at=settings.hours.next_open(now) if closed else None,
        open_since=settings.hours.open_since(now) if small and not closed else None,
    )
    spared = {record.member: record.topics_excluded for record in records if record.topics_excluded}
    return Team(facts, small, _next(next_cover(turns, now), settings, small, now), spared)


async def for_case(conn: Conn, case: CaseId, about: CaseFacts, team: Team) -> Facts:
    """The same for one case: what it says, and who asked to be spared its topics."""
    topics = frozenset(await situations.topics(conn, case) if team.spared else ())
    spared = frozenset(member for member, wished in team.spared.items() if wished & topics)
    facts = replace(team.facts, case=about, passed_over=team.facts.passed_over | spared)
    asked = {*facts.duty.leads, *facts.leads}  # a case about one of the team is theirs alone
    if not about.subject_is_staff:
        asked |= {*facts.duty.primary, *facts.duty.secondary, *facts.everyone}
    if not facts.backup and not asked - about.tied - {about.subject}:  # operators stand in for a team of none
        people = tuple(await paging.operators(conn))
        facts = replace(facts, leads=people, everyone=people)
    return facts


def cover_of(team: Team, tier: Tier) -> Cover:
    """What a card may say: somebody is asked now, or when someone reads. In a small team's closed hours only
    a crisis rings, and only if somebody is on call."""
    here = team.facts.duty.anyone and (not team.facts.small_and_closed or tier is Tier.crisis)
    return Cover(here, None if here else team.next_at)


def _next(shift: datetime | None, settings: CareSettings, small: bool, now: datetime) -> datetime | None:
    """When somebody reads next: the next shift, or for a small team its stated hours where they come first."""
    if not small:
        return shift
    opens = settings.hours.next_open(now)
    if opens is None or opens <= now:
        return shift  # these are its hours, and nobody is there: only a shift can be promised
    return opens if shift is None else min(shift, opens)
