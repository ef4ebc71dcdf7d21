"""Meetings over the real API: planned, led, everyone gets a turn, and a cry is heard whoever has it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from community.database import Database
from tests.home import CRY, Caller, Home, living


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


async def planned(home: Home, by: Caller, room: str, **more: Any) -> str:
    starts = (home.clock.now() + timedelta(hours=1)).isoformat()
    body = {"starts_at": starts, "agenda": ["Hello", "  How was   the week? ", ""], **more}
    return str((await by.ok("POST", f"/rooms/{room}/meetings", body))["id"])


async def test_hands_go_up_and_everyone_gets_a_turn_in_order(home: Home) -> None:
    lead, room, (ann, bob, cat) = await home.community(3)
    meeting = f"/rooms/{room}/meetings/{await planned(home, lead, room)}"
    assert (await ann.call("POST", f"{meeting}/raise")).json()["code"] == "not_begun"
    assert (await ann.call("POST", f"{meeting}/begin")).status_code == 403
    begun = await lead.ok("POST", f"{meeting}/begin")
    assert begun["agenda"] == ["Hello", "How was the week?"] and begun["phase"] == "running"
    for who in (ann, bob, cat, ann):
        await who.ok("POST", f"{meeting}/raise")
    seen = await bob.ok("POST", f"{meeting}/raise")
    assert [one["handle"] for one in seen["queue"]] == [ann.handle, bob.handle, cat.handle]
    assert seen["place_in_queue"] == 2
    assert (await ann.call("POST", f"{meeting}/next")).status_code == 403
    called = await lead.ok("POST", f"{meeting}/next")
    assert called["turn"]["handle"] == ann.handle and called["share_ends_at"]
    await bob.ok("POST", f"{meeting}/lower")
    await ann.ok("POST", f"{meeting}/pass")
    called = await lead.ok("POST", f"{meeting}/next")
    assert called["turn"]["handle"] == cat.handle and called["queue"] == []
    assert (await lead.ok("POST", f"{meeting}/end"))["phase"] == "over"
    assert (await ann.ok("GET", f"/rooms/{room}/meetings"))["items"] == []
    assert (await ann.call("POST", f"{meeting}/raise")).json()["code"] == "is_over"


async def test_the_queue_silences_nobody_and_a_cry_least_of_all(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    meeting = f"/rooms/{room}/meetings/{await planned(home, lead, room)}"
    await lead.ok("POST", f"{meeting}/begin")
    await ann.ok("POST", f"{meeting}/raise")
    await lead.ok("POST", f"{meeting}/next")
    assert (await bob.say(room, "I hear you")).status_code == 201
    cried = (await bob.say(room, CRY)).json()
    assert cried["outcome"] == "publish_with_support" and cried["support"]


async def test_only_those_inside_see_it_and_names_never_cross_a_block(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    outsider = await home.member()
    id = await planned(home, lead, room)
    meeting = f"/rooms/{room}/meetings/{id}"
    assert (await outsider.call("GET", f"/rooms/{room}/meetings")).status_code == 404
    assert (await outsider.call("POST", f"{meeting}/raise")).status_code == 404
    other = await home.room(lead, name="morning")
    assert (await lead.call("POST", f"/rooms/{other}/meetings/{id}/begin")).status_code == 404
    await lead.ok("POST", f"{meeting}/begin")
    await ann.ok("POST", f"{meeting}/raise")
    await ann.ok("PUT", f"/me/blocks/{bob.id}")
    (seen,) = (await bob.ok("GET", f"/rooms/{room}/meetings"))["items"]
    assert seen["queue"] == [{"id": None, "handle": None}]
    (seen,) = (await lead.ok("GET", f"/rooms/{room}/meetings"))["items"]
    assert seen["queue"][0]["handle"] == ann.handle


async def test_airtime_is_the_facilitators_and_a_private_word_comes_once(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    meeting = f"/rooms/{room}/meetings/{await planned(home, lead, room)}"
    await ann.say(room, "before the meeting " * 20)
    home.clock.advance(60)
    await lead.ok("POST", f"{meeting}/begin")
    await bob.ok("POST", f"{meeting}/check-in")
    for n in range(5):
        await ann.say(room, f"and another thing, number {n} " * 3)
    assert (await ann.call("GET", f"{meeting}/airtime")).status_code == 403
    air = {one["member"]["handle"]: one for one in (await lead.ok("GET", f"{meeting}/airtime"))["items"]}
    assert (air[ann.handle]["lines"], air[ann.handle]["percent"]) == (5, 100)
    assert air[bob.handle]["standing"] == "little"
    for _ in range(2):
        await lead.ok("POST", f"{meeting}/nudges", {"member": bob.id, "says": "turn"})
    notices = [n for n in (await bob.ok("GET", "/me/notices"))["items"] if n["kind"] == "meeting_turn"]
    assert len(notices) == 1 and "would you like a turn?" in notices[0]["say"]
    assert (await ann.ok("GET", "/me/notices"))["items"] == []
    stranger = await home.member()
    refused = await lead.call("POST", f"{meeting}/nudges", {"member": stranger.id, "says": "turn"})
    assert refused.status_code == 404


async def test_plans_are_checked_judged_and_bounded(home: Home) -> None:
    lead, room, (ann, _) = await home.community()
    starts = (home.clock.now() + timedelta(hours=1)).isoformat()
    assert (await ann.call("POST", f"/rooms/{room}/meetings", {"starts_at": starts})).status_code == 403
    for wrong in (
        {"starts_at": "2001-01-01T00:00:00Z"},
        {"starts_at": starts, "share_minutes": 0},
        {"starts_at": starts, "agenda": ["x"] * 13},
        {"starts_at": starts, "time_zone": "Mars/Phobos"},
        {"starts_at": "2026-05-05T10:00:00"},
    ):
        assert (await lead.call("POST", f"/rooms/{room}/meetings", wrong)).status_code == 422, wrong
    first = await planned(home, lead, room, time_zone="Europe/Berlin")
    second = await planned(home, lead, room)
    await lead.ok("POST", f"/rooms/{room}/meetings/{first}/begin")
    assert (await lead.call("POST", f"/rooms/{room}/meetings/{second}/begin")).json()[
        "code"
    ] == "another_runs"
    assert (await lead.call("DELETE", f"/rooms/{room}/meetings/{first}")).json()["code"] == "has_begun"
    await lead.ok("DELETE", f"/rooms/{room}/meetings/{second}")
    home.clock.advance(4 * 3600)
    assert (await ann.ok("GET", f"/rooms/{room}/meetings"))["items"] == [], "nobody ended it: it is over"


async def test_a_cry_in_an_agenda_or_a_rooms_name_is_heard_also_when_it_is_turned_away(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    starts = (home.clock.now() + timedelta(hours=1)).isoformat()
    body = {"starts_at": starts, "agenda": [CRY]}
    turned_away = await ann.call("POST", f"/rooms/{room}/meetings", body)
    assert turned_away.status_code == 403 and turned_away.json()["support"]
    turned_away = await bob.call("POST", "/groups/lighthouse/rooms", {"name": CRY * 4})
    assert turned_away.status_code == 422 and turned_away.json()["support"]
    cases = (await lead.ok("GET", "/moderation/cases"))["items"]
    assert len(cases) == 2
    told = await lead.call(
        "POST", f"/rooms/{room}/meetings", {**body, "agenda": ["call 07700 900123 for pills"]}
    )
    assert told.status_code == 422, "what readers would see only in part is no agenda"


async def test_strangers_who_read_along_learn_no_names_and_are_told_nothing(home: Home) -> None:
    lead, room, (ann, _) = await home.community()
    await lead.ok("PATCH", "/groups/lighthouse", {"visibility": "public"})
    stranger = await home.member()
    assert (await stranger.ok("GET", f"/rooms/{room}/meetings"))["items"] == []
    assert (await stranger.ok("GET", f"/conversations/{room}/people?q={ann.handle[:3]}"))["items"] == []
    meeting = f"/rooms/{room}/meetings/{await planned(home, lead, room)}"
    await lead.ok("POST", f"{meeting}/begin")
    nudge = {"member": stranger.id, "says": "turn"}
    assert (await lead.call("POST", f"{meeting}/nudges", nudge)).status_code == 404
    assert (await stranger.call("POST", f"{meeting}/check-out")).status_code == 403


async def test_what_one_did_is_in_ones_export_and_goes_with_one(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    meeting = f"/rooms/{room}/meetings/{await planned(home, lead, room)}"
    await lead.ok("POST", f"{meeting}/begin")
    for who in (ann, bob):
        await who.ok("POST", f"{meeting}/raise")
    exported = await ann.ok("GET", "/me/export")
    assert [act["kind"] for act in exported["chat"]["meetings"]] == ["raise"]
    await ann.ok("DELETE", "/me", {"password": "a quiet river at night"})
    (seen,) = (await lead.ok("GET", f"/rooms/{room}/meetings"))["items"]
    assert [one["handle"] for one in seen["queue"]] == [bob.handle]


async def test_a_slow_room_asks_for_a_pause_but_never_of_a_cry_or_after_it(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    assert (await ann.call("PUT", f"/rooms/{room}/slow", {"seconds": 30})).status_code == 403
    assert (await lead.call("PUT", f"/rooms/{room}/slow", {"seconds": 7})).status_code == 422
    await lead.ok("PUT", f"/rooms/{room}/slow", {"seconds": 30})
    assert (await ann.say(room, "hello")).status_code == 201
    home.clock.advance(10)
    slowed = await ann.say(room, "and another thing", nonce="n1")
    assert slowed.status_code == 429 and slowed.headers["retry-after"] == "20"
    assert "goes slowly" in slowed.json()["title"]
    home.clock.advance(20)
    assert (await ann.say(room, "and another thing", nonce="n1")).status_code == 201
    for n in range(3):
        assert (await lead.say(room, f"whoever facilitates doesn't wait {n}")).status_code == 201
    await bob.say(room, "hi")
    assert (await bob.say(room, CRY)).json()["support"]
    assert (await bob.say(room, "is anybody there")).status_code == 201, "what follows a cry doesn't wait"


# ---- the same by forms, without scripts


async def visit(who: Caller, path: str) -> str:
    answer = await who.home.http.get(path, headers={"authorization": f"Bearer {who.token}"})
    assert answer.status_code == 200, answer.status_code
    return str(answer.text)


async def post(who: Caller, path: str, **fields: Any) -> httpx2.Response:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return await who.home.http.post(
        path, content=urlencode(fields), headers={"authorization": f"Bearer {who.token}", **kind}
    )


async def test_a_meeting_is_planned_and_held_by_forms(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    day = home.clock.now() + timedelta(days=1)
    fields = {"date": f"{day:%Y-%m-%d}", "time": "19:00", "zone": "Europe/Berlin", "share_minutes": "2"}
    wrong = await post(lead, f"/rooms/{room}/meetings/new", **{**fields, "date": ""}, agenda="Hello")
    assert (
        wrong.status_code == 422 and "Please give a day and a time." in wrong.text and "Hello" in wrong.text
    )
    assert (
        await post(lead, f"/rooms/{room}/meetings/new", **fields, agenda="Hello\nOne share each")
    ).status_code == 303
    page = await visit(ann, f"/rooms/{room}")
    assert "Next meeting" in page and "One share each" in page and "19:00 in Europe/Berlin" in page
    assert "Begin the meeting" not in page and "Plan a meeting" not in page
    (meeting,) = re.findall(r'data-meeting="([^"]+)"', page)
    assert (await post(lead, f"/rooms/{room}/meeting/begin", meeting=meeting)).status_code == 303
    await post(ann, f"/rooms/{room}/meeting/raise", meeting=meeting)
    await post(
        bob, f"/rooms/{room}/meeting/check", meeting=meeting, way="in", words="tired but here", nonce="n1"
    )
    strip = await visit(lead, f"/rooms/{room}/meeting?part=strip")
    assert "Call the next one" in strip and "1 person checked in." in strip and "Who said how much" in strip
    assert "<html" not in strip and "tired but here" in await visit(ann, f"/rooms/{room}")
    await post(lead, f"/rooms/{room}/meeting/next", meeting=meeting)
    assert "You have the turn." in await visit(ann, f"/rooms/{room}")
    theirs = await visit(bob, f"/rooms/{room}/meeting")
    assert f"{ann.handle}\u2069 has the turn." in theirs and "Who said how much" not in theirs
    cry = await post(bob, f"/rooms/{room}/meeting/check", meeting=meeting, way="out", words=CRY, nonce="n2")
    assert 'class="support' in cry.text, "whoever checks out with a cry is heard"
    late = {"meeting": "00000000-0000-0000-0000-000000000000", "way": "out", "words": CRY, "nonce": "n3"}
    gone = await post(ann, f"/rooms/{room}/meeting/check", **late)
    assert gone.status_code == 404 and 'class="support' in gone.text, (
        "also where there is no meeting any more"
    )
    refused = await post(ann, f"/rooms/{room}/meeting/next", meeting=meeting)
    assert refused.status_code == 403
    assert "goes slowly" not in theirs
    await post(lead, f"/rooms/{room}/slow", seconds="30")
    assert "a pause of 30 seconds" in await visit(bob, f"/rooms/{room}")
