"""`kith check`: what is wrong, where, what to do, and which promise this roster can't keep.

Each check looks at one thing and says what it found; none stops the others, so one run shows everything.
Nothing is changed and nothing is started for good.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from community.clock import Clock, SystemClock
from community.database import Conn, Database
from community.errors import Unavailable
from community.helplines import Helplines
from community.ids import TeamId
from community.migrate import MigrationError, pending
from community.store import news_letters
from moderation.casework.sealed import SealedWords
from moderation.gate.candidate import BadRules, load_candidate
from moderation.oncall.channels import is_extra
from moderation.oncall.channels.http import leads_inside
from moderation.oncall.roster import trained
from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules, Submission, Tier
from moderation.store import channels as channels_store
from moderation.store import health as health_store
from moderation.store import paging, sealed_boxes, teams, training
from moderation.store.roster import Shift, shifts_between
from moderation.store.teams import Seat
from server import keys, private
from server.backup import is_unfinished
from server.health import skew
from server.settings import Settings

AHEAD: Final = timedelta(days=7)
FREE_BYTES_MIN: Final = 1 << 30
OLDEST_POSTGRES: Final = 15
SAMPLES: Final = (
    ("I have taken all my tablets and I won't wake up again", Tier.crisis),
    ("I want to end my life", Tier.red),
    ("this cough is killing me", Tier.green),
)
"""Sentences of our own whose tier no release may lose; a damaged rule file shows here."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. `where` is a key, a file or a part; `todo` what mends it."""

    where: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    {self.todo}"


async def check(settings: Settings, data: Path, dsn: str, clock: Clock) -> list[Trouble]:
    """Everything that is wrong, in the order in which to mend it."""
    found = [
        *config(settings, data),
        *rules(),
        *shadow(settings, data),
        *channels(settings),
        *helplines(clock, data),
    ]
    try:
        database = await Database.connect(dsn, pool_max=1)
    except Unavailable:
        todo = "start it, or look at database.url and the network between"
        return [Trouble("database", "nobody answers", todo), *found]
    try:
        async with database.read() as conn:
            found += [trouble async for trouble in _database(conn, dsn, data)]
            found += clocks(await health_store.clock_behind(conn, SystemClock()))
            if not any(trouble.where == "database" for trouble in found):
                found += [trouble async for trouble in rosters(conn, settings, clock)]
                found += [trouble async for trouble in hooks(conn, settings)]
                found += [trouble async for trouble in sealed(conn, data)]
    finally:
        await database.close()
    return found


def config(settings: Settings, data: Path) -> Iterator[Trouble]:
    """What the settings can't say of themselves."""
    server = settings.server
    is_open = server.host not in ("127.0.0.1", "::1", "localhost")
    if is_open and urlsplit(server.public_url).scheme != "https":
        yield Trouble(
            "server.host",
            f"{server.host} is reachable from outside without TLS: passwords and words go in the clear",
            "put a proxy with TLS in front and set server.public_url to its https:// address",
        )
    if urlsplit(server.public_url).scheme == "https" and not server.trusted_proxies:
        yield Trouble(
            "server.trusted_proxies",
            "behind a proxy everybody seems to come from its address, and shares its limits",
            "name the proxy's address or network",
        )
    if server.workers > 1 and not settings.redis.url:
        yield Trouble("redis.url", f"{server.workers} workers need it", "set it, or server.workers = 1")
    if settings.limits.scale != 1:
        yield Trouble("limits.scale", f"limits are multiplied by {settings.limits.scale:g}", "remove it")
    for path in sorted(data.glob("*.key")) + sorted(data.glob("*.secret")):
        if path.stat().st_mode & 0o077:
            yield Trouble(str(path), "others can read this secret", f"chmod 600 {path}")
    if data.exists() and shutil.disk_usage(data).free < FREE_BYTES_MIN:
        yield Trouble(
            str(data), "less than 1 GiB is free on its disk", "make room: without it nothing is stored"
        )


def rules() -> Iterator[Trouble]:
    """The rules load, and still tell a cry for help from a figure of speech."""
    try:
        loaded = shipped()
    except (OSError, ValueError) as error:
        yield Trouble("rules", f"can't be loaded: {error}", "install this version of Kith again")
        return
    for text, tier in SAMPLES:
        found = judge(Submission(text, "room", GroupRules(), ()), loaded).tier
        if found is not tier:
            yield Trouble("rules", f"{text!r} is judged {found.name}, not {tier.name}", "install Kith again")


