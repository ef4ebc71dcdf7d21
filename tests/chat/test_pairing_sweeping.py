"""What happens to pairings by itself: blocks and farewells undo what stands between two, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from chat.store import supporters
from community.database import Database
from community.ids import MemberId
from tests.chat.circle import KNOWS, Circle, a_circle
from tests.home import Home, living


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


@pytest.fixture
async def circle(home: Home) -> Circle:
    return await a_circle(home)


async def test_who_has_left_the_group_is_no_supporter_of_it(home: Home, circle: Circle) -> None:
    """Nor do they see who waits there; and coming back, somebody names them again first."""
    await circle.owner.ok("PATCH", "/groups/lighthouse", {"visibility": "public"})
    asked = await circle.ask(circle.ann, note="only for those who walk beside people here")
    await circle.sup.ok("DELETE", "/groups/lighthouse/membership")
    seen = await circle.sup.ok("GET", "/groups/lighthouse/pairings")
    assert (seen["waiting"], seen["me"]) == ([], None)
    assert (await circle.sup.call("GET", f"/pairings/{asked['id']}")).status_code == 404
    assert (await circle.refused(circle.ben)) == (409, "nobody_yet")
    await home.house.pairings.sweeping.run()
    await circle.sup.join()
    assert (await circle.sup.ok("GET", "/groups/lighthouse/pairings"))["me"] is None
    taken = await circle.sup.call("POST", f"/pairings/{asked['id']}/agree", KNOWS)
    assert taken.status_code == 404


async def test_an_ask_of_somebody_who_has_left_is_nobodys_to_read(circle: Circle) -> None:
    asked = await circle.ask(circle.ann, note="only for those who walk beside people here")
    assert (await circle.sup.ok("GET", f"/pairings/{asked['id']}"))["note"]
    await circle.owner.ok("PUT", f"/groups/lighthouse/members/{circle.ann.id}", {"banned": True})
    assert (await circle.sup.call("GET", f"/pairings/{asked['id']}")).status_code == 404
    assert (await circle.ann.ok("GET", f"/pairings/{asked['id']}"))["state"] == "asked"


async def test_nobody_is_asked_to_walk_beside_somebody_who_was_suspended_or_has_died(
    home: Home, circle: Circle
) -> None:
    id = (await circle.ask(circle.ann, note="the nights are long"))["id"]
    assert len((await circle.sup.ok("GET", "/groups/lighthouse/pairings"))["waiting"]) == 1
    async with home.house.database.transaction() as tx:
        await tx.execute(
            "update member set suspended_at = $1 where id = $2", home.clock.now(), UUID(circle.ann.id)
        )
    assert (await circle.sup.ok("GET", "/groups/lighthouse/pairings"))["waiting"] == []
    assert (await circle.sup.call("GET", f"/pairings/{id}")).status_code == 404
    assert (await circle.sup.call("POST", f"/pairings/{id}/agree", KNOWS)).status_code == 404


async def test_an_ask_that_a_supporter_took_waits_for_another_when_they_leave(
    home: Home, circle: Circle
) -> None:
    id = (await circle.ask(circle.ann))["id"]
    await circle.sup.ok("POST", f"/pairings/{id}/agree", KNOWS)
    offered = (await circle.ask(circle.sup, to=circle.ben.id, offers=True))["id"]
    await circle.sup.ok("DELETE", "/groups/lighthouse/membership")
    await home.house.pairings.sweeping.run()
    mine = await circle.ann.ok("GET", f"/pairings/{id}")
    assert (mine["state"], mine["other"]) == ("asked", None)
    assert (await circle.ben.call("GET", f"/pairings/{offered}")).status_code == 404, "taken back"


async def test_what_is_open_with_who_is_no_supporter_any_more_ends_even_if_nobody_finished_it(
    home: Home, circle: Circle
) -> None:
    """Taking a supporter's task back ends their pairings one by one; a process that dies meanwhile leaves the rest
    to the sweep."""
    id = await circle.opened()
    async with home.house.database.transaction() as tx:
        group = await tx.fetchval("select group_id from pairing where conversation_id = $1", UUID(id))
        await supporters.unname(tx, group, MemberId(UUID(circle.sup.id)), now=home.clock.now())
    await home.house.pairings.sweeping.run()
    assert (await circle.ann.ok("GET", f"/pairings/{id}"))["state"] == "ended"


async def test_nobody_stands_behind_a_supporter_whose_leader_leads_no_more(circle: Circle) -> None:
    await circle.owner.ok("PUT", f"/groups/lighthouse/members/{circle.lead.id}", {"role": "member"})
    (one,) = (await circle.owner.ok("GET", "/groups/lighthouse/pairings"))["supporters"]
    assert one["supervisor"] is None


async def test_what_was_said_stays_with_the_two_when_their_group_is_deleted(
    home: Home, circle: Circle
) -> None:
    id = await circle.opened()
    await circle.ann.say(id, "it was good to talk")
    waits = (await circle.ask(circle.ben))["id"]
    await circle.owner.ok("DELETE", "/groups/lighthouse")
    await home.house.pairings.sweeping.run()
    for who in (circle.ann, circle.sup):
        assert (await who.ok("GET", f"/pairings/{id}"))["state"] == "ended"
        page = await home.http.get(f"/pairings/{id}", headers={"authorization": f"Bearer {who.token}"})
        assert page.status_code == 200 and "it was good to talk" in page.text
        assert (await who.say(id, "one more thing")).status_code in (403, 404)
    assert (await circle.ben.call("GET", f"/pairings/{waits}")).status_code == 404
    assert (await circle.owner.call("GET", f"/pairings/{id}")).status_code == 404


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
