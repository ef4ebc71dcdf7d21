"""A small community on a real database with real sockets: nodes that run the live side under uvicorn, and
clients that remember what they were told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.live import Ground, Live, LiveSettings
from chat.wire import uvicorn_options
from community.bus import Bus, LocalBus
from community.clock import Clock, SystemClock
from community.database import Database
from community.helplines import Helplines
from community.ids import ConversationId, GroupId, MemberId, SessionId, TeamId, new_id
from community.store import conversations, groups, people, sessions
from community.store.groups import GroupRow, MembershipRow
from community.store.people import NewMember
from community.tokens import new_token, token_hash
from community.web.sessions import Sessions
from moderation.casework.casework import Casework
from moderation.gate.deciding import Decider
from moderation.gate.gate import Gate
from moderation.gate.limits import Limiter, SendLimits
from moderation.gate.support import Support
from moderation.pipeline.rules import shipped

ORIGIN = "http://kith.test"


@dataclass(frozen=True, slots=True)
class Someone:
    """A member with one session."""

    id: MemberId
    session: SessionId
    token: str
    handle: str


class World:
    """Makes people, a group and rooms; every call is one committed transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock: Clock = SystemClock()
        self.group = GroupId(new_id())

    async def lay(self) -> None:
        """The organisation, its team, one group."""
        now = self.clock.now()
        team = TeamId(new_id())
        async with self.database.transaction() as tx:
            await tx.execute(
                "insert into organisation (epoch, created_at) values ($1, $2) on conflict do nothing",
                new_id(),
                now,
            )
            await tx.execute("insert into team (id, name, created_at) values ($1, 'team', $2)", team, now)
            row = GroupRow(
                self.group, team, "lighthouse", "Lighthouse", "chronic-illness", "members", "open",
                {}, {}, 1, "Be kind.", 1, False,
            )  # fmt: skip
            assert await groups.add(tx, row, now=now)

    async def member(self, handle: str = "", *, role: str = "member", door: str = "bearer") -> Someone:
        """Someone inside the group, signed in."""
        id, session, token = MemberId(new_id()), SessionId(new_id()), new_token()
        handle = handle or f"m{id.hex[-12:]}"
        async with self.database.transaction() as tx:
            new = NewMember(id, handle, handle, "x", None, "GB", "en", False)
            assert await people.add(tx, new, now=self.clock.now())
            await self._open_session(tx, id, session, token, door)
        await self.put_membership(id, role=role)
        return Someone(id, session, token, handle)

    async def _open_session(self, tx: Any, id: MemberId, session: SessionId, token: str, door: str) -> None:
        now = self.clock.now()
        await sessions.create(
            tx,
            id,
            token_hash=token_hash(token),
            door=door,
            label="a test",
            now=now,
            expires_at=now + timedelta(days=1),
            id=session,
        )

    async def put_membership(self, id: MemberId, *, role: str = "member", banned: bool = False) -> None:
        now = self.clock.now()
        async with self.database.transaction() as tx:
            row = MembershipRow(self.group, id, role, "member", 1, None, now if banned else None, now)
            await groups.put_membership(tx, row)

    async def room(self) -> ConversationId:
        c = ConversationId(new_id())
        async with self.database.transaction() as tx:
            await conversations.create(tx, c, kind="room", group_id=self.group, now=self.clock.now())
        return c


@dataclass(slots=True)
class Node:
    """One process's live side, here beside others in one test process."""

    live: Live
    gate: Gate
    bus: Bus
    server: uvicorn.Server
    port: int
    database: Database

    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/chat/socket"


