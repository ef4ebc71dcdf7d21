"""Sets the stage of a rehearsal from the database and the settings, plays it, and puts it into lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from community.clock import SystemClock
from community.database import Conn, Database
from community.ids import MemberId, new_id
from community.store import groups
from moderation.oncall.cover import team_now
from moderation.oncall.measured import ANSWERS_MIN, humans_of
from moderation.oncall.rehearsal import Humans, Load, Result, Stage
from moderation.oncall.rehearsal import rehearse as repeat
from moderation.oncall.rehearsal_report import picture, table
from moderation.oncall.roster import Rule, Turn, expand
from moderation.pipeline.types import Tier
from moderation.store import measured, roster
from server.oncall_parts import care_settings
from server.settings import Settings

HISTORY = timedelta(days=28)
MEASURED = timedelta(days=90)
"""People change more slowly than arrivals."""
HISTORY_MIN = 8
"""Fewer cases in four weeks say nothing about the hours of a day."""
GUESSED = {Tier.crisis: 3.0, Tier.red: 10.0}
"""Cases a week where there is no history: a guess for a few hundred members, to be replaced."""


@dataclass(frozen=True, slots=True)
class Wanted:
    runs: int
    days: int
    crisis: float | None
    red: float | None
    one_more: str | None
    svg: Path | None


async def play(settings: Settings, dsn: str, wanted: Wanted) -> list[str]:
    """What to print. Reads; writes nothing but the picture."""
    stage, load, known, humans, answers = await _set(settings, dsn, wanted)
    titles: list[tuple[str, Result]] = [("this roster", repeat(stage, load, humans, runs=wanted.runs))]
    if wanted.one_more:
        turns = _more(wanted.one_more, stage)
        more = replace(stage, turns=[*stage.turns, *turns], everyone=(*stage.everyone, turns[0].member))
        titles.append(("with one more", repeat(more, load, humans, runs=wanted.runs)))
    if wanted.svg is not None:
        wanted.svg.write_text(
            picture("Chance that a clock is missed, by hour", titles[0][1]), encoding="utf-8"
        )
    weekly = ", ".join(f"{load.weekly[t]:g} {t.name}" for t in (Tier.crisis, Tier.red))
    return [
        f"{wanted.runs} times {wanted.days} days; {weekly} a week "
        f"({'from the last four weeks' if known else 'given or guessed'}); "
        f"{len(stage.everyone)} people{', small-team hours' if stage.small else ''}. Hours are {stage.zone.key}.",
        "",
        *table(titles),
        "19 in 20: where the chance lies as far as luck goes. What isn't known of people is not in it.",
        f"How people answer is from this team's own {answers} answered pages of the last {MEASURED.days} days."
        if answers
        else f"How fast people answer is a guess until this team has answered {ANSWERS_MIN} pages: compare rosters, "
        "don't quote figures.",
    ]


async def _set(settings: Settings, dsn: str, wanted: Wanted) -> tuple[Stage, Load, bool, Humans, int]:
    database = await Database.connect(dsn, pool_max=1)
    try:
        async with database.read() as conn:
            now = SystemClock().now()
            stage, load, known = await read_stage(settings, conn, wanted, now)
            return stage, load, known, *await read_humans(settings, conn, now)
    finally:
        await database.close()


async def read_humans(settings: Settings, conn: Conn, now: datetime) -> tuple[Humans, int]:
    """How people answer here, and from how many answered pages that is known; 0: a guess."""
    team, since = await groups.default_team(conn), now - MEASURED
    asked = await measured.asked(conn, team, since=since)
    words = await measured.words(conn, team, since=since)
    return humans_of(asked, words, ZoneInfo(settings.care.time_zone))


async def read_stage(
    settings: Settings, conn: Conn, wanted: Wanted, now: datetime
) -> tuple[Stage, Load, bool]:
    """The stage and the load, and whether the load is from history."""
    care = care_settings(settings.care)
    start = now.replace(minute=0, second=0, microsecond=0)
    team = await groups.default_team(conn)
    seen = await team_now(conn, team, care, now=now)
    rows = await roster.rows_between(conn, team, start=start, end=start + timedelta(days=wanted.days + 1))
    came = await measured.arrivals(conn, team, since=now - HISTORY)
    known = sum(came.values()) >= HISTORY_MIN and wanted.crisis is None and wanted.red is None
    weekly = {tier: came.get(tier.name, 0) / 4 if known else guess for tier, guess in GUESSED.items()}
    given = {Tier.crisis: wanted.crisis, Tier.red: wanted.red}
    load = Load({tier: n if (g := given[tier]) is None else g for tier, n in weekly.items()})
    facts = seen.facts
    everyone = facts.everyone or (MemberId(new_id()),)
    zone = ZoneInfo(settings.care.time_zone)
    turns = [row.turn() for row in rows]
    return Stage(turns, everyone, facts.leads, facts.backup, care, start, wanted.days, zone), load, known


def _more(window: str, stage: Stage) -> list[Turn]:
    """One more person, every day in this window of wall time, as secondary where somebody is first."""
    try:
        starts, ends = (time.fromisoformat(part) for part in window.split("-"))
    except ValueError:
        raise click.BadParameter("expected something like 21:00-07:00", param_hint="--one-more") from None
    first: date = stage.start.astimezone(stage.zone).date() - timedelta(days=1)
    last: datetime = stage.start + timedelta(days=stage.days + 1)
    who = MemberId(new_id())
    rule = Rule(who, "primary", stage.zone.key, starts, ends, first)
    return list(expand(rule, first, last.date()))
