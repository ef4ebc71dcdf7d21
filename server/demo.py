"""`kith demo`: a made-up community on an empty server, to look around in.

Everything goes the way it goes for people: accounts sign up, groups are joined, every line passes the gate,
so the open cases are real cases. Only time is told differently: talk of three days ago is written with a
clock that stands three days back. Nobody has an address, so no page leaves the house.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal
from uuid import uuid4

import msgspec

from chat.pairings.asking import AskForm
from chat.pairings.words import KNOW_VERSION
from chat.rooms import RoomForm
from community.clock import SystemClock
from community.consents import CONSENTS
from community.database import Database, Tx
from community.errors import Conflict
from community.group_forms import GroupForm
from community.groups import Actor
from community.ids import BoardId, ConversationId, MemberId, MessageId, TeamId
from community.people import Doorway, SignUp
from forum.boards import BoardForm
from forum.store.threads import Needs
from forum.threads import ThreadForm
from moderation.gate.submissions import Send
from moderation.oncall.roster import SeatName
from moderation.store import roster, teams
from server.assembly import House, Tools, furnish, make_bus
from server.forum_parts import forum_parts
from server.settings import Settings

SCRIPT: Final = Path(__file__).with_name("demo.toml")
LINE_MINUTES: Final = 2.0
REPLY_MINUTES: Final = 35.0
SHIFT_DAYS: Final = 8
PASSWORD_BYTES: Final = 9


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: str
    is_: Literal["", "operator", "care lead", "care and conduct"] = msgspec.field(default="", name="is")
    country: str | None = None
    language: str = "en"


class GroupScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slug: str
    name: str
    preset: str
    visibility: Literal["public", "members", "private"]
    joining: Literal["open", "request", "invite"]
    founder: str
    members: list[str]
    rooms: list[tuple[str, str]]
    boards: list[tuple[str, str]]
    card: dict[str, Any]


class Talk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    group: str
    room: str
    minutes: float
    lines: list[tuple[str, str]]


class ThreadScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    group: str
    board: str
    author: str
    minutes: float
    title: str
    body: str
    needs: Needs
    replies: list[tuple[str, str]]
    warnings: tuple[str, ...] = ()


class PairScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A peer supporter of a group, who stands behind them, and whom they walk beside."""

    group: str
    supporter: str
    supervisor: str
    beside: str
    topic: str
    note: str
    minutes: float
    lines: list[tuple[str, str]]


class FlagScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    by: str
    group: str
    author: str
    kind: Literal["worried", "breaks_a_rule"]
    note: str


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """demo.toml."""

    member: list[Person]
    group: list[GroupScript]
    talk: list[Talk]
    thread: list[ThreadScript]
    pair: list[PairScript]
    flag: list[FlagScript]


class StoryClock(SystemClock):
    """The machine's clock, so many minutes back."""

    def __init__(self) -> None:
        self.minutes_back = 0.0

    def now(self) -> datetime:
        return super().now() - timedelta(minutes=self.minutes_back)


async def fill(settings: Settings, data: Path, dsn: str) -> list[str]:
    """Play the script; answers what to tell the person who asked. Raises Conflict when it isn't empty."""
    script = msgspec.convert(tomllib.loads(SCRIPT.read_text(encoding="utf-8")), Script)
    async with _house(settings, data, dsn) as (house, clock):
        story = Story(house, clock, script)
        await story.play()
    return story.told()


@asynccontextmanager
async def _house(settings: Settings, data: Path, dsn: str) -> AsyncIterator[tuple[House, StoryClock]]:
    """A house with its own clock, in which nobody is too fast and no job runs."""
    in_a_hurry = msgspec.structs.replace(settings.limits, scale=1e6)
    database, clock, bus = await Database.connect(dsn), StoryClock(), make_bus(settings, SystemClock())
    house = furnish(msgspec.structs.replace(settings, limits=in_a_hurry), data, database, Tools(clock, bus))
    await bus.start()
    await house.gate.start()
    try:
        yield house, clock
    finally:
        await house.gate.stop()
        await bus.stop()
        house.passwords.close()
        await database.close()