@asynccontextmanager
async def node(
    database: Database, bus: Bus | None = None, *, scale: float = 10_000, raw: bool = True
) -> AsyncIterator[Node]:
    """A started node. Without `raw` it runs on uvicorn's own WebSocket protocol, the fallback."""
    bus = bus or LocalBus()
    clock = SystemClock()
    gate = Gate(
        database,
        clock,
        bus,
        Decider(shipped(), clock.monotonic),
        Casework(Support(Helplines())),
        Limiter(SendLimits(scale=scale)),
    )
    ground = Ground(database, clock, bus, Sessions(database, clock), gate)
    live = Live(ground, LiveSettings((ORIGIN,), scale, "test"), lambda kind, _: f"about {kind}")
    options: dict[str, Any] = uvicorn_options() if raw else {"ws": "websockets-sansio"}
    app = Starlette(routes=live.routes())
    config = uvicorn.Config(app, log_level="error", lifespan="off", **options)
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        await bus.start()
        await gate.start()
        await live.start()
        serving = asyncio.create_task(server._serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn signals nothing
            await asyncio.sleep(0.005)
        try:
            yield Node(live, gate, bus, server, listening.getsockname()[1], database)
        finally:
            server.should_exit = True
            await serving
            await live.stop()
            await gate.stop()
            await bus.stop()


@dataclass
class Client:
    """One socket client. Everything it was told is in `frames`, in order."""

    ws: ClientConnection
    frames: list[dict[str, Any]] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: asyncio.Task[None] | None = None

    async def _read(self) -> None:
        try:
            async for text in self.ws:
                self.frames.append(json.loads(text))
                self._news.set()
        except ConnectionClosed:
            pass
        self.closed = (self.ws.close_code or 1006, self.ws.close_reason or "")
        self._news.set()

    def begin(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def end(self) -> None:
        await self.ws.close()
        if self._reading is not None:
            await self._reading

    async def send(self, t: str, **fields: Any) -> None:
        await self.ws.send(json.dumps({"t": t, **fields}, default=str))

    async def until(self, holds: Callable[[], Any], seconds: float = 8) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; closed={self.closed}, last={self.frames[-5:]}") from None

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["t"] in kinds]

    async def next(self, *kinds: str, **matching: Any) -> dict[str, Any]:
        """The first frame of these kinds whose fields match, waiting for it."""

        def found() -> list[dict[str, Any]]:
            return [f for f in self.of(*kinds) if all(f.get(k) == v for k, v in matching.items())]

        await self.until(found)
        return found()[0]

    async def was_closed(self) -> int:
        await self.until(lambda: self.closed is not None)
        assert self.closed is not None
        return self.closed[0]

    async def join(self, c: UUID, **more: Any) -> dict[str, Any]:
        before = len([f for f in self.of("joined") if f["c"] == str(c)])
        await self.send("join", c=c, **more)
        await self.until(lambda: len([f for f in self.of("joined") if f["c"] == str(c)]) > before)
        return [f for f in self.of("joined") if f["c"] == str(c)][-1]

    async def say(self, c: UUID, body: str, nonce: str | None = None, **more: Any) -> dict[str, Any]:
        """Send, and wait for the answer."""
        nonce = nonce or new_id().hex
        before = len(self._answers(nonce))
        await self.send("send", c=c, nonce=nonce, body=body, **more)
        await self.until(lambda: len(self._answers(nonce)) > before)
        return self._answers(nonce)[-1]

    def _answers(self, nonce: str) -> list[dict[str, Any]]:
        return [f for f in self.of("ack", "nack") if f.get("nonce") == nonce]

    def seqs(self, c: UUID) -> list[int]:
        return [f["seq"] for f in self.of("event", "skip") if f["c"] == str(c)]


@asynccontextmanager
async def client(
    at: Node | int, who: Someone | None, *, headers: dict[str, str] | None = None, **more: Any
) -> AsyncIterator[Client]:
    """A connected client of `who`, by bearer token unless `headers` say otherwise."""
    port = at if isinstance(at, int) else at.port
    given = {"Authorization": f"Bearer {who.token}"} if who is not None and headers is None else headers or {}
    ws = await connect(
        f"ws://127.0.0.1:{port}/chat/socket",
        additional_headers=given,
        subprotocols=["kith.v1"],  # type: ignore[list-item]
        compression=None,
        **more,
    )
    made = Client(ws)
    made.begin()
    try:
        yield made
    finally:
        with contextlib.suppress(OSError):
            await made.end()
