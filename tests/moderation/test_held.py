"""Held means not there: nobody but its author and moderators meets a held message, through any door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.home import Caller, Home

WORDS = "my cousin the lighthouse keeper says wobblefish"
"""A word that nothing else holds, so that one search through everything finds a leak."""


async def held_message(home: Home) -> tuple[Caller, str, Caller, Caller, str]:
    """A newcomer's first message in a group that reads those before others do."""
    operator, room, (ann, ben) = await home.community()
    await operator.ok("PATCH", "/groups/lighthouse", {"settings": {"premoderate_first": 2}})
    sent = await ann.say(room, WORDS)
    assert (sent.status_code, sent.json()["outcome"]) == (202, "hold")
    return operator, room, ann, ben, sent.json()["id"]


async def everything(caller: Caller, room: str) -> str:
    """All that a member can ask for, as one text."""
    paths = (
        f"/conversations/{room}/messages",
        f"/conversations/{room}/events?after=0",
        "/search?q=wobblefish",
        "/me/export",
        "/me/notices",
        "/groups",
        "/groups/lighthouse/rooms",
    )
    return "\n".join([(await caller.call("GET", path)).text for path in paths])


async def test_a_held_message_reaches_nobody_but_its_author_and_moderators(home: Home) -> None:
    operator, room, ann, ben, _ = await held_message(home)
    assert "wobblefish" not in await everything(ben, room)
    own = await ann.ok("GET", f"/conversations/{room}/messages")
    assert [m["own"] for m in own["held"]] == [WORDS]
    assert own["items"] == []
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=conduct"))["items"]
    shown = await operator.ok("GET", f"/moderation/cases/{case['id']}")
    assert shown["messages"][0]["own"] == WORDS


async def test_releasing_gives_it_the_next_place_and_tells_its_author(home: Home) -> None:
    operator, room, ann, ben, id = await held_message(home)
    await operator.say(room, "a word in between")
    case = await first_case(operator)
    await operator.ok(
        "POST",
        f"/moderation/cases/{case['id']}/decide",
        {"version": case["version"], "decision": "publish", "reason": "fine"},
    )
    items = (await ben.ok("GET", f"/conversations/{room}/events?after=0"))["items"]
    assert [(i["seq"], i["body"]) for i in items] == [(1, "a word in between"), (2, WORDS)]
    assert items[1]["id"] == id
    assert "wobblefish" in (await ben.call("GET", "/search?q=wobblefish")).text
    assert "released" in [n["kind"] for n in (await ann.ok("GET", "/me/notices"))["items"]]


async def test_editing_a_held_message_replaces_what_waits(home: Home) -> None:
    operator, room, ann, ben, id = await held_message(home)
    edited = await ann.call("PATCH", f"/messages/{id}", {"nonce": "e", "body": "softer wobblefish words"})
    assert edited.json()["outcome"] == "hold"
    case = await first_case(operator)
    shown = await operator.ok("GET", f"/moderation/cases/{case['id']}")
    assert shown["messages"][0]["own"] == "softer wobblefish words"
    assert "wobblefish" not in await everything(ben, room)


async def test_a_held_message_can_be_withdrawn_and_never_appears(home: Home) -> None:
    operator, room, ann, ben, id = await held_message(home)
    assert (await ann.call("DELETE", f"/messages/{id}")).status_code == 204
    case = await first_case(operator)
    await operator.ok(
        "POST",
        f"/moderation/cases/{case['id']}/decide",
        {"version": case["version"], "decision": "publish", "reason": "fine"},
    )
    assert "wobblefish" not in await everything(ben, room)


async def test_a_held_thread_does_not_exist_for_others(home: Home) -> None:
    operator, _, (ann, ben) = await home.community()
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "stories"}))["id"]
    await operator.ok("PATCH", "/groups/lighthouse", {"settings": {"premoderate_first": 2}})
    made = await ann.call(
        "POST", f"/boards/{board}/threads", {"nonce": "t", "title": "wobblefish at noon", "body": WORDS}
    )
    assert made.status_code == 202, made.text
    thread = made.json()["thread"]["id"]
    texts = [
        (await ben.call("GET", path)).text
        for path in (
            f"/boards/{board}/threads",
            f"/threads/{thread}",
            f"/conversations/{thread}/messages",
            f"/conversations/{thread}/events",
            "/search?q=wobblefish",
        )
    ]
    assert not [t for t in texts if "wobblefish" in t]
    assert (await ben.call("GET", f"/threads/{thread}")).status_code == 404
    case = await first_case(operator)
    await operator.ok(
        "POST",
        f"/moderation/cases/{case['id']}/decide",
        {"version": case["version"], "decision": "publish", "reason": "fine"},
    )
    assert (await ben.call("GET", f"/threads/{thread}")).status_code == 200


@pytest.mark.parametrize("path", ["messages", "events"])
async def test_an_outsider_meets_the_same_answer_as_for_nothing(home: Home, path: str) -> None:
    _, room, _ = await home.community()
    stranger = await home.member()
    there = await stranger.call("GET", f"/conversations/{room}/{path}")
    nowhere = await stranger.call("GET", f"/conversations/00000000-0000-7000-8000-000000000000/{path}")
    assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text)
    assert there.status_code == 404


async def first_case(operator: Caller) -> dict[str, Any]:
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=conduct"))["items"]
    return dict(case)