def shadow(settings: Settings, data: Path) -> Iterator[Trouble]:
    """The candidate rules load; a server leaves out those that don't and only its log says so."""
    if not settings.pipeline.shadow:
        return
    try:
        load_candidate(data / settings.pipeline.shadow)
    except BadRules as error:
        for problem in error.problems:
            yield Trouble("pipeline.shadow", problem, "mend it (`kith rules check`), or set it to empty")


def channels(settings: Settings) -> Iterator[Trouble]:
    """Ways in which a page reaches somebody who isn't looking at the screen."""
    if not settings.mail.host:
        yield Trouble(
            "mail.host",
            "no mail is sent: a page only shows in an open console. Promise not kept: a crisis is paged "
            "on two channels",
            "set [mail]",
        )


async def hooks(conn: Conn, settings: Settings) -> AsyncIterator[Trouble]:
    """Webhooks that an earlier release let lead inside: nothing is sent to them any more."""
    inside = settings.care.webhook_hosts_inside
    shut = [address for address in await channels_store.webhooks(conn) if await leads_inside(address, inside)]
    if shut:
        yield Trouble(
            "channels",
            f"{len(shut)} webhooks of people on duty lead into this server's own network; no page goes there",
            "name their hosts in care.webhook_hosts_inside, if they belong to you",
        )


def helplines(clock: Clock, data: Path | None = None) -> Iterator[Trouble]:
    """Entries that this organisation has not rung or read within half a year."""
    known = Helplines() if data is None else Helplines.of(data)
    unchecked = known.unverified(clock.now().date())
    if unchecked:
        countries = sorted({entry.partition(":")[0] for entry in unchecked})
        yield Trouble(
            "helplines",
            f"{len(unchecked)} entries ({', '.join(countries)}) are not checked by you, and readers are told so",
            "ring or open each of your countries' entries and enter the day as verified_on",
        )


def clocks(behind: timedelta) -> Iterator[Trouble]:
    """Whether this machine and Postgres agree on the time."""
    for said in skew(behind):
        yield Trouble("clock", said, "let both keep time by NTP")


async def _database(conn: Conn, dsn: str, data: Path) -> AsyncIterator[Trouble]:
    version = int(await conn.fetchval("select current_setting('server_version_num')")) // 10_000
    if version < OLDEST_POSTGRES:
        yield Trouble("database", f"PostgreSQL {version} is too old", f"use {OLDEST_POSTGRES} or later")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        if await conn.fetchval("select current_setting($1)", name) == "off":
            what = f"{name} is off: acknowledged messages may be lost. Promise not kept: what is acknowledged is stored"
            yield Trouble("database.durability", what, f"set {name} = on in postgresql.conf")
    if await conn.fetchval("select rolsuper from pg_roles where rolname = current_user"):
        yield Trouble("database.url", "this role is a superuser", "use a role that only owns Kith's database")
    if await conn.fetchval("select current_setting('server_encoding')") != "UTF8":
        yield Trouble("database", "its encoding is not UTF8", "create it again with encoding UTF8")
    if is_unfinished(data):
        yield Trouble("database.restore", "a restore was cut short", "run `kith serve`: it finishes it first")
    try:
        if waiting := await pending(dsn):
            yield Trouble("database", f"{len(waiting)} migrations are missing", "run `kith migrate`")
    except MigrationError as error:
        yield Trouble("database", str(error), "see above")


async def sealed(conn: Conn, data: Path) -> AsyncIterator[Trouble]:
    """The key file belongs to this database: a server without one makes another, which opens nothing of before."""
    words = await sealed_boxes.newest_words(conn, limit=100)
    try:
        vault = SealedWords(keys.load(data)) if words and (data / keys.FILE).exists() else None
    except private.TooOpen:
        return  # told with the settings
    if words and (vault is None or any(vault.open(text, f"{id}:body") is None for id, text in words)):
        yield Trouble(
            str(data / keys.FILE),
            "doesn't open what is said in private here: it is kept, and nobody can read it",
            'put the file that was here back; what it holds under "keys" may stand beside the keys of now',
        )


async def rosters(conn: Conn, settings: Settings, clock: Clock) -> AsyncIterator[Trouble]:
    """What each team's roster can't keep, and whom no page would reach."""
    now = clock.now()
    for team in await teams.all_teams(conn):
        seats = await teams.seats(conn, team)
        shifts = await shifts_between(conn, team, start=now, end=now + AHEAD)
        for trouble in roster(settings, seats, shifts, now):
            yield trouble
        async for trouble in _reached(conn, team, shifts, now):
            yield trouble
        async for trouble in _outside(conn, team, seats):
            yield trouble


