"""The ground's pages on a real database, without the rooms above it: what their tests visit.

Words are judged by a gatekeeper who lets everything through, except a text that says "refuse me", and who
sees a need for care in one that says "care for me".
"""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from starlette.applications import Starlette

from community.bus import LocalBus
from community.clock import Clock
from community.database import Database, Tx
from community.easy_reads import EasyReads
from community.erasure import Erasure, Ledger
from community.export import Export
from community.groups import Groups
from community.helplines import Helplines
from community.ids import GroupId, MemberId, MessageId, VerdictId, new_id
from community.judging import Judged, Kept, Words
from community.notices.addresses import Addresses
from community.notices.own import OwnNotices
from community.notices.radar import Radar
from community.own_wishes import OwnWishes
from community.passwords import Passwords
from community.people import People
from community.questions import Questions
from community.recovery import Recovery
from community.store import messages, organisation, verdicts
from community.store.groups import GroupRow
from community.store.messages import NewMessage
from community.store.verdicts import NewVerdict
from community.web.accounts_pages import AccountsPages
from community.web.design_pages import DesignPages
from community.web.easy_read_pages import EasyReadPages
from community.web.front_pages import FrontPages
from community.web.groups_pages import GroupsPages
from community.web.headers import SecurityHeaders
from community.web.mine_pages import MinePages
from community.web.notices_pages import NoticesPages
from community.web.pages import Page, Pages
from community.web.questions_pages import QuestionsPages
from community.web.recovery_pages import RecoveryPages
from community.web.rendering import OWN_STATICS, Site, Templates
from community.web.sections import GroupSections
from community.web.sessions import Sessions
from community.web.standing_pages import StandingPages
from community.web.statics import Statics
from community.web.wishes_pages import WishesPages

PASSWORD = "a quiet river at night"
AGREED = {f"consents.{name}": "1" for name in ("adult", "not_emergency", "reading", "health_words")}

LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""A name of chance with four digits in a row may look like a year of birth, and is asked about."""


@dataclass(frozen=True, slots=True)
class Heard:
    words: Words
    has_care: bool
    is_refused: bool


class Gatekeeper:
    """Stands where moderation's gate stands in the real house: keeps what it is given, as it is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def judge(self, words: Words) -> Judged:
        return Heard(words, "care for me" in words.text, "refuse me" in words.text)

    async def keep(self, tx: Tx, judged: Judged, *, author: MemberId, group: GroupId | None) -> Kept:
        assert isinstance(judged, Heard)
        id, verdict, text, now = (
            MessageId(new_id()),
            VerdictId(new_id()),
            judged.words.text,
            self._clock.now(),
        )
        await verdicts.add(tx, [NewVerdict(verdict, "publish", "green", None, "test", 1)], [], now=now)
        message = NewMessage(
            id,
            None,
            group,
            author,
            judged.words.place,
            verdict,
            None,
            "held",
            text,
            text,
            text,
            1,
            (),
            None,
            "not_a_message",
        )
        await messages.add(tx, [message], now=now)
        return Kept(id, None)


@dataclass(frozen=True, slots=True)
class Postbox:
    """Stands where mail leaves the house."""

    mails: list[tuple[str, str, str]]
    is_there: bool = True

    def post(self, to: str, subject: str, body: str) -> None:
        self.mails.append((to, subject, body))


async def seal_nothing(tx: Tx, member: MemberId) -> list[MessageId]:
    """No case needs anybody's words here."""
    return []


async def nobody_warns(group: GroupRow) -> list[str]:
    """Moderation, which isn't here, has nothing to say."""
    return []


class House:
    """Everything a page needs, wired as server/assembly.py does it."""

    def __init__(
        self, database: Database, clock: Clock, ledger: Path, sections: Sequence[GroupSections] = ()
    ) -> None:
        self.clock = clock
        self.passwords = Passwords()
        bus, gate = LocalBus(), Gatekeeper(clock)
        self.people = People(database, clock, self.passwords, gate, bus)
        self.groups = Groups(database, clock, gate, bus)
        statics = Statics({"community": OWN_STATICS})
        templates = Templates(site=Site(), clock=clock, statics=statics, folders={})
        self.mails: list[tuple[str, str, str]] = []
        self.recovery = Recovery(
            database, clock, self.passwords, bus, mail=(Postbox(self.mails), "https://kith.example")
        )
        notices = NoticesPages(
            OwnNotices(database, clock),
            Addresses(database, clock, Postbox(self.mails), "https://kith.example"),
            Radar(database, clock, self.groups),
            database,
            keys=("a key", b"a secret"),
        )
        easy_reads = EasyReads(self.groups, database, clock, gate)
        accounts = AccountsPages(self.people, self.recovery)
        groups = GroupsPages(self.groups, easy_reads, sections=sections)
        questions = QuestionsPages(Questions(database, clock, gate, bus, self.groups))
        export = Export(database, clock, {})
        erasure = Erasure(database, clock, bus, Ledger(ledger), (seal_nothing, ()))
        pages = Pages(Sessions(database, clock), templates, rail=[questions.rail, groups.rail])
        self.all: list[Page] = [
            *FrontPages(Helplines(), accounts.end_session).pages(),
            *DesignPages().pages(),
            *accounts.pages(),
            *RecoveryPages(self.recovery, self.people).pages(),
            *WishesPages(OwnWishes(database, clock, bus)).pages(),
            *groups.pages(),
            *questions.pages(),
            *EasyReadPages(easy_reads).pages(),
            *StandingPages(self.groups, database, clock, nobody_warns).pages(),
            *MinePages(self.people, database, export, erasure).pages(),
            *notices.pages(),
        ]
        self.app = SecurityHeaders(
            Starlette(routes=[*notices.routes(), *pages.routes(self.all), *statics.routes(), pages.lost()])
        )

    def browser(self) -> Browser:
        """A fresh browser without cookies."""
        return Browser(self.app)

    async def member(self, handle: str | None = None) -> Browser:
        """A browser whose person has just signed up."""
        browser = self.browser()
        handle = handle or "m" + uuid4().hex[:10].translate(LETTERS)
        answer = await browser.submit("/sign-up", handle=handle, password=PASSWORD, country="GB", **AGREED)
        await browser.follow(answer)
        return browser


class Browser:
    """Gets pages and sends the forms on them, token and all, as a person's browser does."""

    def __init__(self, app: Any) -> None:
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://kith.test")

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.http.get(path, headers=headers)

    async def submit(self, page: str, action: str | None = None, **fields: str) -> httpx2.Response:
        """Load `page`, then send a form with its token to `action` (or to the page itself)."""
        shown = await self.get(page)
        token = re.search(r'name="csrf" value="([^"]*)"', shown.text)
        assert token is not None, shown.text
        data = {"csrf": html.unescape(token.group(1)), **fields}
        return await self.http.post(action or page.partition("?")[0], data=data)

    async def follow(self, answer: httpx2.Response) -> httpx2.Response:
        """Where a redirect leads."""
        assert answer.status_code == 303, answer.text
        return await self.get(answer.headers["location"])


@asynccontextmanager
async def open_house(
    database: Database, clock: Clock, ledger: Path, sections: Sequence[GroupSections] = ()
) -> AsyncIterator[House]:
    async with database.transaction() as tx:
        await organisation.found(tx, now=clock.now())
    house = House(database, clock, ledger, sections)
    try:
        yield house
    finally:
        house.passwords.close()
