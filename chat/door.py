"""Who may open a socket: sub-protocol, Origin, credentials, and how many from one account and address.

A page of another site could open a socket with our cookie, so a cookie counts only beside an Origin from the
exact allow-list. Wrong credentials are told by a close code after accepting: browsers can't read a status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection

from chat.protocol import SUBPROTOCOL
from community.errors import Unavailable
from community.web.sessions import COOKIE, Sessions, Signed

SOCKETS_AN_ACCOUNT: Final = 8
UNSIGNED_AN_ADDRESS: Final = 20
SOCKETS_AN_ADDRESS: Final = 200
"""Clinics share addresses, so the second is generous; both are multiplied by limits.scale."""

NOT_SIGNED_IN: Final = 4401
FLOOD: Final = 4429
TRY_LATER: Final = 1013


@dataclass(frozen=True, slots=True)
class Denied:
    """Not even accepted: an HTTP status and a sentence."""

    status: int
    say: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Accepted and closed at once, with a code that a browser can read."""

    code: int
    say: str


class Door:
    """Lets people in, and counts them."""

    def __init__(self, sessions: Sessions, origins: Collection[str], scale: float = 1.0) -> None:
        self._sessions = sessions
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)
        self.sockets_an_account = max(1, int(SOCKETS_AN_ACCOUNT * scale))
        self._unsigned_max = max(1, int(UNSIGNED_AN_ADDRESS * scale))
        self._address_max = max(1, int(SOCKETS_AN_ADDRESS * scale))
        self._unsigned: Counter[str] = Counter()
        self._signed: Counter[str] = Counter()

    def address(self, connection: HTTPConnection) -> str:
        return self._sessions.address(connection)

    async def admit(self, connection: HTTPConnection) -> Signed | Denied | Closed:
        """Who this is, or how to turn them away."""
        denied = self._check_handshake(connection)
        if denied is not None:
            return denied
        address = self.address(connection)
        if self._unsigned[address] >= self._unsigned_max:
            return Denied(429, "Too many connections are being opened from this address.")
        with _counted(self._unsigned, address):
            try:
                signed = await self._sessions.by_request(connection)
            except Unavailable as why:
                return Closed(TRY_LATER, why.say)
        if signed is None:
            return Closed(NOT_SIGNED_IN, "Please sign in first.")
        if self._signed[address] >= self._address_max:
            return Closed(FLOOD, "Too many connections are open from this address.")
        return signed

    @contextmanager
    def inside(self, address: str) -> Iterator[None]:
        """Counts a signed-in connection while it lasts."""
        with _counted(self._signed, address):
            yield

    def _check_handshake(self, connection: HTTPConnection) -> Denied | None:
        offered = connection.scope.get("subprotocols") or []
        if offered and SUBPROTOCOL not in offered:
            return Denied(400, f"This server speaks {SUBPROTOCOL}.")
        origin = connection.headers.get("origin")
        if origin is not None and origin.lower() not in self._origins:
            return Denied(403, "This page may not connect here.")
        by_cookie = "authorization" not in connection.headers and COOKIE in connection.cookies
        if by_cookie and origin is None:
            return Denied(403, "A cookie counts only beside an Origin.")
        return None


@contextmanager
def _counted(counter: Counter[str], key: str) -> Iterator[None]:
    counter[key] += 1
    try:
        yield
    finally:
        counter[key] -= 1
        if counter[key] <= 0:
            del counter[key]
