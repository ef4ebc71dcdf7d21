"""A group of people among whom pairings come to be: what tests of pairings begin with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from chat.pairings import pairings as acts
from tests.home import Caller, Home

KNOWS = {"knows": 1}


@dataclass
class Circle:
    """A group with an owner, a facilitator who stands behind the supporter, a supporter, and two members."""

    owner: Caller
    lead: Caller
    sup: Caller
    ann: Caller
    ben: Caller

    async def ask(self, who: Caller, **more: Any) -> Any:
        return (await who.ok("POST", "/groups/lighthouse/pairings", {**KNOWS, **more}))["pairing"]

    async def ask_raw(self, who: Caller, **more: Any) -> httpx2.Response:
        return await who.call("POST", "/groups/lighthouse/pairings", {**KNOWS, **more})

    async def refused(self, who: Caller, **more: Any) -> tuple[int, str]:
        answer = await self.ask_raw(who, **more)
        return answer.status_code, answer.json()["code"]

    async def opened(self) -> str:
        """An open pairing of ann with the supporter."""
        return await self.opened_with(self.ann)

    async def opened_with(self, member: Caller) -> str:
        id = (await self.ask(member))["id"]
        await self.sup.ok("POST", f"/pairings/{id}/agree", KNOWS)
        done = await member.ok("POST", f"/pairings/{id}/agree", KNOWS)
        assert done["pairing"]["state"] == "open"
        return str(id)

    async def handed_over(self, agreed: list[Caller] | None = None) -> tuple[str, str]:
        """Ann's pairing with the supporter, and the one with ben, to whom it is handed over; both have agreed."""
        id = await self.opened()
        await self.lead.ok(
            "PUT", f"/groups/lighthouse/supporters/{self.ben.id}", {"supervisor": self.lead.id}
        )
        made = await self.sup.ok("POST", f"/pairings/{id}/hand-over", {"to": self.ben.id})
        fresh = str(made["pairing"]["id"])
        for who in agreed or (self.ann, self.ben):
            await who.ok("POST", f"/pairings/{fresh}/agree", KNOWS)
        return id, fresh

    async def between(self) -> str:
        """An open pairing of two members."""
        await self.lead.ok(
            "PUT", "/groups/lighthouse/pairing-rules", {"caseload": 5, "between_members": True}
        )
        id = (await self.ask(self.ann, to=self.ben.id))["id"]
        await self.ben.ok("POST", f"/pairings/{id}/agree", KNOWS)
        return str(id)


async def a_circle(home: Home) -> Circle:
    owner, _, (lead, sup, ann, ben) = await home.community(4)
    await owner.ok("PUT", f"/groups/lighthouse/members/{lead.id}", {"role": "facilitator"})
    await lead.ok("PUT", f"/groups/lighthouse/supporters/{sup.id}", {"supervisor": lead.id})
    return Circle(owner, lead, sup, ann, ben)


class Stop:
    """The first act on a pairing rests inside its transaction, before its notices, until `go`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.inside, self._go = asyncio.Event(), asyncio.Event()
        self._tell = acts.tell
        monkeypatch.setattr(acts, "tell", self._rest)

    async def _rest(self, *given: Any, **more: Any) -> None:
        if not self.inside.is_set():
            self.inside.set()
            await asyncio.wait_for(self._go.wait(), 20)
        await self._tell(*given, **more)

    async def entered(self) -> None:
        await asyncio.wait_for(self.inside.wait(), 20)

    def go(self) -> None:
        self._go.set()


async def waits_for_a_lock(home: Home) -> None:
    """Until somebody's statement waits for a lock of somebody else's."""
    for _ in range(1_000):
        async with home.house.database.read() as conn:
            if await conn.fetchval("select exists (select 1 from pg_locks where not granted)"):
                return
        await asyncio.sleep(0.005)
    raise AssertionError("nobody waits")
