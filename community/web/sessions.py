"""Who is asking: bearer tokens and cookies, the form token against cross-site requests, and the address.

Where `Authorization` is present cookies are ignored. Client addresses come from the socket, and from
forwarded headers only behind a proxy that the settings trust.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import HTTPConnection

from community.clock import Clock
from community.database import Database
from community.errors import Forbidden
from community.ids import MemberId, SessionId
from community.store import sessions as store
from community.tokens import csrf_token, same, token_hash
from community.wishes import Wishes

COOKIE = "kith_session"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed-in person, as far as a request needs to know."""

    member_id: MemberId
    session_id: SessionId
    handle: str
    is_operator: bool
    door: Literal["cookie", "bearer"]
    language: str
    country: str | None
    time_zone: str
    csrf: str  # the form token of this session; empty for bearer
    wishes: Wishes = field(default_factory=Wishes)  # what they want to see less of; templates ask it


class Sessions:
    """Reads who asks. Every read goes to the database, so that a revoked session ends at once."""

    def __init__(self, database: Database, clock: Clock, trusted_proxies: Iterable[str] = ()) -> None:
        self._database = database
        self._clock = clock
        self._trusted: list[Network] = [ipaddress.ip_network(p, strict=False) for p in trusted_proxies]

    async def by_request(self, request: HTTPConnection) -> Signed | None:
        """The person behind a request or a socket's handshake, or None."""
        header = request.headers.get("authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            return await self.by_token(token.strip(), "bearer") if scheme.lower() == "bearer" else None
        cookie = request.cookies.get(COOKIE)
        return await self.by_token(cookie, "cookie") if cookie else None

    async def by_token(self, token: str, door: Literal["cookie", "bearer"]) -> Signed | None:
        """The person whose token this is, through that door only: a cookie is no bearer token."""
        if not token or len(token) > 200:
            return None
        async with self._database.read() as conn:
            row = await store.by_token(conn, token_hash(token), now=self._clock.now())
        if row is None or row.door != door:
            return None
        return Signed(
            member_id=row.member_id,
            session_id=row.session_id,
            handle=row.handle,
            is_operator=row.is_operator,
            door=door,
            language=row.language,
            country=row.country,
            time_zone=row.time_zone,
            csrf=csrf_token(token) if door == "cookie" else "",
            wishes=row.wishes,
        )

    async def alive(self, sessions: Iterable[SessionId]) -> set[SessionId]:
        """Those of these sessions that still stand; live sockets ask once a second and at each ring."""
        async with self._database.read() as conn:
            return await store.alive(conn, list(sessions), now=self._clock.now())

    def check_csrf(self, request: HTTPConnection, who: Signed | None) -> None:
        """An unsafe call by cookie must carry the session's form token. Raises Forbidden."""
        if who is None or who.door == "bearer":
            return
        given = request.headers.get(CSRF_HEADER, "")
        if not same(given, who.csrf):
            raise Forbidden("This page is out of date. Please load it again.", code="csrf")

    def address(self, request: HTTPConnection) -> str:
        """The client's address: the nearest one that isn't a trusted proxy."""
        peer = request.client.host if request.client else "127.0.0.1"
        if not self._is_trusted(peer):
            return peer
        hops = [h.strip() for h in request.headers.get("x-forwarded-for", "").split(",") if h.strip()]
        for hop in reversed(hops):
            if not _is_address(hop):
                return peer
            if not self._is_trusted(hop):
                return hop
        return hops[0] if hops else peer

    def is_tls(self, request: HTTPConnection) -> bool:
        """Whether the person's own connection is encrypted, so that a cookie may be marked Secure."""
        peer = request.client.host if request.client else ""
        if self._is_trusted(peer) and "x-forwarded-proto" in request.headers:
            return request.headers["x-forwarded-proto"] == "https"
        return request.url.scheme in ("https", "wss")

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in net for net in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
