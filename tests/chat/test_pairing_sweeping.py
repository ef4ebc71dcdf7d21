"""What happens to pairings by itself: blocks and farewells undo what stands between two, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from community.database import Database
from community.ids import MemberId
from tests.chat.circle import Circle, a_circle
from tests.home import Home, living


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


@pytest.fixture
async def circle(home: Home) -> Circle:
    return await a_circle(home)


async def test_what_somebody_handed_over_goes_on_when_they_are_blocked_or_leave(
    home: Home, circle: Circle
) -> None:
    before, after = await circle.handed_over()
    await circle.ann.ok("PUT", f"/me/blocks/{circle.sup.id}")
    assert (await circle.ann.ok("GET", f"/pairings/{after}"))["state"] == "open"
    await home.house.erasure.erase(MemberId(UUID(circle.sup.id)))
    assert (await circle.ann.ok("GET", f"/pairings/{before}"))["state"] == "ended"
    assert (await circle.ben.ok("GET", f"/pairings/{after}"))["state"] == "open"
    assert (await circle.ann.say(after, "it is good that you are here")).status_code == 201
    ended = await circle.ann.ok("POST", f"/pairings/{after}/end")
    assert ended["pairing"]["state"] == "ended", "and either of the two still ends it"
