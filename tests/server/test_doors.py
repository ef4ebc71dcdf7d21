"""Doors that once stood open: each of these let words, names or a cry go where they don't belong."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx2
import pytest

from tests.home import CRY, Caller, Home
from tests.moderation.team import act, only_case
from tests.moderation.test_letters import write


async def visit(who: Caller, path: str) -> httpx2.Response:
    return await who.home.http.get(path, headers={"authorization": f"Bearer {who.token}"})


async def post(who: Caller, path: str, **fields: Any) -> httpx2.Response:
    kind = "application/x-www-form-urlencoded"
    headers = {"authorization": f"Bearer {who.token}", "content-type": kind}
    return await who.home.http.post(path, content=urlencode(fields), headers=headers)


@pytest.mark.parametrize("how", ["seat", "tie"])
async def test_letters_close_to_staff_who_lost_their_seat_or_declared_a_tie(home: Home, how: str) -> None:
    operator, room, (ann, cat) = await home.community()
    await operator.ok("PUT", f"/moderation/team/{cat.id}", {"care": True})
    await ann.say(room, CRY)
    case = await act(cat, await only_case(cat), "claim")
    assert (await write(cat, case)).status_code == 201
    (place,) = (await ann.ok("GET", "/me/letters"))["items"]
    path = f"/conversations/{place['id']}/messages"
    assert (await cat.call("GET", path)).status_code == 200
    if how == "seat":
        await operator.ok("PUT", f"/moderation/team/{cat.id}", {"conduct": True})
    else:
        await cat.ok("PUT", f"/moderation/ties/{ann.id}")
    assert (await cat.call("GET", path)).status_code == 404
    assert (await cat.say(place["id"], "hello again")).status_code == 404
    assert (await ann.call("GET", path)).status_code == 200


async def test_reactions_of_somebody_blocked_are_in_no_history(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "hello")).json()["id"]
    await ben.ok("PUT", f"/messages/{id}/reactions", {"emoji": "🙏", "on": True})
    await ann.ok("PUT", f"/me/blocks/{ben.id}")
    (said,) = (await ann.ok("GET", f"/conversations/{room}/messages"))["items"]
    assert "reactions" not in said


async def thread(home: Home) -> tuple[Caller, Caller, str]:
    operator, _, (ann, _) = await home.community()
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "Board"}))["id"]
    form = {"nonce": "n", "title": "A title", "body": "about marmalade"}
    made = await ann.ok("POST", f"/boards/{board}/threads", form)
    return operator, ann, made["message"]["id"]


async def test_earlier_texts_of_a_withdrawn_post_are_closed_to_moderators(home: Home) -> None:
    operator, ann, id = await thread(home)
    await ann.ok("PATCH", f"/messages/{id}", {"nonce": "e", "body": "about something else"})
    assert "marmalade" in (await visit(operator, f"/posts/{id}/history")).text
    await ann.ok("DELETE", f"/messages/{id}")
    page = await visit(operator, f"/posts/{id}/history")
    assert (page.status_code, "marmalade" in page.text) == (200, False)
    api = await operator.call("GET", f"/messages/{id}/history")
    assert "marmalade" not in api.text


async def test_a_cry_in_a_form_gets_its_card_even_where_the_answer_is_no(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await operator.ok("PUT", f"/groups/lighthouse/members/{ann.id}", {"banned": True})
    page = await post(ann, f"/rooms/{room}", nonce="n", body=CRY)
    assert page.status_code == 404
    assert "Help for you" in page.text
    assert (await only_case(operator))["messages"][0]["own"] == CRY


async def test_a_cry_edited_into_a_post_that_was_taken_down_gets_its_card(home: Home) -> None:
    operator, ann, id = await thread(home)
    async with home.house.database.transaction() as tx:
        await home.house.gate.edits.remove(tx, id, now=home.clock.now(), reason="person")  # type: ignore[arg-type]
    page = await post(ann, f"/posts/{id}/edit", nonce="e", body=CRY)
    assert "Help for you" in page.text
    assert (await only_case(operator))["messages"][0]["own"] == CRY


async def test_metrics_are_closed_to_whoever_comes_through_a_proxy_that_nobody_named(home: Home) -> None:
    assert (await home.http.get("/metrics")).status_code == 200
    answer = await home.http.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"})
    assert answer.status_code == 404


async def test_a_private_board_answers_like_one_that_isnt_there(home: Home) -> None:
    operator = await home.operator()
    slug = (await home.group(operator, "secret", visibility="private"))["slug"]
    board = (await operator.ok("POST", f"/groups/{slug}/boards", {"name": "Board"}))["id"]
    for title, body in (("A title", "some words"), ("x" * 200, "some words"), ("A title", CRY)):
        answers = []
        for place in (board, str(uuid4())):
            stranger = await home.member()
            form = {"nonce": "n", "title": title, "body": body}
            answer = await stranger.call("POST", f"/boards/{place}/threads", form)
            answers.append((answer.status_code, answer.json()))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
        assert ("support" in answers[0][1]) is (body == CRY)
