"""The endpoint /chat/socket: opens the door, greets, passes frames on, and says goodbye in good order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.requests import HTTPConnection

from chat.connection import Connection, Desk
from chat.door import TRY_LATER, Closed, Denied, Door
from chat.frames import encode
from chat.joining import REPLAY_EVENTS_MAX
from chat.listeners import Crowd, Listener
from chat.outlet import Outlet
from chat.protocol import BODY_CHARS_MAX, FRAME_BYTES_MAX, SUBPROTOCOL, Goaway, Limits, Person, Welcome
from chat.reading import Reader
from chat.standing import REVOKED, Standing
from chat.wire import STATE_KEY, AsgiWire, RawWire, Wire
from community.errors import Unavailable
from community.web.sessions import Signed
from community.web.words import shipped

log = logging.getLogger("kith.chat")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
AsgiSend = Callable[[Message], Awaitable[None]]

TOO_MANY: Final = 4409
RESTART: Final = 1012
LAST_WORK_SECONDS: Final = 3.0


class Socket:
    """An ASGI application for WebSocketRoute("/chat/socket", socket)."""

    def __init__(
        self, door: Door, desk: Desk, *, crowd: Crowd, reader: Reader, standing: Standing, version: str
    ) -> None:
        self._door = door
        self._desk = desk
        self._crowd = crowd
        self._reader = reader
        self._standing = standing
        self._version = version
        self._is_draining = False
        self._is_empty = asyncio.Event()
        self._workers: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: AsgiSend) -> None:
        await receive()  # websocket.connect
        if self._is_draining:
            await _deny(send, scope, Denied(503, "This server is restarting. Please try again."))
            return
        connection = HTTPConnection(scope)
        began = self._desk.clock.monotonic()
        admitted = await self._door.admit(connection)
        if isinstance(admitted, Denied):
            await _deny(send, scope, admitted)
            return
        chosen = SUBPROTOCOL if SUBPROTOCOL in (scope.get("subprotocols") or []) else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        with _line(scope, send) as wire:
            if isinstance(admitted, Closed):
                wire.close(admitted.code, admitted.say)
                await _gone(receive)
                return
            with self._door.inside(self._door.address(connection)):
                await self._serve(admitted, wire, receive, began)

    async def drain(self, within_s: float) -> None:
        """Ask everyone to reconnect elsewhere, give them `within_s`, finish what was said, close with 1012."""
        self._is_draining = True
        frame = encode(Goaway(within_s))
        for listener in list(self._crowd.listeners()):
            listener.outlet.put(frame)
        if self._crowd.size:
            self._is_empty.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._is_empty.wait()
        if self._workers:
            await asyncio.wait(self._workers, timeout=LAST_WORK_SECONDS)
        for listener in list(self._crowd.listeners()):
            listener.outlet.close(RESTART, "This server is restarting. Please come back in a moment.")

    async def _serve(self, signed: Signed, wire: Wire, receive: Receive, began: float) -> None:
        outlet = Outlet(wire, self._desk.clock.monotonic)
        try:
            facts = (await self._reader.facts([signed.member_id])).get(signed.member_id)
        except Unavailable as why:
            outlet.close(TRY_LATER, why.say)
            facts = None
        if facts is None:  # erased a moment ago
            outlet.close(REVOKED, "This account isn't here any more.")
            await _gone(receive)
            return
        shipped().speak(facts.language)  # for this connection's task and those it begins
        who = (signed.member_id, signed.session_id)
        listener = self._crowd.enter(who, facts, self._desk.clock.now(), outlet)
        self._standing.entered(listener, began)
        try:
            outlet.put(encode(self._welcome(listener)))
            self._keep_to_limit(listener)
            await self._listen(Connection(listener, self._desk, self._keep), listener, receive)
        finally:
            outlet.abandon()
            self._desk.joining.leave_all(listener)
            self._crowd.leave(listener)
            if not self._crowd.size:
                self._is_empty.set()

    async def _listen(self, connection: Connection, listener: Listener, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                if message.get("code") == REVOKED:
                    connection.forget_waiting()
                return
            text = message.get("text")
            if text is None:
                listener.outlet.close(1003, "Frames are text.")
            elif len(text) > FRAME_BYTES_MAX:  # where the server below us has a higher limit
                listener.outlet.close(1009, "That frame is too big.")
            elif not listener.outlet.is_closed:
                connection.take(text)

    def _welcome(self, listener: Listener) -> Welcome:
        scale = self._desk.scale
        limits = Limits(BODY_CHARS_MAX, FRAME_BYTES_MAX, 1.0 * scale, 60.0 * scale, REPLAY_EVENTS_MAX)
        return Welcome(Person(listener.person.id, listener.person.handle), limits, self._version)

    def _keep_to_limit(self, newest: Listener) -> None:
        """The oldest goes: a forgotten tab shouldn't lock a person out."""
        open_ones = [x for x in newest.person.listeners if not x.outlet.is_closed]
        for oldest in open_ones[: max(0, len(open_ones) - self._door.sockets_an_account)]:
            oldest.outlet.close(TOO_MANY, "You connected from more places than one account may have.")

    def _keep(self, worker: asyncio.Task[None]) -> None:
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)


@contextlib.contextmanager
def _line(scope: Message, send: AsgiSend) -> Any:
    """The raw line where our own wire is under us, else one over ASGI."""
    raw = (scope.get("state") or {}).get(STATE_KEY)
    if isinstance(raw, RawWire):
        yield raw
        return
    wire = AsgiWire(send)
    try:
        yield wire
    finally:
        wire.stop()


async def _deny(send: AsgiSend, scope: Message, denied: Denied) -> None:
    """Refuse the handshake with an HTTP status, where the server can; else it says 403 by itself."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if denied.status in (429, 503):
        headers.append((b"retry-after", b"5"))
    await send({"type": "websocket.http.response.start", "status": denied.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": denied.say.encode()})


async def _gone(receive: Receive) -> None:
    """Wait until the line is closed, passing over what still comes."""
    while (await receive())["type"] != "websocket.disconnect":
        pass