async def _reached(
    conn: Conn, team: TeamId, shifts: Sequence[Shift], now: datetime
) -> AsyncIterator[Trouble]:
    """Whether the people on the roster are trained and can be reached."""
    people = {shift.member_id for shift in shifts}
    records = [row.record() for row in await training.training(conn, team)]
    care = trained(records, "care", now.date())
    if records and (
        untrained := sum(shift.member_id not in care for shift in shifts if shift.seat != "lead")
    ):
        yield Trouble(
            "roster",
            f"{untrained} shifts of the next week belong to people without training that counts",
            "enter their records, or give the shifts to others",
        )
    found = await channels_store.of_members(conn, list(people))
    counted = [channel for channel in found if not is_extra(channel)]
    few = sum(sum(channel.member_id == person for channel in counted) < 2 for person in people)
    if found and few:
        yield Trouble(
            "channels",
            f"{few} people on the roster have fewer than two channels (browsers come on top and don't count). Promise "
            "not kept: a crisis is paged on two channels",
            "let each add e-mail and one that rings, at /moderation/on-call",
        )
    asked = [c.member_id for c in found if is_extra(c) and c.member_id is not None]
    if lost := sum([not await news_letters.devices(conn, person, now=now) for person in asked]):
        yield Trouble(
            "channels",
            f"{lost} people on the roster wish to be paged in their browsers, and none of these may be told any more",
            "let each allow it again at /me/notices/settings, or end it at /moderation/on-call",
        )
    failing = [channel for channel in found if channel.failing_since is not None]
    if failing:
        yield Trouble("channels", f"{len(failing)} don't take pages at the moment", "look at their servers")


async def _outside(conn: Conn, team: TeamId, seats: Sequence[Seat]) -> AsyncIterator[Trouble]:
    """Who would hear of a case about the one person who leads, and whether the canary crosses a real channel."""
    above = {seat.member_id for seat in seats if seat.lead} | set(await paging.operators(conn))
    if len(above) < 2 and not await channels_store.of_team(conn, team, "backup"):
        yield Trouble(
            "roster",
            "one person leads and runs this place, and there is no outside back-up. Promise not kept: a case or a "
            "report about them reaches somebody else",
            "name a second lead or operator, or add the outside back-up's channel",
        )
    if not await channels_store.of_team(conn, team, "canary"):
        yield Trouble(
            "canary",
            "the daily test case crosses no channel, so a mail server that takes nothing shows only when somebody "
            "is paged",
            'add a channel with use "canary": a mailbox or webhook that nobody has to read',
        )


def roster(
    settings: Settings, seats: Sequence[Seat], shifts: Sequence[Shift], now: datetime
) -> Iterator[Trouble]:
    """Which of care.md's promises these people and shifts can't keep."""
    care = [seat for seat in seats if seat.care]
    minutes = settings.care.crisis.acknowledge_minutes
    if not care:
        yield Trouble(
            "roster",
            "nobody is trained for care. Promise not kept: a person reads every cry for help",
            "name people for the care lane",
        )
    elif gaps := uncovered(shifts, now, now + AHEAD):
        first = gaps[0][0]
        hours = sum(((end - start) for start, end in gaps), timedelta()).total_seconds() / 3600
        yield Trouble(
            "roster",
            f"nobody is on duty for {hours:.0f} of the next {AHEAD.days * 24} hours, first at "
            f"{first:%a %d %b %H:%M} UTC. Promise not kept: a crisis is acknowledged in {minutes:g} minutes",
            "fill the shifts; until then cards say when somebody will read",
        )
    if len(care) < 2:
        yield Trouble(
            "roster",
            "fewer than two people for care. Promise not kept: the next person is asked when one doesn't answer",
            "train a second person, or name an outside back-up",
        )
    if sum(seat.conduct for seat in seats) < 2:
        yield Trouble(
            "roster",
            "fewer than two people for conduct. Promise not kept: an appeal goes to somebody else",
            "name a second person for the conduct lane",
        )
    if not any(seat.lead for seat in seats):
        yield Trouble(
            "roster", "nobody leads. Promise not kept: a case about staff goes to the lead", "name one"
        )
    few = settings.care.small_team_people
    if settings.care.small_team == "no" and len(care) < few:
        yield Trouble(
            "care.small_team",
            f"switched off with {len(care)} trained people; below {few} stated hours are what can be kept",
            'set it to "auto"',
        )


def uncovered(shifts: Sequence[Shift], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The times between in which nobody has the primary or secondary seat."""
    gaps = []
    covered_until = start
    for shift in sorted(shifts, key=_start):
        if shift.seat == "lead":
            continue
        if shift.starts_at > covered_until:
            gaps.append((covered_until, min(shift.starts_at, end)))
        covered_until = max(covered_until, shift.ends_at)
    if covered_until < end:
        gaps.append((covered_until, end))
    return gaps


def _start(shift: Shift) -> datetime:
    return shift.starts_at
