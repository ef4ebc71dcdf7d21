"""Groups over the API: found, join, standing; and the rulings behind them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from community import rulings
from community.rulings import Place
from community.store.access import readable
from tests.home import Home

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


async def test_founding_makes_an_owner_and_default_guidelines(home: Home) -> None:
    ann = await home.member()
    made = await home.group(ann)
    assert (made["my_role"], made["guidelines"]["version"]) == ("owner", 1)
    taken = await ann.call("POST", "/groups", {"slug": "lighthouse", "name": "Again"})
    assert (taken.status_code, taken.json()["code"]) == (409, "slug_taken")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"slug": "Big Slug", "name": "x"}, "bad_slug"),
        ({"slug": "ok", "name": ""}, "bad_name"),
        ({"slug": "ok", "name": "x", "preset": "pirates"}, "bad_preset"),
        ({"slug": "ok", "name": "x", "card": {"colour": "red"}}, "invalid"),
        ({"slug": "ok", "name": "x", "settings": {"premoderate_first": 99}}, "invalid"),
        ({"slug": "ok", "name": "x", "visibility": "secret"}, "invalid"),
    ],
)
async def test_a_group_that_cannot_be_says_why(home: Home, body: dict[str, object], code: str) -> None:
    ann = await home.member()
    answer = await ann.call("POST", "/groups", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_private_group_is_invisible_and_its_address_says_nothing(home: Home) -> None:
    ann, ben = await home.member(), await home.member()
    made = await home.group(ann, "hiv-positive", name="HIV positive", visibility="private", joining="invite")
    assert "hiv" not in made["slug"]
    assert (await ben.call("GET", f"/groups/{made['slug']}")).status_code == 404
    assert (await ben.ok("GET", "/groups"))["items"] == []
    join = await ben.call("POST", f"/groups/{made['slug']}/membership", {"guidelines_version": 1})
    absent = await ben.call("POST", "/groups/g-nothing/membership", {"guidelines_version": 1})
    assert (join.status_code, join.text) == (absent.status_code, absent.text)
    code = (await ann.ok("POST", f"/groups/{made['slug']}/invitations", {"uses": 1}))["code"]
    await ben.ok("POST", f"/groups/{made['slug']}/membership", {"guidelines_version": 1, "code": code})
    assert (await ben.ok("GET", f"/groups/{made['slug']}"))["my_role"] == "member"
    carol = await home.member()
    spent = await carol.call(
        "POST", f"/groups/{made['slug']}/membership", {"guidelines_version": 1, "code": code}
    )
    assert spent.status_code == 404


async def test_new_guidelines_are_asked_again_before_the_next_post(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await operator.ok("PATCH", "/groups/lighthouse", {"guidelines": {"text": "Be kinder still."}})
    refused = await ann.say(room, "hello")
    assert (refused.json()["code"], refused.json()["guidelines_version"]) == ("guidelines", 2)
    stale = await ann.call("POST", "/groups/lighthouse/membership", {"guidelines_version": 1})
    assert stale.status_code == 409
    await ann.join()
    assert (await ann.say(room, "hello")).status_code == 201


async def test_a_request_waits_until_a_moderator_answers(home: Home) -> None:
    operator = await home.operator()
    await home.group(operator, joining="request")
    room = await home.room(operator)
    ann = await home.member()
    assert (await ann.join(words="I live with this too."))["state"] == "requested"
    assert (await ann.call("GET", f"/conversations/{room}/messages")).status_code == 404
    waiting = (await operator.ok("GET", "/groups/lighthouse/members?state=requested"))["items"]
    assert [w["member"]["id"] for w in waiting] == [ann.id]
    await operator.ok("PUT", f"/groups/lighthouse/members/{ann.id}", {"accept": True})
    assert (await ann.say(room, "thank you")).status_code == 201


async def test_roles_are_given_by_those_who_may(home: Home) -> None:
    operator, _, (ann, ben) = await home.community()
    path = "/groups/lighthouse/members"
    assert (await ann.call("PUT", f"{path}/{ben.id}", {"role": "facilitator"})).status_code == 403
    await operator.ok("PUT", f"{path}/{ann.id}", {"role": "moderator"})
    await ann.ok("PUT", f"{path}/{ben.id}", {"role": "facilitator"})
    assert (await ann.call("PUT", f"{path}/{ben.id}", {"role": "moderator"})).status_code == 403
    assert (await ann.call("PUT", f"{path}/{operator.id}", {"banned": True})).status_code == 403
    assert (await ann.call("PUT", f"{path}/{ann.id}", {"banned": True})).status_code == 403


async def test_a_group_keeps_an_owner(home: Home) -> None:
    operator, _, (ann, _) = await home.community()
    assert (await operator.call("DELETE", "/groups/lighthouse/membership")).status_code == 409
    await operator.ok("PUT", f"/groups/lighthouse/members/{ann.id}", {"role": "owner"})
    assert (await operator.call("DELETE", "/groups/lighthouse/membership")).status_code == 204


async def test_a_deleted_group_is_gone_at_once(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    assert (await ann.call("DELETE", "/groups/lighthouse")).status_code == 403
    assert (await operator.call("DELETE", "/groups/lighthouse")).status_code == 204
    for caller in (ann, operator):
        assert (await caller.call("GET", "/groups/lighthouse")).status_code == 404
        assert (await caller.call("GET", f"/conversations/{room}/messages")).status_code == 404


def place(**facts: object) -> Place:
    base = {
        "visibility": "members",
        "joining": "open",
        "deleted": False,
        "role": "member",
        "state": "member",
        "banned": False,
        "muted_until": None,
        "agreed_guidelines": 1,
        "guidelines": 1,
        "is_operator": False,
    }
    return Place(**{**base, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, "member"),
        ({"muted_until": NOW + timedelta(hours=1)}, "muted"),
        ({"muted_until": NOW - timedelta(hours=1)}, "member"),
        ({"banned": True}, "gone"),
        ({"role": "companion"}, "companion"),
        ({"agreed_guidelines": 0}, "guidelines"),
        ({"state": None, "visibility": "public"}, "not_a_member"),
        ({"state": None}, "not_a_member"),
        ({"deleted": True}, "gone"),
    ],
)
def test_a_ruling_says_why(facts: dict[str, object], why: str) -> None:
    assert rulings.write(place(**facts), now=NOW).why == why


async def test_the_readable_rule_of_the_store_is_the_ruling(home: Home) -> None:
    """The same rule stands in SQL (for many at once) and in Python (with a reason): they must agree."""
    operator = await home.operator()
    for n, (visibility, state, banned) in enumerate(
        product(
            ("public", "members", "private"), ("member", "requested", "invited", "left", None), (False, True)
        )
    ):
        group = await home.group(operator, f"g{n}", visibility=visibility)
        room = await home.room(operator, group["slug"])
        ann = await home.member()
        async with home.house.database.transaction() as tx:
            id = await tx.fetchval("select id from peer_group where slug = $1", group["slug"])
            if state is not None:
                await tx.execute(
                    "insert into membership (group_id, member_id, state, joined_at, banned_at)"
                    " values ($1, $2::text::uuid, $3, now(), case when $4 then now() end)",
                    id,
                    ann.id,
                    state,
                    banned,
                )
            found = await readable(tx, ann.id, [room])  # type: ignore[arg-type,list-item]
        ruling = rulings.read(
            place(
                visibility=visibility,
                state=state if state != "left" else None,
                banned=banned and state is not None,
            )
        )
        assert bool(found) == ruling.allowed, (visibility, state, banned)
