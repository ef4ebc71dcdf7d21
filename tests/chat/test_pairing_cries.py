"""A cry for help in a pairing is heard whatever becomes of the pairing in that second, and its words are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from chat.pairings.pairings import Beside
from community.database import Database
from community.errors import Conflict
from community.groups import Actor
from community.ids import ConversationId, MemberId, MessageId
from tests.chat.circle import Circle, Stop, a_circle, waits_for_a_lock
from tests.home import CRY, Home, living


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


@pytest.fixture
async def circle(home: Home) -> Circle:
    return await a_circle(home)


async def file_of(circle: Circle) -> str:
    """The one care case, as whoever is on duty reads it."""
    (case,) = (await circle.owner.ok("GET", "/moderation/cases?lane=care"))["items"]
    assert case["tier"] == "crisis" and case["state"] == "paged"
    return (await circle.owner.call("GET", f"/moderation/cases/{case['id']}")).text


async def beside(home: Home, circle: Circle, id: str) -> Beside | None:
    """What the supporter is told of what happens next."""
    view, me = home.house.pairings.pairings, MemberId(UUID(circle.sup.id))
    inside = await view.inside(Actor(me), ConversationId(UUID(id)))
    return await view.beside(me, inside.view)


async def test_a_cry_in_the_second_in_which_the_other_ends_it(
    home: Home, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await circle.opened()
    stop = Stop(monkeypatch)
    ends = asyncio.create_task(circle.sup.call("POST", f"/pairings/{id}/end"))
    await stop.entered()
    cries = asyncio.create_task(circle.ann.say(id, CRY))
    speaks = asyncio.create_task(circle.ann.say(id, "good night then"))
    await waits_for_a_lock(home)
    stop.go()
    assert (await ends).status_code == 200
    cried = await cries
    assert (cried.status_code, cried.json()["outcome"], cried.json()["seq"]) == (202, "hold", None)
    assert cried.json()["support"]["tier"] == "crisis" and (await speaks).status_code == 403
    assert "pills" in await file_of(circle)
    theirs = (await circle.sup.call("GET", f"/conversations/{id}/messages")).text
    assert "pills" not in theirs and "good night" not in theirs


async def test_words_of_a_cry_stay_for_the_desk_when_their_author_is_erased(
    home: Home, circle: Circle
) -> None:
    id = await circle.opened()
    await circle.ann.say(id, CRY)
    await home.house.erasure.erase(MemberId(UUID(circle.ann.id)))
    assert "pills" in await file_of(circle)
    assert "pills" not in (await circle.sup.call("GET", f"/conversations/{id}/messages")).text


async def test_what_was_held_because_it_had_ended_is_never_published_into_it(
    home: Home, circle: Circle
) -> None:
    """Whoever ended it, or blocked the other, hears no more words from there, whatever a moderator releases."""
    id = await circle.opened()
    await circle.sup.ok("PUT", f"/me/blocks/{circle.ann.id}")
    held = (await circle.ann.say(id, CRY)).json()["id"]
    async with home.house.database.transaction() as tx:
        with pytest.raises(Conflict):
            await home.house.gate.edits.publish(tx, MessageId(UUID(held)), now=home.clock.now())
    found = await circle.ann.ok("GET", f"/conversations/{id}/messages")
    assert (found["items"], [m["id"] for m in found["held"]]) == ([], [held])


async def test_a_cry_in_the_note_reaches_the_desk_readably(circle: Circle) -> None:
    asked = await circle.ask_raw(circle.ann, note=CRY)
    assert asked.json()["support"]["tier"] == "crisis"
    file = await file_of(circle)
    assert "pills" in file and '"pairing_note"' in file
    again = await circle.ask_raw(circle.ann, note=CRY)
    assert again.status_code == 409 and again.json()["support"], "heard even where the ask is refused"


async def test_a_cry_that_answers_somebody_elses_talk_quotes_nothing_of_it(
    home: Home, circle: Circle
) -> None:
    """It is kept and heard, although what it answers isn't there for its writer; their own page shows no quote."""
    id = await circle.opened()
    private = (await circle.ann.say(id, "about marmalade, between us")).json()["id"]
    room = await home.room(circle.owner, name="garden")
    held = await circle.ben.say(room, CRY, reply_to=private)
    assert held.status_code == 202 and held.json()["support"]
    page = await home.http.get(f"/rooms/{room}", headers={"authorization": f"Bearer {circle.ben.token}"})
    assert "pills" in page.text and "marmalade" not in page.text and private not in page.text
    async with home.house.database.read() as conn:
        assert await conn.fetchval("select bool_and(reply_to is null) from message")


async def test_both_hear_of_it_when_their_talk_was_opened(home: Home, circle: Circle) -> None:
    id = await circle.opened()
    await circle.sup.say(id, "how was marmalade today?")
    await circle.ann.say(id, CRY)
    (case,) = (await circle.owner.ok("GET", "/moderation/cases?lane=care"))["items"]
    one = f"/moderation/cases/{case['id']}"
    assert "marmalade" not in (await circle.owner.call("GET", one)).text
    assert (await circle.owner.call("POST", f"{one}/context", {"reason": " "})).status_code == 422
    opened = await circle.owner.call("POST", f"{one}/context", {"reason": "to know what was answered"})
    assert "how was marmalade today?" in opened.text
    watch = home.house.watch_job
    assert await watch.run() == 0
    home.clock.advance(73 * 3600)
    assert (await watch.run(), await watch.run()) == (2, 0)
    for who in (circle.ann, circle.sup):
        assert "opened" in [n["kind"] for n in (await who.ok("GET", "/me/notices"))["items"]]


async def test_a_supporter_hears_of_a_cry_that_was_held_and_of_one_in_the_note(
    home: Home, circle: Circle
) -> None:
    id = await circle.opened()
    until = (home.clock.now() + timedelta(hours=1)).isoformat()
    await circle.owner.ok("PUT", f"/groups/lighthouse/members/{circle.ann.id}", {"muted_until": until})
    assert (await circle.ann.say(id, CRY)).json()["outcome"] == "hold"
    assert await beside(home, circle, id) is not None
    asked = (await circle.ask(circle.ben, note=CRY))["id"]
    await circle.sup.ok("POST", f"/pairings/{asked}/agree", {"knows": 1})
    await circle.ben.ok("POST", f"/pairings/{asked}/agree", {"knows": 1})
    assert await beside(home, circle, asked) is not None


async def test_what_was_said_before_a_cry_that_came_too_late_opens_with_a_reason(circle: Circle) -> None:
    id = await circle.opened()
    await circle.sup.say(id, "how was marmalade today?")
    await circle.sup.ok("POST", f"/pairings/{id}/end")
    await circle.ann.say(id, CRY)
    (case,) = (await circle.owner.ok("GET", "/moderation/cases?lane=care"))["items"]
    one = f"/moderation/cases/{case['id']}"
    assert "marmalade" not in (await circle.owner.call("GET", one)).text
    opened = await circle.owner.ok("POST", f"{one}/context", {"reason": "to know what was answered"})
    assert [m["body"] for m in opened["before"]] == ["how was marmalade today?"]


async def test_an_edit_into_a_cry_tells_the_supporter_too(home: Home, circle: Circle) -> None:
    id = await circle.opened()
    said = (await circle.ann.say(id, "not much to say today")).json()["id"]
    home.clock.advance(25 * 3600)
    edited = await circle.ann.call("PATCH", f"/messages/{said}", {"nonce": "e", "body": CRY})
    assert edited.json()["support"]
    assert await beside(home, circle, id) is not None
