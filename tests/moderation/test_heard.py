"""A cry is heard in every form, also in one that can't be: refused, but kept for a person, and with a card."""

from __future__ import annotations

from typing import Any

import pytest

from tests.home import CRY, Home
from tests.moderation.team import only_case

NOWHERE = "00000000-0000-7000-8000-000000000000"
LONG = CRY + ". " + "It goes on and on. " * 300


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/conversations/{room}/messages", {"nonce": "", "body": CRY}),
        ("POST", "/conversations/{room}/messages", {"nonce": "n", "body": CRY + "\0"}),
        ("PATCH", "/messages/{own}", {"nonce": "ö", "body": CRY}),
        ("PATCH", "/messages/{other}", {"nonce": "n", "body": CRY}),
        ("POST", "/messages/{own}/flags", {"kind": "worried", "note": CRY}),
        ("POST", "/messages/{other}/flags", {"kind": "worried", "note": LONG}),
        ("POST", f"/messages/{NOWHERE}/flags", {"kind": "breaks_a_rule", "note": CRY}),
        ("POST", "/appeals", {"decision": NOWHERE, "text": CRY}),
        ("POST", "/appeals", {"decision": NOWHERE, "text": LONG}),
        ("POST", "/groups/lighthouse/membership", {"guidelines_version": 1, "words": LONG}),
        ("POST", "/groups", {"name": CRY, "slug": "Not An Address"}),
        ("POST", "/groups", {"name": "A room\0", "slug": "quiet", "card": {"purpose": CRY}}),
        ("POST", "/groups", {"name": "Quiet", "slug": "quiet", "guidelines": CRY + "\0"}),
        ("POST", "/groups", {"name": "Quiet", "slug": "lighthouse", "card": {"for_whom": CRY}}),
        ("POST", "/groups", {"name": "Quiet", "slug": "quiet", "card": {"likely_triggers": [[CRY]]}}),
        ("PATCH", "/groups/lighthouse", {"card": {"purpose": CRY}}),
        ("PATCH", f"/groups/{NOWHERE}", {"guidelines": CRY}),
        ("POST", "/groups/lighthouse/boards", {"name": CRY}),
        ("POST", f"/groups/{NOWHERE}/boards", {"name": CRY}),
    ],
)
async def test_a_cry_in_a_form_that_is_refused_reaches_a_person(
    home: Home, method: str, path: str, body: dict[str, Any]
) -> None:
    operator, room, (ann, ben) = await home.community()
    own = (await ann.say(room, "hello")).json()["id"]
    other = (await ben.say(room, "hello")).json()["id"]
    answer = await ann.call(method, path.format(room=room, own=own, other=other), body)
    assert answer.status_code in (403, 404, 409, 422)
    assert answer.json()["support"]["lines"]
    case = await only_case(operator)
    assert (case["tier"], CRY in case["messages"][0]["own"]) == ("crisis", True)


async def test_nothing_is_kept_of_a_refused_form_that_holds_no_cry(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    assert (await ann.say(room, "about marmalade", nonce="ö")).status_code == 422
    async with home.house.database.read() as conn:
        assert await conn.fetchval("select count(*) from message where body like '%marmalade%'") == 0


async def test_a_groups_words_are_heard_once_and_not_again_with_every_change_of_its_settings(
    home: Home,
) -> None:
    operator, _, (ann, _) = await home.community()
    await ann.ok("POST", "/groups", {"name": "Quiet", "slug": "quiet", "card": {"purpose": CRY}})
    case = await only_case(operator)
    await ann.ok("PATCH", "/groups/quiet", {"joining": "request", "card": {"purpose": CRY}})
    assert await only_case(operator) == case
    await ann.ok("PATCH", "/groups/quiet", {"guidelines": "I want to kill myself"})
    assert len((await only_case(operator))["messages"]) == 2
