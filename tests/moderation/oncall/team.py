"""A team on a real database with a clock that moves by hand: people, shifts, channels, cases; and the servers
that pages go to, on loopback.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from aiosmtpd.controller import Controller

from community.bus import LocalBus
from community.clock import ManualClock
from community.database import Database
from community.helplines import Helplines
from community.ids import CaseId, MemberId, MessageId, TeamId, VerdictId, new_id
from community.store import messages, organisation, people, verdicts
from community.store.messages import NewMessage
from community.store.people import NewMember
from community.store.verdicts import NewVerdict
from moderation.casework.casework import Casework, Cause
from moderation.gate.support import Support
from moderation.oncall.channels import Way
from moderation.oncall.channels.mail import Mail, Post
from moderation.oncall.channels.webhook import Webhook
from moderation.oncall.cover import CareSettings
from moderation.oncall.escalator import Escalator
from moderation.oncall.roster import SeatName
from moderation.oncall.sender import Sender
from moderation.pipeline.types import Tier
from moderation.store import channels, roster, teams
from moderation.store.channels import Channel
from moderation.store.roster import Shift
from moderation.store.teams import Seat

BASE = "http://kith.test"
ROUND_THE_CLOCK = CareSettings(small_team="no")


class Oncallers:
    """Makes people and cases; every call is one committed transaction."""

    def __init__(
        self, database: Database, clock: ManualClock, settings: CareSettings = ROUND_THE_CLOCK
    ) -> None:
        self.database = database
        self.clock = clock
        self.bus = LocalBus()
        self.settings = settings
        self.casework = Casework(Support(Helplines()))
        self.team = TeamId(new_id())
        self.mail = Post()

    async def lay(self) -> None:
        async with self.database.transaction() as tx:
            await organisation.found(tx, now=self.clock.now())
            [self.team, *_] = await teams.all_teams(tx)

    def escalator(self) -> Escalator:
        return Escalator(self.database, self.clock, self.bus, self.casework, self.settings)

    def sender(self, **ways: Way) -> Sender:
        known: dict[str, Way] = {
            "mail": Mail(self.mail),
            "webhook": Webhook(self.clock, inside=["127.0.0.1"]),
            **ways,
        }
        return Sender(self.database, self.clock, self.bus, BASE, known)

    async def person(self, *, seat: str = "care", operator: bool = False) -> MemberId:
        id = MemberId(new_id())
        handle = f"p{id.hex[-12:]}"
        async with self.database.transaction() as tx:
            new = NewMember(id, handle, handle, "x", None, "GB", "en", False)
            assert await people.add(tx, new, now=self.clock.now())
            if operator:
                await people.make_operator(tx, id)
            if seat:
                row = Seat(self.team, id, handle, seat in ("care", "lead"), seat == "conduct", seat == "lead")
                await teams.put_seat(tx, self.team, row, now=self.clock.now())
        return id

    async def shift(self, who: MemberId, seat: SeatName = "primary", *, hours: float = 12) -> UUID:
        now = self.clock.now()
        async with self.database.transaction() as tx:
            shift = Shift(who, seat, now, now + timedelta(hours=hours))
            return await roster.add_shift(tx, self.team, shift)

    async def channel(
        self,
        who: MemberId | None,
        address: str,
        *,
        use: Literal["person", "backup", "alarm", "canary"] = "person",
        **more: Any,
    ) -> Channel:
        kind: Literal["mail", "webhook"] = "webhook" if address.startswith("http") else "mail"
        given: dict[str, Any] = {"style": "kith", "their_key": "", "aloud": False, **more}
        made = Channel(
            new_id(), self.team, who, use, kind, label="a phone", address=address, secret="s" * 20, position=0,
            failing_since=None, retry_at=None, last_ok_at=None, **given,
        )  # fmt: skip
        async with self.database.transaction() as tx:
            await channels.add(tx, made, now=self.clock.now())
        return made

    async def cry(self, author: MemberId | None = None, tier: Tier = Tier.crisis) -> CaseId:
        """Words with a care finding: message, case and page in one transaction, as the gate does it."""
        author = author or await self.person(seat="")
        id, verdict, now = MessageId(new_id()), VerdictId(new_id()), self.clock.now()
        async with self.database.transaction() as tx:
            await verdicts.add(
                tx, [NewVerdict(verdict, "publish_with_support", tier.name, "suicide", "1", 1)], [], now=now
            )
            words = NewMessage(
                id,
                None,
                None,
                author,
                "letter",
                verdict,
                None,
                "held",
                "help",
                "help",
                "help",
                1,
                (),
                None,
                None,
            )
            await messages.add(tx, [words], now=now)
            cause = Cause(id, author, self.team, None, tier, "suicide", frozenset({f"rule-{id.hex[-4:]}"}))
            return (await self.casework.care(tx, cause, now=now)).case

    async def rows(self, sql: str, *args: object) -> list[dict[str, Any]]:
        async with self.database.read() as conn:
            return [dict(row) for row in await conn.fetch(sql, *args)]

    async def walk(self, escalator: Escalator, sender: Sender, minutes: float) -> None:
        """Let time pass in steps of a minute, working at each."""
        for _ in range(int(minutes)):
            self.clock.advance(60)
            await self.work(escalator, sender)

    async def work(self, escalator: Escalator, sender: Sender) -> None:
        await escalator.run()
        while await sender.run():
            await sender.settled()


@dataclass
class Got:
    """One thing that arrived at a server."""

    at: datetime | float
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class WebhookServer:
    """An HTTP server that remembers, and fails as it is told: a status, or `hangs`."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.status = 200
        self.hangs = False
        self.port = 0
        self._news = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/pages"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = {
                k.lower(): v for k, _, v in (line.partition(": ") for line in head.split("\r\n")[1:-2])
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            if self.hangs:
                await reader.read()  # until the other side goes away
                return
            self.got.append(Got(asyncio.get_running_loop().time(), json.loads(body), headers))
            self._news.set()
            writer.write(
                f"HTTP/1.1 {self.status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
            )
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def until(self, count: int, seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while len(self.got) < count:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def webhook_server(port: int = 0) -> AsyncIterator[WebhookServer]:
    made = WebhookServer()
    server = await asyncio.start_server(made.serve, "127.0.0.1", port)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await server.wait_closed()


class Mailbox:
    """What an SMTP server took."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.got.append((envelope.rcpt_tos[0], envelope.content))
        return self.answer


@asynccontextmanager
async def smtp_server() -> AsyncIterator[tuple[Mailbox, Post]]:
    """A real SMTP server on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, Post("127.0.0.1", port, "none", "", "", "kith@example.org")
    finally:
        controller.stop()
