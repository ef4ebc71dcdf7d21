"""The whole house on a real database, in this process: what flow tests speak to over the real API.

Made by server/assembly.py like the real one, with a clock that moves by hand and the in-process bus.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware

from community.bus import LocalBus
from community.clock import ManualClock
from community.database import Database
from community.web.headers import SecurityHeaders
from server.assembly import House, Tools, furnish, routes
from server.settings import Settings

PASSWORD = "a quiet river at night"
CONSENTS = {"adult": 1, "not_emergency": 1, "reading": 1, "health_words": 1}
CRY = "I have the pills in front of me and I'm going to take them all tonight"

LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""A name of chance with four digits in a row may look like a year of birth, and is asked about."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person with a bearer token."""

    home: Home
    id: str
    handle: str
    token: str

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        return await self.home.call(method, path, body, token=self.token, **headers)

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; anything but a 2xx fails the test with the problem's own words."""
        answer = await self.call(method, path, body)
        assert answer.status_code < 300, f"{method} {path} -> {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def say(self, conversation: str, body: str, **more: Any) -> httpx2.Response:
        nonce = more.pop("nonce", uuid4().hex)
        return await self.call(
            "POST", f"/conversations/{conversation}/messages", {"nonce": nonce, "body": body, **more}
        )

    async def join(self, slug: str = "lighthouse", **more: Any) -> Any:
        group = await self.ok("GET", f"/groups/{slug}")
        version = group["guidelines"]["version"]
        return await self.ok("POST", f"/groups/{slug}/membership", {"guidelines_version": version, **more})


@dataclass(slots=True)
class Home:
    house: House
    http: httpx2.AsyncClient
    clock: ManualClock

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> httpx2.Response:
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        return await self.http.request(method, f"/api/v1{path}", json=body, headers=sent)

    async def member(self, handle: str = "", **more: Any) -> Caller:
        handle = handle or "m" + uuid4().hex[:10].translate(LETTERS)
        body = {"handle": handle, "password": PASSWORD, "consents": CONSENTS, "country": "GB", **more}
        answer = await self.call("POST", "/members", body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return Caller(self, made["member"]["id"], handle, made["token"])

    async def operator(self, handle: str = "olive") -> Caller:
        await self.house.people.raise_operator(handle, PASSWORD)
        answer = await self.call("POST", "/sessions", {"handle": handle, "password": PASSWORD})
        made = answer.json()
        return Caller(self, made["member"]["id"], handle, made["token"])

    async def group(self, by: Caller, slug: str = "lighthouse", **more: Any) -> Any:
        body = {"slug": slug, "name": slug.title(), "preset": "chronic-illness", **more}
        return await by.ok("POST", "/groups", body)

    async def room(self, by: Caller, slug: str = "lighthouse", name: str = "evening") -> str:
        made = await by.ok("POST", f"/groups/{slug}/rooms", {"name": name})
        return str(made["id"])

    async def community(self, people: int = 2) -> tuple[Caller, str, list[Caller]]:
        """An operator who owns a group with one room, and members inside it."""
        operator = await self.operator()
        await self.group(operator)
        room = await self.room(operator)
        members = [await self.member() for _ in range(people)]
        for member in members:
            await member.join()
        return operator, room, members


def easy(settings: Settings | None = None) -> Settings:
    """Settings under which a test isn't too fast for the limits."""
    settings = settings or Settings()
    return msgspec.structs.replace(
        settings,
        limits=msgspec.structs.replace(settings.limits, scale=1000.0),
        care=msgspec.structs.replace(
            settings.care, webhook_hosts_inside=("127.0.0.1",)
        ),  # where tests' servers are
    )


@asynccontextmanager
async def living(
    database: Database, data: Path, *, settings: Settings | None = None, clock: ManualClock | None = None
) -> AsyncIterator[Home]:
    """A started house and a client that speaks to it without a socket in between."""
    clock = clock or ManualClock()
    house = furnish(settings or easy(), data, database, Tools(clock, LocalBus()))
    await house.bus.start()
    await house.gate.start()
    app = Starlette(routes=routes(house), middleware=[Middleware(SecurityHeaders)])
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://kith.test") as http:
            yield Home(house, http, clock)
    finally:
        await house.gate.stop()
        await house.bus.stop()
        house.passwords.close()
