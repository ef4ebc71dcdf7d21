"""How long, and for how much, a client may keep a connection busy before it has said what it wants.

uvicorn waits for the end of a request's head without limit of time or size, so a handful of clients that send
a byte a minute, or headers without end, would hold the server. Pinned to a minor like chat/wire.py: the
methods below are uvicorn's private ones, held by tests/server/test_patience.py.
"""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 10.0
BODY_SECONDS: Final = 60.0
"""The largest body is a quarter of a mebibyte: 5 kB a second are enough."""
HEAD_BYTES_MAX: Final = 64 * 1024
TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class PatientHttp(HttpToolsProtocol):
    """uvicorn's HTTP protocol with an end to its patience."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._patience: TimerHandle | None = None
        self._head_bytes = 0
        self._is_in_head = True

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(self.head_seconds)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES_MAX:
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0
        self._wait(self.head_seconds)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._wait(self.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._rest()

    def handle_websocket_upgrade(self) -> None:
        self._rest()  # from here on the socket has its own patience
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def _wait(self, seconds: float) -> None:
        self._rest()
        self._patience = self.loop.call_later(seconds, self._give_up)

    def _rest(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self.transport.abort()
