"""The one visible list: every part of Kith is made here, handed what it needs, started and stopped in order."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from chat import belongings as chat_belongings
from chat.api import ChatApi
from chat.live import Ground, Live, LiveSettings
from chat.meetings import Meetings
from chat.meetings_api import MeetingsApi
from chat.rooms import Rooms
from community.bus import Bus, LocalBus
from community.clock import Clock, SystemClock
from community.database import Database
from community.erasure import Erasure, Ledger
from community.export import Export
from community.groups import Groups
from community.helplines import Helplines
from community.passwords import Passwords
from community.people import People
from community.web.accounts_api import NOTICE_WORDS, AccountsApi, about_of
from community.web.calls import Api, Call
from community.web.groups_api import GroupsApi
from community.web.headers import SecurityHeaders
from community.web.idempotency import Idempotency
from community.web.openapi import routes as openapi_routes
from community.web.sessions import Sessions
from forum import belongings
from moderation.carers.api import WellbeingApi
from moderation.casework.appeals import Appeals
from moderation.casework.belongings import CareBelongings
from moderation.casework.break_glass import BreakGlass, WatchJob
from moderation.casework.case_clocks import CaseClocks
from moderation.casework.casework import Casework
from moderation.casework.conduct import Conduct
from moderation.casework.flags import Flags
from moderation.casework.follow_ups import FollowUpJob, FollowUps
from moderation.casework.letters import Letters
from moderation.casework.memorial import Memorials
from moderation.casework.notes import Notes
from moderation.casework.regrouping import Regrouping
from moderation.casework.sealed import Keys, SealedWords
from moderation.casework.second_person import SecondPerson
from moderation.desk.api import CasesApi
from moderation.desk.conduct_api import ConductApi
from moderation.desk.consoles import Consoles
from moderation.desk.contact_pages import Contacts
from moderation.desk.desk import Desk
from moderation.desk.ground import DeskGround, Hands
from moderation.desk.letters_api import LettersApi
from moderation.desk.memorial_api import MemorialApi
from moderation.desk.sealed_api import SealedApi
from moderation.evidence.api import EvidenceApi
from moderation.evidence.audit import AuditJob
from moderation.gate.deciding import Decider
from moderation.gate.edits import REACTIONS
from moderation.gate.gate import Gate
from moderation.gate.limits import Limiter, SendLimits
from moderation.gate.searching import SearchHelp
from moderation.gate.shadowing import shadow_of
from moderation.gate.support import Support
from moderation.gate.words_api import WordsApi
from moderation.oncall import belongings as oncall_belongings
from moderation.oncall.roster_acts import Oncall
from moderation.pipeline.rules import shipped
from moderation.store.sealing import sealed_for
from server import notice_parts
from server.health import Health
from server.keys import load as load_keys
from server.notice_keys import NoticeKeys
from server.notice_keys import load as load_notice_keys
from server.oncall_parts import Makings, OncallParts, care_settings, make_oncall
from server.pairing_parts import Floor, PairingParts, make_pairings, pairings_api
from server.settings import Settings

log = logging.getLogger("kith.assembly")

LEDGER = "erasures"
"""In the data directory and in no backup (community/erasure.py)."""
VERSION = installed_version("kith")


@dataclass(frozen=True, slots=True)
class House:
    """Every part, by name; what jobs, commands and tests reach for."""

    settings: Settings
    data: Path
    database: Database
    clock: Clock
    bus: Bus
    passwords: Passwords
    sessions: Sessions
    gate: Gate
    people: People
    groups: Groups
    desk: Desk
    oncall: OncallParts
    regrouping: Regrouping
    case_clocks: CaseClocks
    letters: Letters
    follow_ups: FollowUps
    follow_up_job: FollowUpJob
    audit_job: AuditJob
    ground: DeskGround
    keys: Keys
    notice_keys: NoticeKeys
    second: SecondPerson
    glass: BreakGlass
    memorials: Memorials
    watch_job: WatchJob
    conduct: Conduct
    flags: Flags
    appeals: Appeals
    consoles: Consoles
    support: Support
    helplines: Helplines
    search_help: SearchHelp
    erasure: Erasure
    export: Export
    rooms: Rooms
    meetings: Meetings
    pairings: PairingParts
    live: Live
    health: Health


@dataclass(frozen=True, slots=True)
class Tools:
    """What a test may replace."""

    clock: Clock
    bus: Bus


def furnish(settings: Settings, data: Path, database: Database, tools: Tools) -> House:
    """Make every part. Nothing runs yet; needs a running loop only for what it will start."""
    clock, bus = tools.clock, tools.bus
    passwords = Passwords()
    sessions = Sessions(database, clock, settings.server.trusted_proxies)
    helplines = Helplines.of(data)
    support = Support(helplines)
    oncall = Oncall(database, clock, care_settings(settings.care))
    casework = Casework(support, oncall.cover)
    shadow = shadow_of(settings.pipeline.shadow, data, clock.monotonic)
    decider = Decider(shipped(), clock.monotonic, beside=shadow)
    gate = Gate(database, clock, bus, decider, casework, Limiter(send_limits(settings)))
    people = People(database, clock, passwords, gate, bus)
    people.failures_max = max(1, int(settings.limits.sign_in_failures * settings.limits.scale))
    groups = Groups(database, clock, gate, bus, settings.groups.founders)
    rooms = Rooms(database, clock, groups, gate, bus)
    pairings = make_pairings(database, tools, Floor(people, groups, gate, oncall))
    keys = load_keys(data)
    database.vault = SealedWords(keys)
    care = CareBelongings(keys, clock)
    desk = DeskGround(database, clock, bus, Hands(gate.edits, casework, Notes(keys)))
    at_desk = Desk(desk, settings.care.crisis_cases_per_person)
    notice_keys = load_notice_keys(data)
    makings = Makings(database, clock, bus, casework, decider, at_desk, helplines, keys, notice_keys)
    return House(
        settings=settings,
        data=data,
        database=database,
        clock=clock,
        bus=bus,
        passwords=passwords,
        sessions=sessions,
        gate=gate,
        people=people,
        groups=groups,
        desk=at_desk,
        oncall=make_oncall(settings, oncall, makings),
        regrouping=Regrouping(desk),
        case_clocks=CaseClocks(database, clock, bus, casework),
        letters=Letters(desk, gate),
        follow_ups=FollowUps(desk),
        follow_up_job=FollowUpJob(database, clock),
        audit_job=AuditJob(database, clock),
        ground=desk,
        keys=keys,
        notice_keys=notice_keys,
        second=SecondPerson(desk, desk.notes, keys),
        glass=BreakGlass(desk, desk.notes),
        memorials=Memorials(desk, gate.keeper),
        watch_job=WatchJob(database, clock),
        conduct=Conduct(desk, gate.keeper),
        flags=Flags(database, clock, bus, casework, gate.keeper),
        appeals=Appeals(database, clock, bus, gate.keeper),
        consoles=Consoles(bus),
        support=support,
        helplines=helplines,
        search_help=SearchHelp(decider, support),
        erasure=Erasure(
            database,
            clock,
            bus,
            Ledger(data / LEDGER),
            (
                sealed_for,
                [
                    *(pairings.sweeping.erased, belongings.drop, chat_belongings.drop, care.drop),
                    *(oncall_belongings.drop, notice_parts.drop),
                ],
            ),
        ),
        export=Export(
            database,
            clock,
            {
                "forum": belongings.of,
                "chat": chat_belongings.of,
                "care": care.of,
                "on_call": oncall_belongings.of,
                "told": notice_parts.belongings,
            },
        ),
        rooms=rooms,
        meetings=Meetings(database, clock, rooms, bus),
        pairings=pairings,
        live=Live(
            Ground(database, clock, bus, sessions, gate),
            LiveSettings(origins(settings), settings.limits.scale, VERSION),
            lambda kind, _: NOTICE_WORDS.get(kind, ""),
        ),
        health=Health(database, clock, sessions, metrics_token=settings.server.metrics_token, shadow=shadow),
    )


def calls(house: House) -> list[Call]:
    """Every call of the API, package by package."""

    from server.forum_parts import forum_apis
    from server.member_parts import member_parts

    about = about_of("Kith", VERSION, limits_shown(house.settings), REACTIONS)
    contacts = Contacts(house.keys, house.gate.keeper, house.database, house.clock)
    return [
        *AccountsApi(house.people, house.groups, house.database, house.erasure, house.export, about).calls(),
        *GroupsApi(house.groups).calls(),
        *member_parts(house).api().calls(),
        *notice_parts.notice_parts(house).api.calls(),
        *WordsApi(house.gate, house.flags, house.database).calls(),
        *CasesApi(
            house.desk,
            house.regrouping,
            house.appeals,
            house.consoles,
            database=house.database,
            clock=house.clock,
        ).calls(),
        *LettersApi(house.letters, house.follow_ups).calls(),
        *ConductApi(house.conduct, house.database).calls(),
        *SealedApi(house.ground, house.second, house.glass, contacts).calls(),
        *MemorialApi(house.memorials).calls(),
        *EvidenceApi(house.database, house.clock).calls(),
        *WellbeingApi(house.database, house.clock).calls(),
        *house.oncall.api.calls(),
        *ChatApi(house.rooms).calls(),
        *pairings_api(house).calls(),
        *MeetingsApi(house.meetings, ZoneInfo(house.settings.care.time_zone)).calls(),
        *(call for api in forum_apis(house) for call in api.calls()),
    ]


def routes(house: House) -> list[BaseRoute]:
    """Health, API, socket and pages, in this order."""
    from server.frames_schema import frames_schema
    from server.pages import page_routes

    listed = calls(house)
    api = Api(house.sessions, Idempotency(house.database, house.clock))
    return [
        *house.health.routes(),
        *openapi_routes(listed, version=VERSION, extra={"x-socket": frames_schema()}),
        *api.routes(listed),
        *house.oncall.api.routes(),
        *house.live.routes(),
        *page_routes(house, VERSION),
    ]


def build(settings: Settings, data: Path) -> Starlette:
    """The application of one process. Connects and starts in its lifespan; `state.drain(seconds)` asks
    sockets to leave."""
    house: list[House] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with running(settings, data) as made:
            house.append(made)
            app.router.routes.extend(routes(made))
            gc.collect()
            gc.freeze()  # 150,000 objects of the rules stay: looking through them pauses everyone for 0.1 s
            yield

    async def drain(within_s: float) -> None:
        if house:
            house[0].consoles.close()
            await house[0].live.drain(within_s)

    app = Starlette(routes=[], middleware=[Middleware(SecurityHeaders)], lifespan=lifespan)
    app.state.drain = drain
    return app


@asynccontextmanager
async def running(
    settings: Settings, data: Path, *, wrap: Callable[[House], Any] | None = None
) -> AsyncIterator[House]:
    """A started house: database, bus, gate, live, jobs; stopped in the opposite order."""
    from server.jobs import Jobs

    database = await Database.connect(settings.database.url, pool_max=settings.database.pool_max)
    clock = SystemClock()
    bus = make_bus(settings, clock)
    house = furnish(settings, data, database, Tools(clock, bus))
    jobs = Jobs(house)
    await house.oncall.begin()
    await bus.start()
    await house.gate.start()
    await house.live.start()
    await jobs.start()
    try:
        yield house
    finally:
        await jobs.stop()
        await house.oncall.stop()
        await house.live.stop()
        await house.gate.stop()
        await bus.stop()
        house.passwords.close()
        await database.close()


def make_bus(settings: Settings, clock: Clock) -> Bus:
    """In-process, or Redis where its address is given."""
    if not settings.redis.url:
        return LocalBus()
    from community.redis_bus import RedisBus

    return RedisBus(settings.redis.url)


def send_limits(settings: Settings) -> SendLimits:
    limits = settings.limits
    return SendLimits(
        account_per_s=limits.send_per_second,
        account_burst=limits.send_burst,
        account_per_min=limits.send_per_minute,
        room_per_s=limits.room_per_second,
        care_per_min=limits.care_per_minute,
        body_chars=limits.body_chars,
        scale=limits.scale,
    )


def limits_shown(settings: Settings) -> dict[str, Any]:
    """What a client may need to know before it writes."""
    limits = settings.limits
    return {
        "body_chars": limits.body_chars,
        "send_per_second": limits.send_per_second * limits.scale,
        "send_burst": int(limits.send_burst * limits.scale),
        "send_per_minute": limits.send_per_minute * limits.scale,
        "frame_bytes": limits.frame_kib * 1024,
        "list_items": 100,
    }


def origins(settings: Settings) -> frozenset[str]:
    """Where pages may come from that open a socket with a cookie: those named, else this very address."""
    if settings.server.origins:
        return frozenset(settings.server.origins)
    port = settings.server.port
    loopback = {f"http://{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")}
    return frozenset(
        loopback | ({settings.server.public_url.rstrip("/")} if settings.server.public_url else set())
    )
