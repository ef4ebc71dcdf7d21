"""Pairings over the real API: asked, agreed to by both, said in, ended; and what nobody else ever sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from chat.pairings.machine import Act, Asked, replay
from chat.store import pairings as store
from community.database import Database
from community.groups import Actor
from community.ids import ConversationId, MemberId
from moderation.gate.edits import REACTIONS
from tests.chat.circle import KNOWS, Circle, a_circle
from tests.home import CRY, Caller, Home, living


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


@pytest.fixture
async def circle(home: Home) -> Circle:
    return await a_circle(home)


async def kinds(who: Caller) -> list[str]:
    return [n["kind"] for n in (await who.ok("GET", "/me/notices"))["items"]]


async def states(who: Caller) -> list[str]:
    return [one["state"] for one in (await who.ok("GET", "/pairings"))["items"]]


async def test_both_agree_before_a_word_and_either_ends_it_at_once(home: Home, circle: Circle) -> None:
    ann, sup = circle.ann, circle.sup
    asked = await circle.ask(ann, topic="hard_days", times=["nights"], note="The nights are long.")
    id = asked["id"]
    assert (asked["state"], asked["other"], asked["kind"]) == ("asked", None, "supporter")
    assert "pairing_asked" in await kinds(sup)
    for who in (ann, sup):
        assert (await who.say(id, "too early")).status_code == 404
        assert (await who.call("GET", f"/conversations/{id}/messages")).status_code == 404
    (waits,) = (await sup.ok("GET", "/groups/lighthouse/pairings"))["waiting"]
    assert (waits["note"], waits["topic"], waits["times"]) == (
        "The nights are long.",
        "hard_days",
        ["nights"],
    )
    taken = await sup.ok("POST", f"/pairings/{id}/agree", KNOWS)
    assert taken["pairing"]["state"] == "accepted" and not taken["pairing"]["awaits_me"]
    assert (await sup.say(id, "still too early")).status_code == 404
    seen = await ann.ok("GET", f"/pairings/{id}")
    assert seen["other"]["handle"] == sup.handle and seen["awaits_me"]
    await ann.ok("POST", f"/pairings/{id}/agree", KNOWS)
    assert (await ann.say(id, "Hello, it is good that you are here")).status_code == 201
    assert (await sup.ok("GET", f"/conversations/{id}/messages"))["items"][0]["body"].startswith("Hello")
    assert (await sup.ok("GET", "/pairings"))["items"][0]["new"] == 1
    over = await ann.ok("POST", f"/pairings/{id}/end")
    assert over["pairing"]["state"] == "ended" and "pairing_news" in await kinds(sup)
    for who in (ann, sup):
        refused = await who.say(id, "one more thing")
        assert (refused.status_code, refused.json()["code"]) == (403, "read_only")
        assert (await who.ok("GET", f"/conversations/{id}/messages"))["items"], "each keeps what was said"
    events = (await sup.ok("GET", f"/conversations/{id}/events"))["items"]
    assert [e.get("notice") for e in events][-1] == "pairing_ended"
    assert (await sup.call("POST", f"/pairings/{id}/end")).status_code == 409
    async with home.house.database.read() as conn:
        row = await store.view(conn, MemberId(UUID(ann.id)), ConversationId(UUID(id)))
        acts = await store.acts(conn, ConversationId(UUID(id)))
    assert row is not None
    done: list[Asked | Act] = [
        Asked(cast(MemberId, by), cast(MemberId, by), None) if kind == "asked" else Act(cast(Any, kind), by)
        for kind, by, _ in acts
    ]
    assert replay(zip(done, [at for _, _, at in acts], strict=True)) == row.row.pairing


async def test_agreeing_needs_to_have_been_told(circle: Circle) -> None:
    assert (await circle.refused(circle.ann, knows=0)) == (422, "knows")
    id = (await circle.ask(circle.ann))["id"]
    assert (await circle.sup.call("POST", f"/pairings/{id}/agree", {})).json()["code"] == "knows"
    told = (await circle.ann.ok("GET", "/groups/lighthouse/pairings"))["know"]
    assert told["version"] == 1 and any("whoever is on duty" in sentence for sentence in told["say"])


async def test_nobody_else_finds_a_trace(home: Home, circle: Circle) -> None:
    id = await circle.opened()
    said = (await circle.ann.say(id, "about marmalade, between us")).json()["id"]
    await circle.sup.say(id, f"@{circle.ben.handle} need not know")
    outsider = await home.member()
    for who in (circle.ben, circle.lead, circle.owner, outsider):
        for path in (f"/pairings/{id}", f"/conversations/{id}/messages", f"/conversations/{id}/events"):
            assert (await who.call("GET", path)).status_code == 404, path
        for act in ("end", "agree", "decline", "withdraw", "pass"):
            assert (await who.call("POST", f"/pairings/{id}/{act}", KNOWS)).status_code == 404
        assert (
            await who.call("PUT", f"/pairings/{id}/draft", {"body": "x", "nonce": "n"})
        ).status_code == 404
        assert (await who.call("DELETE", f"/messages/{said}")).status_code == 404
        assert (await who.call("POST", f"/messages/{said}/flags", {"kind": "worried"})).status_code == 404
        assert (await who.say(id, "hello?")).status_code == 404
        assert "marmalade" not in (await who.call("GET", "/search?q=marmalade")).text
        assert (await who.ok("GET", "/pairings"))["items"] == []
    assert (await circle.ann.ok("GET", "/search?q=marmalade"))["items"] == [], "pairings are outside search"
    assert await kinds(circle.ben) == [], "nobody is mentioned out of a pairing"
    group = await circle.ben.ok("GET", "/groups/lighthouse/pairings")
    assert (group["waiting"], group["supporters"], group["has_supporters"]) == ([], [], True)


async def test_a_block_looks_like_an_ask_that_nobody_answered(home: Home, circle: Circle) -> None:
    await circle.lead.ok("PUT", "/groups/lighthouse/pairing-rules", {"caseload": 5, "between_members": True})
    await circle.ben.ok("PUT", f"/me/blocks/{circle.ann.id}")
    to_ben, to_lead = (
        await circle.ask(circle.ann, to=circle.ben.id),
        await circle.ask(circle.ann, to=circle.lead.id),
    )
    known = ("id", "other", "asked_at", "since")
    assert {k: v for k, v in to_ben.items() if k not in known} == {
        k: v for k, v in to_lead.items() if k not in known
    }
    assert await kinds(circle.ben) == [] and await states(circle.ben) == []
    for path in ("", "/agree", "/decline"):
        method = "POST" if path else "GET"
        body = KNOWS if path else None
        assert (await circle.ben.call(method, f"/pairings/{to_ben['id']}{path}", body)).status_code == 404
    assert (await circle.refused(circle.ann, to=circle.ben.id)) == (429, "too_fast")
    assert (await circle.refused(circle.ann, to=circle.lead.id)) == (429, "too_fast")
    await circle.lead.ok("POST", f"/pairings/{to_lead['id']}/decline")
    home.clock.advance(timedelta(days=15).total_seconds())
    await home.house.pairings.sweeping.run()
    assert await states(circle.ann) == ["not_now", "not_now"], "no word whether somebody said no"
    assert await states(circle.ben) == []


async def test_blocking_ends_it_and_asks_of_ones_own_are_taken_back(circle: Circle) -> None:
    id = await circle.between()
    await circle.ann.say(id, "hello")
    await circle.ben.ok("PUT", f"/me/blocks/{circle.ann.id}")
    assert (await circle.ann.ok("GET", f"/pairings/{id}"))["state"] == "ended"
    assert (await circle.ann.say(id, "why?")).status_code == 403
    asked = (await circle.ask(circle.ben, to=circle.lead.id))["id"]
    await circle.ben.ok("PUT", f"/me/blocks/{circle.lead.id}")
    assert (await circle.ben.ok("GET", f"/pairings/{asked}"))["state"] == "withdrawn"
    taken = (await circle.ask(circle.ann))["id"]
    await circle.sup.ok("POST", f"/pairings/{taken}/agree", KNOWS)
    await circle.ann.ok("PUT", f"/me/blocks/{circle.sup.id}")
    assert (await circle.ann.ok("GET", f"/pairings/{taken}"))["state"] == "asked", "somebody else may take it"
    assert (await circle.sup.ok("GET", "/groups/lighthouse/pairings"))["waiting"] == []


async def test_two_members_pair_only_where_the_group_allows_it(home: Home, circle: Circle) -> None:
    assert (await circle.refused(circle.ann, to=circle.ben.id)) == (403, "not_offered")
    id = await circle.between()
    assert (await circle.ben.say(id, "good to hear from you")).status_code == 201
    assert (await circle.refused(circle.ben, to=circle.ann.id)) == (409, "open_already")
    assert (await circle.refused(circle.ann, to=circle.ann.id)) == (422, "oneself")
    late = (await circle.ask(circle.lead, to=circle.ben.id))["id"]
    await circle.lead.ok("PUT", "/groups/lighthouse/pairing-rules", {"caseload": 5})
    changed = await circle.ben.call("POST", f"/pairings/{late}/agree", KNOWS)
    assert (changed.status_code, changed.json()["code"]) == (403, "not_offered"), "rules changed meanwhile"
    assert (await circle.ben.ok("GET", f"/pairings/{id}"))["state"] == "open", "what is open goes on"
    await home.group(circle.owner, "harbour", preset="young-people")
    for who in (circle.ann, circle.ben):
        await who.join("harbour")
    rules = {"caseload": 5, "between_members": True}
    await circle.owner.ok("PUT", "/groups/harbour/pairing-rules", rules)
    body = {**KNOWS, "to": circle.ben.id}
    refused = await circle.ann.call("POST", "/groups/harbour/pairings", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_offered")
    outsider = await home.member()
    assert (await circle.refused(circle.ann, to=outsider.id))[0] == 404


async def test_who_may_not_write_may_not_ask_and_nobody_floods(home: Home, circle: Circle) -> None:
    until = (home.clock.now() + timedelta(hours=1)).isoformat()
    await circle.owner.ok("PUT", f"/groups/lighthouse/members/{circle.ben.id}", {"muted_until": until})
    assert (await circle.refused(circle.ben)) == (403, "paused")
    outsider = await home.member()
    assert (await circle.refused(outsider))[0] == 404
    await circle.ask(circle.ann)
    assert (await circle.refused(circle.ann)) == (409, "waits_already")
    assert (await circle.refused(circle.lead, topic="gossip")) == (422, "invalid")
    for _ in range(5):
        id = (await circle.ask(circle.lead))["id"]
        await circle.lead.ok("POST", f"/pairings/{id}/withdraw")
    assert (await circle.refused(circle.lead)) == (429, "too_fast")


async def test_a_supporter_carries_so_many_and_may_pause(circle: Circle) -> None:
    await circle.lead.ok("PUT", "/groups/lighthouse/pairing-rules", {"caseload": 1})
    await circle.opened()
    second = (await circle.ask(circle.ben))["id"]
    taken = await circle.sup.call("POST", f"/pairings/{second}/agree", KNOWS)
    assert (taken.status_code, taken.json()["code"]) == (409, "caseload")
    await circle.lead.ok("PUT", "/groups/lighthouse/pairing-rules", {"caseload": 2})
    await circle.sup.ok("PUT", "/groups/lighthouse/supporting", {"paused": True})
    taken = await circle.sup.call("POST", f"/pairings/{second}/agree", KNOWS)
    assert (taken.status_code, taken.json()["code"]) == (409, "on_pause")
    me = (await circle.sup.ok("GET", "/groups/lighthouse/pairings"))["me"]
    assert (me["paused"], me["carries"], me["supervisor"]["handle"]) == (True, 1, circle.lead.handle)
    await circle.sup.ok("PUT", "/groups/lighthouse/supporting", {"paused": False})
    await circle.sup.ok("POST", f"/pairings/{second}/agree", KNOWS)
    assert (
        await circle.ben.call("PUT", "/groups/lighthouse/supporting", {"paused": True})
    ).status_code == 403
    for wrong in ({"caseload": 0}, {"caseload": 21}):
        assert (await circle.lead.call("PUT", "/groups/lighthouse/pairing-rules", wrong)).status_code == 422
    assert (
        await circle.ann.call("PUT", "/groups/lighthouse/pairing-rules", {"caseload": 3})
    ).status_code == 403


async def test_supporters_are_named_with_somebody_behind_them(circle: Circle) -> None:
    path = f"/groups/lighthouse/supporters/{circle.ben.id}"
    assert (await circle.ann.call("PUT", path, {"supervisor": circle.lead.id})).status_code == 403
    assert (await circle.lead.call("PUT", path, {"supervisor": circle.ann.id})).status_code == 422
    own = f"/groups/lighthouse/supporters/{circle.lead.id}"
    assert (await circle.lead.call("PUT", own, {"supervisor": circle.lead.id})).status_code == 422
    id = await circle.opened()
    await circle.lead.ok("DELETE", f"/groups/lighthouse/supporters/{circle.sup.id}")
    assert (await circle.ann.ok("GET", f"/pairings/{id}"))["state"] == "ended"
    assert (await circle.refused(circle.ann)) == (409, "nobody_yet")


async def test_a_supporter_offers_and_a_no_is_told_kindly_by_nothing(circle: Circle) -> None:
    offer = await circle.ask(circle.sup, to=circle.ben.id, offers=True)
    assert (offer["mine"], offer["other"]["handle"]) == ("beside", circle.ben.handle)
    assert (await circle.refused(circle.ann, to=circle.ben.id, offers=True)) == (403, "not_a_supporter")
    gone = await circle.ben.ok("POST", f"/pairings/{offer['id']}/decline")
    assert gone["pairing"] is None and await states(circle.ben) == []
    assert (await circle.sup.ok("GET", f"/pairings/{offer['id']}"))["state"] == "not_now"
    second = await circle.ask(circle.sup, to=circle.ann.id, offers=True)
    done = await circle.ann.ok("POST", f"/pairings/{second['id']}/agree", KNOWS)
    assert done["pairing"]["state"] == "open" and done["pairing"]["mine"] == "member"


async def test_handing_over_needs_the_yes_of_both_and_words_stay_behind(circle: Circle) -> None:
    id = await circle.opened()
    await circle.ann.say(id, "only for you")
    await circle.lead.ok(
        "PUT", f"/groups/lighthouse/supporters/{circle.ben.id}", {"supervisor": circle.lead.id}
    )
    refused = await circle.ann.call("POST", f"/pairings/{id}/hand-over", {"to": circle.ben.id})
    assert refused.status_code == 404
    fresh = (await circle.sup.ok("POST", f"/pairings/{id}/hand-over", {"to": circle.ben.id}))["pairing"]["id"]
    assert (await circle.sup.call("POST", f"/pairings/{fresh}/agree", KNOWS)).status_code in (403, 409)
    await circle.ann.ok("POST", f"/pairings/{fresh}/agree", KNOWS)
    assert (await circle.ann.ok("GET", f"/pairings/{id}"))["state"] == "open", "until both have agreed"
    await circle.ben.ok("POST", f"/pairings/{fresh}/agree", KNOWS)
    assert (await circle.ann.ok("GET", f"/pairings/{id}"))["state"] == "ended"
    assert (await circle.ann.say(fresh, "hello again")).status_code == 201
    assert (await circle.ben.call("GET", f"/conversations/{id}/messages")).status_code == 404


async def test_a_cry_in_a_pairing_pages_the_groups_team_and_its_supporter_isnt_alone(
    home: Home, circle: Circle
) -> None:
    id = await circle.opened()
    view = home.house.pairings.pairings
    me, pairing = MemberId(UUID(circle.sup.id)), ConversationId(UUID(id))

    async def told() -> Any:
        return await view.beside(me, (await view.inside(Actor(me), pairing)).view)

    assert await told() is None
    cried = (await circle.ann.say(id, CRY)).json()
    assert cried["outcome"] == "publish_with_support" and cried["support"]
    (case,) = (await circle.owner.ok("GET", "/moderation/cases?lane=care"))["items"]
    assert case["tier"] == "crisis" and case["state"] == "paged"
    found = await told()
    assert found is not None and found.on_duty is False
    async with home.house.database.read() as conn:
        group_team, case_team = await conn.fetchrow(
            "select g.team_id, c.team_id from moderation_case c join peer_group g on g.slug = 'lighthouse'"
        )
    assert group_team == case_team
    home.clock.advance(timedelta(hours=25).total_seconds())
    assert await told() is None


async def test_a_supporters_worry_opens_a_care_case_and_both_flags_work(circle: Circle) -> None:
    id = await circle.opened()
    said = (await circle.ann.say(id, "I will be fine, thank you for everything")).json()["id"]
    await circle.sup.ok("POST", f"/messages/{said}/flags", {"kind": "worried", "note": "she says goodbye"})
    (case,) = (await circle.owner.ok("GET", "/moderation/cases?lane=care"))["items"]
    assert case["tier"] in ("red", "crisis")
    other = (await circle.sup.say(id, "I am here")).json()["id"]
    await circle.ann.ok("POST", f"/messages/{other}/flags", {"kind": "breaks_a_rule"})
    assert len((await circle.owner.ok("GET", "/moderation/cases?lane=conduct"))["items"]) == 1


async def test_a_cry_in_a_note_is_heard_even_where_the_ask_is_refused(circle: Circle) -> None:
    answer = await circle.ann.call("POST", "/groups/lighthouse/pairings", {**KNOWS, "note": CRY})
    assert answer.status_code == 201 and answer.json()["support"]
    refused = await circle.ann.call("POST", "/groups/lighthouse/pairings", {**KNOWS, "note": CRY})
    assert refused.status_code == 409 and refused.json()["support"]
    unkind = {**KNOWS, "note": "kill yourself, nobody would miss you"}
    assert (await circle.ben.call("POST", "/groups/lighthouse/pairings", unkind)).status_code == 422


async def test_edit_react_withdraw_and_drafts_work_as_everywhere(circle: Circle) -> None:
    id = await circle.opened()
    said = (await circle.ann.say(id, "first")).json()["id"]
    edited = await circle.ann.call("PATCH", f"/messages/{said}", {"nonce": "e1", "body": "second"})
    assert edited.status_code == 200
    await circle.sup.ok("PUT", f"/messages/{said}/reactions", {"emoji": REACTIONS[0]})
    assert (
        await circle.ann.call("PUT", f"/pairings/{id}/draft", {"body": "half", "nonce": "n"})
    ).status_code == 204
    assert "half" in (await circle.ann.call("GET", "/me/export")).text
    await circle.ann.call("DELETE", f"/messages/{said}")
    (line,) = (await circle.sup.ok("GET", f"/conversations/{id}/messages"))["items"]
    assert (line["state"], line["body"]) == ("withdrawn", "")


async def test_after_the_end_each_takes_back_their_own_and_both_flags_are_heard(
    home: Home, circle: Circle
) -> None:
    id = await circle.opened()
    mine = (await circle.ann.say(id, "something I'd rather not have said")).json()["id"]
    theirs = (await circle.sup.say(id, "something unkind")).json()["id"]
    await circle.ann.ok("PUT", f"/me/blocks/{circle.sup.id}")
    await circle.ann.ok("DELETE", "/groups/lighthouse/membership")
    await circle.ann.ok("POST", f"/messages/{theirs}/flags", {"kind": "breaks_a_rule"})
    assert (await circle.owner.ok("GET", "/moderation/cases?lane=conduct"))["items"]
    assert (await circle.sup.call("DELETE", f"/messages/{mine}")).status_code == 404
    await circle.owner.ok("DELETE", "/groups/lighthouse")
    assert (await circle.ann.call("DELETE", f"/messages/{mine}")).status_code == 204
    lines = (await circle.sup.ok("GET", f"/conversations/{id}/messages"))["items"]
    assert [line["state"] for line in lines if line["id"] == mine] == ["withdrawn"]
    emoji = {"emoji": REACTIONS[0]}
    assert (await circle.sup.call("PUT", f"/messages/{theirs}/reactions", emoji)).status_code in (403, 404)


async def test_unread_words_are_told_of_once_and_without_a_word_of_them(home: Home, circle: Circle) -> None:
    id = await circle.opened()
    sweeping = home.house.pairings.sweeping
    for n in range(2):
        await circle.ann.say(id, f"marmalade {n}")
        home.clock.advance(61)
        await sweeping.run()
        await sweeping.run()
    notices = [n for n in (await circle.sup.ok("GET", "/me/notices"))["items"] if n["kind"] == "pairing_said"]
    assert len(notices) == 1 and "marmalade" not in str(notices) and circle.ann.handle not in str(notices)


async def test_leaving_the_group_and_being_erased_end_it(home: Home, circle: Circle) -> None:
    id = await circle.opened()
    await circle.ann.ok("DELETE", "/groups/lighthouse/membership")
    await home.house.pairings.sweeping.run()
    assert (await circle.sup.ok("GET", f"/pairings/{id}"))["state"] == "ended"
    assert (await circle.sup.say(id, "hello?")).status_code == 403
    await circle.ben.join()
    second = (await circle.ask(circle.ben))["id"]
    await circle.sup.ok("POST", f"/pairings/{second}/agree", KNOWS)
    await circle.ben.ok("POST", f"/pairings/{second}/agree", KNOWS)
    await circle.ben.say(second, "marmalade")
    await home.house.erasure.erase(MemberId(UUID(circle.ben.id)))
    seen = await circle.sup.ok("GET", f"/pairings/{second}")
    assert seen["state"] == "ended" and seen["other"] == {"id": None, "handle": None}
    text = (await circle.sup.call("GET", f"/conversations/{second}/messages")).text
    assert "marmalade" not in text and circle.ben.id not in text
    await home.house.erasure.erase(MemberId(UUID(circle.sup.id)))


async def test_an_export_holds_ones_own_and_nothing_of_the_other(circle: Circle) -> None:
    id = await circle.opened()
    await circle.sup.say(id, "words of the other")
    await circle.ann.say(id, "words of mine")
    out = (await circle.ann.call("GET", "/me/export")).text
    assert id in out and "words of mine" in out
    assert "words of the other" not in out and circle.sup.handle not in out
