"""The whole house on a test's own database, visited by API and by page as programs and browsers do."""

from __future__ import annotations

import asyncio
import html
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import uvicorn
from msgspec.structs import replace
from starlette.applications import Starlette

from chat.wire import uvicorn_options
from community.bus import LocalBus
from community.clock import Clock, SystemClock
from community.database import Database
from community.ids import MemberId, parse_id
from community.store import organisation
from community.web.headers import SecurityHeaders
from server.assembly import House, Tools, furnish, routes
from server.settings import Limits, Server, Settings

PASSWORD = "a quiet river at night"
CRISIS = "I have the pills in front of me and I'm going to take them all tonight"
HELD = "why don't you just kill yourself, nobody would miss you"


class Person:
    """Someone with an account: calls with a bearer token, and a browser with a cookie."""

    def __init__(self, app: Any, id: MemberId, handle: str, token: str) -> None:
        transport = httpx2.ASGITransport(app=app)
        self.id = id
        self.handle = handle
        self.api = httpx2.AsyncClient(
            transport=transport,
            base_url="http://kith.test/api/v1",
            headers={"authorization": f"Bearer {token}"},
        )
        self.browser = httpx2.AsyncClient(transport=transport, base_url="http://kith.test")

    async def get(self, path: str, status: int = 200) -> Any:
        return await self.call("GET", path, status=status)

    async def post(self, path: str, body: Any = None, status: int = 201) -> Any:
        return await self.call("POST", path, body, status=status)

    async def call(self, method: str, path: str, body: Any = None, *, status: int) -> Any:
        """Calls the API; asserts the status and answers the JSON, or None for none."""
        answer = await self.api.request(method, path, json=body)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def page(self, path: str, status: int = 200) -> str:
        """A page's HTML."""
        answer = await self.browser.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.text

    async def send(self, page: str, to: str | None = None, **fields: Any) -> httpx2.Response:
        """Loads a page and sends a form with its hidden token and nonce, as a browser does."""
        shown = await self.page(page)
        hidden = {
            name: html.unescape(found[1])
            for name in ("csrf", "nonce")
            if (found := re.search(rf'name="{name}" value="([^"]*)"', shown))
        }
        return await self.browser.post(to or page.partition("?")[0], data={**hidden, **fields})

    async def follow(self, answer: httpx2.Response) -> str:
        """The page to which a redirect leads, through further ones."""
        for _ in range(3):
            assert answer.status_code == 303, (answer.status_code, answer.text[:2000])
            answer = await self.browser.get(answer.headers["location"])
            if answer.status_code != 303:
                return answer.text
        raise AssertionError("redirects go round")

    async def close(self) -> None:
        await self.api.aclose()
        await self.browser.aclose()


class Place:
    """A started house with a group and a board, and ways to bring people in."""

    def __init__(self, house: House, app: Any) -> None:
        self.house = house
        self.app = app
        self.people: list[Person] = []
        self.group = "lighthouse"
        self.board = ""
        self.owner: Person

    async def person(self, handle: str | None = None) -> Person:
        handle = handle or "m" + uuid4().hex[:10]
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app), base_url="http://kith.test"
        ) as client:
            about = (await client.get("/api/v1/about")).json()
            consents = {c["id"]: c["version"] for c in about["consents"]}
            body = {"handle": handle, "password": PASSWORD, "country": "GB", "consents": consents}
            made = (await client.post("/api/v1/members", json=body)).json()
        id = parse_id(made["member"]["id"])
        assert id is not None
        person = Person(self.app, MemberId(id), handle, made["token"])
        answer = await person.send("/sign-in", handle=handle, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        self.people.append(person)
        return person

    async def insider(self, handle: str | None = None, role: str | None = None) -> Person:
        person = await self.person(handle)
        await person.post(f"/groups/{self.group}/membership", {"guidelines_version": 1})
        if role is not None:
            await self.owner.call(
                "PUT", f"/groups/{self.group}/members/{person.id}", {"role": role}, status=200
            )
        return person

    async def thread(
        self, person: Person, title: str = "First night", body: str = "Hello.", **more: Any
    ) -> Any:
        """Opens a thread by the API; answers what the API says. `status` as expected."""
        status = more.pop("status", 201)
        new = {"nonce": uuid4().hex, "title": title, "body": body, **more}
        return await person.post(f"/boards/{self.board}/threads", new, status=status)

    async def reply(self, person: Person, thread: str, body: str, **more: Any) -> Any:
        status = more.pop("status", 201)
        return await person.post(
            f"/conversations/{thread}/messages", {"nonce": uuid4().hex, "body": body, **more}, status=status
        )


@asynccontextmanager
async def open_place(
    database: Database, clock: Clock, data: Path, *, port: int = 8000
) -> AsyncIterator[Place]:
    """Everything wired as server/assembly.py does it; the clock is the test's. `port`: where browsers come."""
    async with database.transaction() as tx:
        await organisation.found(tx, now=clock.now())
    settings = replace(
        Settings(), limits=replace(Limits(), scale=100_000.0), server=replace(Server(), port=port)
    )
    house = furnish(settings, data, database, Tools(clock, LocalBus()))
    await house.bus.start()
    await house.gate.start()
    place = Place(house, SecurityHeaders(Starlette(routes=routes(house))))
    try:
        place.owner = await place.person("keeper")
        founded = {"slug": place.group, "name": "Lighthouse", "preset": "chronic-illness",
                   "visibility": "members", "joining": "open"}  # fmt: skip
        await place.owner.post("/groups", founded)
        place.board = (await place.owner.post(f"/groups/{place.group}/boards", {"name": "stories"}))["id"]
        yield place
    finally:
        for person in place.people:
            await person.close()
        await house.gate.stop()
        await house.bus.stop()
        house.passwords.close()


@asynccontextmanager
async def serving(database: Database, data: Path) -> AsyncIterator[tuple[Place, str]]:
    """The house behind a real port, with live sockets, for real browsers; and its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        async with open_place(database, SystemClock(), data, port=port) as place:
            await place.house.live.start()
            config = uvicorn.Config(place.app, log_level="error", lifespan="off", **uvicorn_options())
            server = uvicorn.Server(config)
            running = asyncio.create_task(server._serve([listening]))
            while not server.started:  # noqa: ASYNC110 - uvicorn signals nothing
                await asyncio.sleep(0.005)
            try:
                yield place, f"http://127.0.0.1:{port}"
            finally:
                await place.house.live.drain(0)
                server.should_exit = True
                await running
                await place.house.live.stop()