class Story:
    """The script being played: who is who, where is what, and what happens when."""

    def __init__(self, house: House, clock: StoryClock, script: Script) -> None:
        self._house = house
        self._clock = clock
        self._script = script
        self._forum = forum_parts(house)
        self._ids: dict[str, MemberId] = {}
        self._passwords: dict[str, str] = {}
        self._slugs: dict[str, str] = {}
        self._rooms: dict[tuple[str, str], ConversationId] = {}
        self._boards: dict[tuple[str, str], BoardId] = {}
        self._last: dict[tuple[str, str], MessageId] = {}
        self._moments: list[tuple[float, Callable[[], Awaitable[None]]]] = []

    async def play(self) -> None:
        """People and groups first, then everything in the order of its time."""
        if await self._house.groups.directory(Actor(MemberId(uuid4()), True), after=None, limit=1):
            raise Conflict("There are groups here already; the demo only fills an empty server.")
        self._clock.minutes_back = 24 * 60 * 7
        for person in self._script.member:
            await self._arrive(person)
        for group in self._script.group:
            await self._found(group)
        await self._fill_roster()
        for talk in self._script.talk:
            self._plan_talk(talk)
        for thread in self._script.thread:
            self._plan_thread(thread)
        for pair in self._script.pair:
            self._plan_pair(pair)
        for flag in self._script.flag:
            self._moments.append((5.0, partial(self._flag, flag)))
        for minutes, act in sorted(self._moments, key=lambda moment: -moment[0]):
            self._clock.minutes_back = minutes
            await act()

    def told(self) -> list[str]:
        """What to show, passwords included: this once."""
        script = self._script
        lines = [
            f"{len(script.member)} people, {len(script.group)} groups, {len(script.thread)} threads, a roster for "
            "the next week, and open cases at /moderation. All of it is invented; nobody is paged outside.",
            "Names and passwords, shown this once:",
        ]
        for person in script.member:
            lines.append(f"    {person.handle:<16}{self._passwords[person.handle]:<16}{person.is_}".rstrip())
        return lines

    async def _arrive(self, person: Person) -> None:
        password = self._passwords[person.handle] = secrets.token_urlsafe(PASSWORD_BYTES)
        people = self._house.people
        if person.is_ == "operator":
            self._ids[person.handle], _ = await people.raise_operator(person.handle, password)
            return
        consents = {consent.id: consent.version for consent in CONSENTS}
        form = SignUp(person.handle, password, consents, person.country, person.language)
        signed = await people.sign_up(form, Doorway("bearer", "127.0.0.1", "kith demo"))
        self._ids[person.handle] = signed.member_id
        await people.sign_out(signed.member_id, signed.session_id)

    async def _found(self, script: GroupScript) -> None:
        groups, founder = self._house.groups, Actor(self._ids[script.founder])
        form = GroupForm(
            name=script.name,
            slug=script.slug,
            preset=script.preset,
            visibility=script.visibility,
            joining=script.joining,
            card=script.card,
        )
        seen = await groups.found(founder, form)
        slug = self._slugs[script.slug] = seen.group.slug
        code = await groups.invite(founder, slug, uses=len(script.members))
        for handle in script.members:
            version = seen.group.guidelines_version
            await groups.join(Actor(self._ids[handle]), slug, guidelines_version=version, code=code)
        for name, about in script.rooms:
            room = await self._house.rooms.open(founder, slug, RoomForm(name, about))
            self._rooms[script.slug, name] = room.id
        for name, about in script.boards:
            board = await self._forum.boards.open(founder, slug, BoardForm(name, about))
            self._boards[script.slug, name] = board.id

    async def _fill_roster(self) -> None:
        """Seats for the trained, and shifts of twelve hours, one first and the other second."""
        trained = [person for person in self._script.member if person.is_.startswith("care")]
        now = SystemClock().now().replace(minute=0, second=0, microsecond=0)
        async with self._house.database.transaction() as tx:
            [team, *_] = await teams.all_teams(tx)
            for person in trained:
                leads = person.is_ == "care lead"
                id = self._ids[person.handle]
                seat = teams.Seat(team, id, person.handle, care=True, conduct=not leads, lead=leads)
                await teams.put_seat(tx, team, seat, now=self._clock.now())
            lead = next(self._ids[person.handle] for person in trained if person.is_ == "care lead")
            pair = [self._ids[person.handle] for person in trained if person.is_ != "care lead"]
            for half_day in range(SHIFT_DAYS * 2):
                start = now + timedelta(hours=12 * half_day)
                await self._shift(tx, team, (pair[half_day % 2], "primary"), start)
                await self._shift(tx, team, (pair[1 - half_day % 2], "secondary"), start)
                await self._shift(tx, team, (lead, "lead"), start)

    async def _shift(self, tx: Tx, team: TeamId, who: tuple[MemberId, SeatName], start: datetime) -> None:
        shift = roster.Shift(who[0], who[1], start, start + timedelta(hours=12))
        await roster.add_shift(tx, team, shift)

    def _plan_talk(self, talk: Talk) -> None:
        room = self._rooms[talk.group, talk.room]
        for n, (handle, body) in enumerate(talk.lines):
            self._plan(talk.minutes - n * LINE_MINUTES, talk.group, room, handle, body)

    def _plan(self, minutes: float, group: str, conversation: ConversationId, handle: str, body: str) -> None:
        async def say() -> None:
            send = Send(self._ids[handle], conversation, uuid4().hex, body)
            sent = await self._house.gate.send(send)
            self._last[group, handle] = sent.id

        self._moments.append((max(minutes, 1.0), say))

    def _plan_thread(self, script: ThreadScript) -> None:
        async def open_it() -> None:
            form = ThreadForm(
                nonce=uuid4().hex,
                title=script.title,
                body=script.body.strip(),
                needs=script.needs,
                warnings=script.warnings,
            )
            author = Actor(self._ids[script.author])
            thread, _ = await self._forum.threads.open(author, self._boards[script.group, script.board], form)
            opened.append(thread.id)

        async def reply(handle: str, body: str) -> None:
            send = Send(self._ids[handle], opened[0], uuid4().hex, body)
            self._last[script.group, handle] = (await self._house.gate.send(send)).id

        opened: list[ConversationId] = []
        self._moments.append((script.minutes, open_it))
        for n, (handle, body) in enumerate(script.replies, start=1):
            minutes = max(script.minutes - n * REPLY_MINUTES, 1.0)
            self._moments.append((minutes, partial(reply, handle, body)))

    def _plan_pair(self, script: PairScript) -> None:
        parts, slug = self._house.pairings, self._slugs[script.group]
        supporter, member = Actor(self._ids[script.supporter]), Actor(self._ids[script.beside])

        async def meet() -> None:
            supervisor = self._ids[script.supervisor]
            await parts.supporters.name(Actor(supervisor), slug, supporter.member_id, supervisor)
            form = AskForm(KNOW_VERSION, topic=script.topic, times=("evenings",), note=script.note)
            asked = await parts.asking.ask(member, slug, form)
            for actor in (supporter, member):
                await parts.pairings.answer(actor, asked.id, "agree", knows=KNOW_VERSION)
            met.append(asked.id)

        async def say(handle: str, body: str) -> None:
            await self._house.gate.send(Send(self._ids[handle], met[0], uuid4().hex, body))

        met: list[ConversationId] = []
        self._moments.append((script.minutes, meet))
        for n, (handle, body) in enumerate(script.lines, start=1):
            self._moments.append((script.minutes - n * LINE_MINUTES, partial(say, handle, body)))

    async def _flag(self, flag: FlagScript) -> None:
        message = self._last[flag.group, flag.author]
        await self._house.flags.flag(self._ids[flag.by], message, flag.kind, flag.note)
