"""One client's line: bytes written straight to the transport, and a plain ASGI line where that can't be.

uvicorn's WebSocket protocol is subclassed to reach the transport (private API: pinned to a minor version and
held by tests/chat/test_wire.py). Writing raw costs half of what an ASGI send does, and the write buffer
becomes visible, which is how a client that stopped reading is found.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from chat.frames import payloads
from chat.protocol import FRAME_BYTES_MAX

STATE_KEY: Final = "kith.wire"
PING_EVERY_SECONDS: Final = 25.0
PONG_WITHIN_SECONDS: Final = 10.0
USER_TIMEOUT_MS: Final = 20_000
"""Unacknowledged bytes for this long and the kernel gives the connection up (TCP_USER_TIMEOUT)."""
CLOSE_SECONDS: Final = 5.0
QUEUED_FRAMES_MAX: Final = 16
"""Frames of one client waiting to be handled before we stop reading from it."""

Message = MutableMapping[str, Any]
AsgiSend = Callable[[Message], Awaitable[None]]


class Wire(Protocol):
    """What an outlet needs of a line. None of it waits or raises, whatever has become of the client."""

    @property
    def is_writable(self) -> bool:
        """Whether the line takes more without piling up."""

    def write(self, frames: bytes) -> None:
        """Send complete frames. Dropped silently once the line is closed."""

    def on_writable(self, call: Callable[[], None]) -> None:
        """Call this whenever the line has emptied after having been full."""

    def close(self, code: int, reason: str) -> None:
        """Say why and close; the line is cut if the client doesn't take note in time."""


def uvicorn_options() -> dict[str, Any]:
    """How uvicorn must be set up for the chat socket; given to uvicorn.Config."""
    return {
        "ws": RawWire,
        "ws_max_size": FRAME_BYTES_MAX,
        "ws_per_message_deflate": False,
        "ws_ping_interval": PING_EVERY_SECONDS,
        "ws_ping_timeout": PONG_WITHIN_SECONDS,
    }


class RawWire(WebSocketsSansIOProtocol):
    """uvicorn's protocol that hands itself to the endpoint in scope["state"]."""

    def __init__(self, config: Any, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, {**app_state, STATE_KEY: self}, _loop)
        self.close_timeout = CLOSE_SECONDS
        self._when_writable: Callable[[], None] | None = None
        self._is_writable = True

    @property
    def is_writable(self) -> bool:
        return self._is_writable

    def write(self, frames: bytes) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.transport.write(frames)

    def on_writable(self, call: Callable[[], None]) -> None:
        self._when_writable = call

    def close(self, code: int, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        with contextlib.suppress(InvalidState):  # the client's own close is being answered already
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # so that the client's answer is read
            self.read_paused = False
            self.transport.resume_reading()
        # Not transport.close(): that waits for a buffer which a client that stopped reading never empties.
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    # What uvicorn calls

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        give_up_after(transport.get_extra_info("socket"), USER_TIMEOUT_MS)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._when_writable = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._is_writable = False

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_writable = True
        if self._when_writable is not None:
            self._when_writable()

    def send_receive_event_to_app(self) -> None:
        """Reading goes on while the endpoint works, up to a few frames: a pong behind a frame must be seen,
        and pausing the transport for every frame costs two system calls."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
            self.frames = []
            try:
                text = str(data, "utf-8")
            except UnicodeDecodeError:
                self.close(1007, "text must be UTF-8")
                return
            self.queue.put_nowait({"type": "websocket.receive", "text": text})
        else:
            was_paused, self.read_paused = self.read_paused, True  # the parent must not pause
            super().send_receive_event_to_app()
            self.read_paused = was_paused
        if not self.read_paused and self.queue.qsize() >= QUEUED_FRAMES_MAX:
            self.read_paused = True
            self.transport.pause_reading()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()  # a client that doesn't answer doesn't empty its buffer either


class AsgiWire:
    """The fallback under any other server: frames go through ASGI's send, in order, by one task."""

    def __init__(self, send: AsgiSend) -> None:
        self._send = send
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self._when_writable: Callable[[], None] | None = None
        self._last_words: tuple[int, str] | None = None
        self._task = asyncio.create_task(self._work())

    @property
    def is_writable(self) -> bool:
        return self._bytes < FRAME_BYTES_MAX

    def write(self, frames: bytes) -> None:
        if self._last_words is None and not self._task.done():
            self._waiting.append(frames)
            self._bytes += len(frames)
            self._news.set()

    def on_writable(self, call: Callable[[], None]) -> None:
        self._when_writable = call

    def close(self, code: int, reason: str) -> None:
        if self._last_words is None:
            self._last_words = (code, reason)
            self._news.set()

    def stop(self) -> None:
        """The endpoint is done with this line."""
        self._task.cancel()

    async def _work(self) -> None:
        # What a server raises when the client has gone is its own affair; the endpoint hears of it by receive.
        with contextlib.suppress(OSError, RuntimeError):
            while True:
                while self._waiting:
                    frames = self._waiting.popleft()
                    for text in payloads(frames):
                        await self._send({"type": "websocket.send", "text": text})
                    was_full, self._bytes = not self.is_writable, self._bytes - len(frames)
                    if was_full and self.is_writable and self._when_writable is not None:
                        self._when_writable()
                if self._last_words is not None:
                    code, reason = self._last_words
                    await self._send({"type": "websocket.close", "code": code, "reason": reason})
                    return
                self._news.clear()
                await self._news.wait()


def give_up_after(sock: Any, milliseconds: int) -> None:
    """Set TCP_USER_TIMEOUT where the system has it; on a listening socket its connections inherit it."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, option, milliseconds)
