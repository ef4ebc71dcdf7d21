"""A lead's dashboard: what came, how long people waited, what was missed, and what the team carried.

Drawn by the server and told as tables. Numbers are whole here: only the public report hides small ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from starlette.responses import Response

from community.clock import Clock
from community.database import Conn, Database
from community.errors import NotFound
from community.ids import TeamId
from community.web.pages import Page
from community.web.visit import Visit
from moderation.casework.rights import desk_rights
from moderation.desk.console import who_of
from moderation.evidence import drawing, figures
from moderation.evidence.api import nameable, read_episodes
from moderation.evidence.figures import Episode, Miss
from moderation.oncall.cover import CareSettings
from moderation.store import figures as store
from moderation.store import wellbeing
from moderation.store.wellbeing import Load

PATH: Final = "/moderation/figures"
RANGES: Final = (7, 30, 90)
MISSES_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Read:
    """What the dashboard is made of, read in one look."""

    found: list[Episode]
    counts: dict[str, int]
    days: list[store.DayCounts]
    rules: list[store.RulePrecision]
    load: list[Load]


class LeadPages:
    """The organisation's settings say which hour of the day it was, and which clocks to draw."""

    def __init__(self, database: Database, clock: Clock, settings: CareSettings) -> None:
        self._database = database
        self._clock = clock
        self._zone = settings.hours.zone
        self._times = settings.times

    def pages(self) -> list[Page]:
        return [Page("GET", PATH, self.figures)]

    async def figures(self, visit: Visit) -> Response:
        """For leads alone: for everyone else there is no such page."""
        days = next((n for n in RANGES if str(n) == visit.query.get("days")), RANGES[1])
        now = self._clock.now()
        last = now.astimezone(self._zone).date()
        first = last - timedelta(days=days - 1)
        start = datetime(first.year, first.month, first.day, tzinfo=self._zone)
        made = await self._read(visit, start, now + timedelta(microseconds=1))
        missed = figures.misses(made.found, now)
        async with self._database.read() as conn:
            latest = [miss.case for miss in missed[-MISSES_SHOWN:]]
            named = await nameable(conn, who_of(visit), latest)
        return visit.render(
            "moderation/figures.html",
            days=days,
            ranges=RANGES,
            start=start,
            zone=self._zone.key,
            csv=_csv(first, last),
            cards=[(drawing.tier_name(t), *_kept(made.found, missed, t), t.name) for t in drawing.TIERS],
            pictures=[
                drawing.arrivals(made.found, self._zone),
                drawing.waits(made.found, "acknowledge", self._times),
                drawing.waits(made.found, "words", self._times),
            ],
            misses=[miss for miss in missed[-MISSES_SHOWN:][::-1] if miss.case in named],
            misses_all=len(missed),
            handled=drawing.handled(made.days, first, last),
            counts=made.counts,
            precision=drawing.precision(made.rules),
            load=made.load,
        )

    async def _read(self, visit: Visit, start: datetime, end: datetime) -> Read:
        async with self._database.read() as conn:
            teams = await _led(conn, visit)
            return Read(
                found=await read_episodes(conn, teams, start=start, end=end),
                counts=await store.counts(conn, teams, start=start, end=end),
                days=await store.by_day(conn, self._zone.key, start=start, end=end),
                rules=await store.precision(conn, start=start, end=end),
                load=[row for team in teams for row in await wellbeing.load_of(conn, team, since=start)],
            )


async def _led(conn: Conn, visit: Visit) -> list[TeamId]:
    """The teams that the visitor leads. Raises NotFound when there are none."""
    who = visit.signed()
    rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
    if not rights.lead_teams:
        raise NotFound
    return sorted(rights.lead_teams)


def _kept(found: list[Episode], missed: list[Miss], tier: object) -> tuple[int, int, int]:
    """How many there were, how many were taken too late, and how many got words too late."""
    mine = [miss for miss in missed if miss.tier is tier]
    return (
        sum(e.tier is tier for e in found),
        sum(miss.clock == "acknowledge" for miss in mine),
        sum(miss.clock == "words" for miss in mine),
    )


def _csv(first: date, last: date) -> str:
    """The same days for a spreadsheet; its second day isn't included."""
    return f"/api/v1/moderation/statistics/csv?start={first}&end={last + timedelta(days=1)}"
