"""Content warnings are words too: masked where the pipeline masks, gone when the message goes."""

from __future__ import annotations

import json
from typing import Any

from tests.home import CRY, Caller, Home

METHOD = "took 40 paracetamol tablets"


async def everything_read(reader: Caller, room: str) -> str:
    history = await reader.call("GET", f"/conversations/{room}/messages")
    replay = await reader.call("GET", f"/conversations/{room}/events?after=0")
    return history.text + replay.text


async def in_the_case(operator: Caller) -> dict[str, Any]:
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=care"))["items"]
    return dict(await operator.ok("GET", f"/moderation/cases/{case['id']}"))


async def test_a_method_in_a_warning_is_masked_for_readers_and_whole_for_care_staff(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    sent = (await ann.say(room, "I want to kill myself", warnings=["be kind", METHOD])).json()
    assert (sent["outcome"], sent["masked"]) == ("publish_with_support", True)
    read = await everything_read(ben, room)
    assert "paracetamol" not in read
    assert read.count("[…]") >= 2
    assert read.count("be kind") == 2
    assert METHOD in (await in_the_case(operator))["messages"][0]["own"]


async def test_warnings_go_with_the_words_that_were_withdrawn_or_removed(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    first = (await ann.say(room, "hello", warnings=["about marmalade"])).json()["id"]
    second = (await ann.say(room, "hello", warnings=["about marmalade"])).json()["id"]
    assert "marmalade" in await everything_read(ben, room)
    assert (await ann.call("DELETE", f"/messages/{first}")).status_code == 204
    edits, now = home.house.gate.edits, home.clock.now()
    async with home.house.database.transaction() as tx:
        await edits.remove(tx, second, now=now, reason="person")
    assert "marmalade" not in await everything_read(ben, room)


async def test_warnings_of_a_withdrawn_post_leave_lists_and_the_thread(home: Home) -> None:
    operator, _, (ann, ben) = await home.community()
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "Board"}))["id"]
    form = {"nonce": "n", "title": "A title", "body": "some words", "warnings": ["about marmalade"]}
    made = await ann.ok("POST", f"/boards/{board}/threads", form)
    assert "marmalade" in json.dumps(await ben.ok("GET", f"/boards/{board}/threads"))
    assert (await ann.call("DELETE", f"/messages/{made['message']['id']}")).status_code == 204
    assert "marmalade" not in json.dumps(await ben.ok("GET", f"/boards/{board}/threads"))
    assert "marmalade" not in json.dumps(await ben.ok("GET", f"/threads/{made['thread']['id']}"))


async def test_a_cry_in_warnings_that_no_form_allows_is_in_the_case(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    answer = await ann.say(room, "hello", warnings=["x" * 60, CRY])
    assert answer.status_code == 422
    assert answer.json()["support"]
    assert CRY in (await in_the_case(operator))["messages"][0]["own"]
