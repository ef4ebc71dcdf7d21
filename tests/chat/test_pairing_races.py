"""Two acts on pairings at the same moment: one of them waits, and what comes out is what one after the other makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from community.database import Database
from community.ids import MemberId
from community.store import people
from tests.chat.circle import KNOWS, Circle, Stop, a_circle, waits_for_a_lock
from tests.home import Home, living


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


@pytest.fixture
async def circle(home: Home) -> Circle:
    return await a_circle(home)


async def test_two_asks_that_cross_make_one_conversation(
    home: Home, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {"caseload": 5, "between_members": True}
    await circle.lead.ok("PUT", "/groups/lighthouse/pairing-rules", rules)
    one = (await circle.ask(circle.ann, to=circle.ben.id))["id"]
    two = (await circle.ask(circle.ben, to=circle.ann.id))["id"]
    stop = Stop(monkeypatch)
    first = asyncio.create_task(circle.ben.call("POST", f"/pairings/{one}/agree", KNOWS))
    await stop.entered()
    second = asyncio.create_task(circle.ann.call("POST", f"/pairings/{two}/agree", KNOWS))
    await waits_for_a_lock(home)
    stop.go()
    refused = await second
    assert (await first).status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (409, "open_already"), refused.text


async def test_nobody_agrees_while_they_are_being_erased(home: Home, circle: Circle) -> None:
    """Erasing begins with the lock of the person: whatever they do after that isn't kept."""
    id = (await circle.ask(circle.ann))["id"]
    rules = {"caseload": 5, "between_members": True}
    await circle.lead.ok("PUT", "/groups/lighthouse/pairing-rules", rules)
    async with home.house.database.transaction() as tx:
        await people.lock(tx, MemberId(UUID(circle.sup.id)))
        late = [
            await circle.sup.call("POST", f"/pairings/{id}/agree", KNOWS),
            await circle.ask_raw(circle.sup, to=circle.lead.id, offers=True),
            await circle.ask_raw(circle.lead, to=circle.sup.id),
        ]
        assert [one.status_code for one in late] == [503, 503, 503], [one.text for one in late]
    await home.house.erasure.erase(MemberId(UUID(circle.sup.id)))
    async with home.house.database.read() as conn:
        named = await conn.fetchval(
            "select count(*) from pairing where $1 in (asked_by, member_id, beside_id) or $1 = any(agreed)",
            UUID(circle.sup.id),
        )
    assert named == 0


async def test_an_end_and_an_agreement_to_go_on_elsewhere_meet(
    home: Home, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The member ends the old conversation in the moment in which the new one opens."""
    before, fresh = await circle.handed_over(agreed=[circle.ann])
    stop = Stop(monkeypatch)
    ends = asyncio.create_task(circle.ann.call("POST", f"/pairings/{before}/end"))
    await stop.entered()
    opens = asyncio.create_task(circle.ben.call("POST", f"/pairings/{fresh}/agree", KNOWS))
    await waits_for_a_lock(home)
    stop.go()
    assert [(await ends).status_code, (await opens).status_code] == [200, 200]
    states = [(await circle.ann.ok("GET", f"/pairings/{id}"))["state"] for id in (before, fresh)]
    assert states == ["ended", "open"]
    events = (await circle.ann.ok("GET", f"/conversations/{before}/events"))["items"]
    assert [e.get("notice") for e in events].count("pairing_ended") == 1


async def test_a_supporter_who_agrees_twice_at_once_takes_no_more_than_they_carry(
    home: Home, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    await circle.lead.ok("PUT", "/groups/lighthouse/pairing-rules", {"caseload": 1})
    asks = [(await circle.ask(who))["id"] for who in (circle.ann, circle.ben)]
    stop = Stop(monkeypatch)
    first = asyncio.create_task(circle.sup.call("POST", f"/pairings/{asks[0]}/agree", KNOWS))
    await stop.entered()
    second = asyncio.create_task(circle.sup.call("POST", f"/pairings/{asks[1]}/agree", KNOWS))
    await waits_for_a_lock(home)
    stop.go()
    assert (await first).status_code == 200
    assert ((await second).status_code, (await second).json()["code"]) == (409, "caseload")


async def test_a_block_that_comes_while_the_other_agrees_ends_what_opens(
    home: Home, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {"caseload": 5, "between_members": True}
    await circle.lead.ok("PUT", "/groups/lighthouse/pairing-rules", rules)
    id = (await circle.ask(circle.ann, to=circle.ben.id))["id"]
    stop = Stop(monkeypatch)
    agrees = asyncio.create_task(circle.ben.call("POST", f"/pairings/{id}/agree", KNOWS))
    await stop.entered()
    blocks = asyncio.create_task(circle.ann.call("PUT", f"/me/blocks/{circle.ben.id}"))
    await waits_for_a_lock(home)
    stop.go()
    assert [(await agrees).status_code, (await blocks).status_code] == [200, 204]
    assert (await circle.ann.ok("GET", f"/pairings/{id}"))["state"] == "ended"
    assert (await circle.ben.say(id, "hello?")).status_code == 403
