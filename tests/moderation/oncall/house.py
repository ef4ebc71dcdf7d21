"""The whole house over ASGI with a clock that moves by hand: API and pages of on-call as people meet them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette

from community.bus import LocalBus
from community.clock import ManualClock
from community.consents import CONSENTS
from community.database import Database
from community.ids import MemberId
from community.people import Doorway, SignUp
from community.store import organisation
from moderation.casework.rights import set_seat
from moderation.store import teams
from moderation.store.teams import Seat
from server.assembly import House, Tools, furnish, routes
from server.settings import Care, Limits, Settings

PASSWORD = "a quiet river at night"


@dataclass
class Caller:
    """One signed-in person with a bearer token."""

    http: httpx2.AsyncClient
    id: MemberId
    token: str

    async def call(self, method: str, path: str, body: Any = None, *, ok: int | None = None) -> Any:
        headers = {"authorization": f"Bearer {self.token}"}
        answer = await self.http.request(method, f"/api/v1{path}", json=body, headers=headers)
        if ok is not None:
            assert answer.status_code == ok, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def page(self, method: str, path: str, **form: str) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return await self.http.request(method, path, data=form or None, headers=headers)


@dataclass
class Village:
    house: House
    http: httpx2.AsyncClient

    async def person(self, handle: str, seat: str = "") -> Caller:
        agreed = {consent.id: consent.version for consent in CONSENTS}
        form = SignUp(handle, PASSWORD, agreed, "GB", "en")
        signed = await self.house.people.sign_up(form, Doorway("bearer", "127.0.0.1", "a test"))
        if seat:
            async with self.house.database.transaction() as tx:
                [team, *_] = await teams.all_teams(tx)
                row = Seat(team, signed.member_id, handle, seat in ("care", "lead"), True, seat == "lead")
                await set_seat(tx, team, row, now=self.house.clock.now())
        return Caller(self.http, signed.member_id, signed.token)


@asynccontextmanager
async def village(database: Database, clock: ManualClock, data: Path) -> AsyncIterator[Village]:
    """A furnished house whose jobs don't run: the test runs what it needs."""
    async with database.transaction() as tx:
        await organisation.found(tx, now=clock.now())
    house = furnish(
        Settings(limits=Limits(scale=1e6), care=Care(webhook_hosts_inside=("127.0.0.1",))),
        data,
        database,
        Tools(clock, LocalBus()),
    )
    await house.gate.start()
    app = Starlette(routes=routes(house))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        try:
            yield Village(house, http)
        finally:
            await house.oncall.stop()
            await house.gate.stop()
            house.passwords.close()
