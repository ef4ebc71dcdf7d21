"""Edit, withdraw, react, mask and remove: every change is an event, and later readers lose the text as well."""

from __future__ import annotations

from typing import Any

from tests.home import CRY, Caller, Home
from tests.moderation.team import holds


async def events(caller: Caller, room: str) -> list[dict[str, Any]]:
    return list((await caller.ok("GET", f"/conversations/{room}/events?after=0"))["items"])


async def test_an_edit_is_judged_again_and_shows_everywhere(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "good moring")).json()["id"]
    edited = await ann.call("PATCH", f"/messages/{id}", {"nonce": "e1", "body": "good morning"})
    assert (edited.status_code, edited.json()["outcome"], edited.json()["seq"]) == (200, "publish", 2)
    shown = await events(ben, room)
    assert [(e["kind"], e["body"]) for e in shown] == [("message", "good morning"), ("edit", "good morning")]
    again = await ann.call("PATCH", f"/messages/{id}", {"nonce": "e1", "body": "good morning"})
    assert again.json()["again"] is True
    assert len(await events(ben, room)) == 2


async def test_a_decision_on_words_that_were_edited_meanwhile_is_a_conflict(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "meet me at the old mill")).json()["id"]
    await ben.ok("POST", f"/messages/{id}/flags", {"kind": "breaks_a_rule"})
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=conduct"))["items"]
    edit = {"nonce": "e", "body": "oh well, let us meet at the old mill"}
    assert (await ann.call("PATCH", f"/messages/{id}", edit)).status_code == 200
    body = {"decision": "mask", "reason": "a place", "message": id, "spans": [[11, 23]]}
    path = f"/moderation/cases/{case['id']}"
    late = await operator.call("POST", path + "/decide", {"version": case["version"], **body})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert (await events(ben, room))[-1]["body"] == edit["body"], "nothing was hidden"
    assert (await operator.ok("GET", path))["history"][-1]["act"] == "edited"
    await decided(operator, case["id"], "mask", message=id, spans=[[24, 36]])
    assert (await events(ben, room))[-1]["body"] == "oh well, let us meet at […]"
    await holds(home)


async def test_an_edit_in_a_care_case_shows_in_its_history_and_lowers_nothing(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    id = (await ann.say(room, CRY)).json()["id"]
    (before,) = (await operator.ok("GET", "/moderation/cases?lane=care"))["items"]
    await ann.call("PATCH", f"/messages/{id}", {"nonce": "e", "body": "never mind, the sun is out"})
    after = await operator.ok("GET", f"/moderation/cases/{before['id']}")
    assert after["history"][-1]["act"] == "edited" and after["version"] > before["version"]
    assert all(after[name] == before[name] for name in ("tier", "state", "due_at"))
    await holds(home)


async def test_a_cry_edited_into_a_message_opens_a_case(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    id = (await ann.say(room, "hello all")).json()["id"]
    edited = (await ann.call("PATCH", f"/messages/{id}", {"nonce": "e1", "body": CRY})).json()
    assert (edited["outcome"], bool(edited["support"])) == ("publish_with_support", True)
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=care"))["items"]
    assert case["tier"] == "crisis"


async def test_withdrawing_takes_the_words_from_replay_history_and_search(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "my secret is marmalade " + CRY)).json()["id"]
    assert (await ann.call("DELETE", f"/messages/{id}")).status_code == 204
    assert (await ann.call("DELETE", f"/messages/{id}")).status_code == 204
    shown = await events(ben, room)
    assert [(e["kind"], e.get("body", "")) for e in shown] == [("message", ""), ("withdraw", "")]
    assert "marmalade" not in (await ben.call("GET", f"/conversations/{room}/messages")).text
    assert "marmalade" not in (await ben.call("GET", "/search?q=marmalade")).json().get("items", [])
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=care"))["items"]
    seen = await operator.ok("GET", f"/moderation/cases/{case['id']}")
    assert seen["tier"] == "crisis"
    assert "withdrew" in [h["act"] for h in seen["history"]]
    assert "marmalade" in seen["messages"][0]["own"]


async def test_nobody_changes_the_words_of_somebody_else(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "mine")).json()["id"]
    assert (await ben.call("PATCH", f"/messages/{id}", {"nonce": "x", "body": "yours"})).status_code == 404
    assert (await ben.call("DELETE", f"/messages/{id}")).status_code == 404
    assert [e["body"] for e in await events(ann, room)] == ["mine"]


async def test_a_reaction_is_an_event_once(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "made it through the day")).json()["id"]
    for _ in range(2):
        assert (await ben.call("PUT", f"/messages/{id}/reactions", {"emoji": "🌱"})).status_code == 204
    assert (await ben.call("PUT", f"/messages/{id}/reactions", {"emoji": "👎"})).status_code == 422
    shown = await events(ann, room)
    assert [(e["kind"], e.get("emoji"), e.get("on")) for e in shown[1:]] == [("react", "🌱", True)]
    (message,) = (await ann.ok("GET", f"/conversations/{room}/messages"))["items"]
    assert message["reactions"] == {"🌱": [ben.id]}


async def test_masking_hides_a_part_from_readers_and_not_from_its_author(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "meet me at the old mill")).json()["id"]
    await ben.ok("POST", f"/messages/{id}/flags", {"kind": "breaks_a_rule"})
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=conduct"))["items"]
    await operator.ok(
        "POST",
        f"/moderation/cases/{case['id']}/decide",
        {
            "version": case["version"],
            "decision": "mask",
            "reason": "a place",
            "message": id,
            "spans": [[11, 23]],
        },
    )
    (message, masked) = await events(ben, room)
    assert (message["body"], message["state"], masked["kind"]) == ("meet me at […]", "masked", "mask")
    (own,) = (await ann.ok("GET", f"/conversations/{room}/messages"))["items"]
    assert own["own"] == "meet me at the old mill"
    (other,) = (await ben.ok("GET", f"/conversations/{room}/messages"))["items"]
    assert "own" not in other


async def test_removing_takes_it_off_every_screen_and_tells_its_author(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "buy my wobblefish oil")).json()["id"]
    await ben.ok("POST", f"/messages/{id}/flags", {"kind": "breaks_a_rule"})
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=conduct"))["items"]
    decided = await operator.ok(
        "POST",
        f"/moderation/cases/{case['id']}/decide",
        {"version": case["version"], "decision": "remove", "reason": "sale"},
    )
    assert decided["state"] == "decided"
    assert "wobblefish" not in (await ben.call("GET", f"/conversations/{room}/events?after=0")).text
    notices = (await ann.ok("GET", "/me/notices"))["items"]
    assert "removed" in [n["kind"] for n in notices]
    appeal = await ann.ok("POST", "/appeals", {"decision": id, "text": "It was a joke, sorry."})
    assert appeal["state"] == "open"
    same = await operator.call(
        "POST",
        f"/moderation/cases/{case['id']}/decide",
        {"version": decided["version"] + 1, "decision": "publish", "reason": "hm"},
    )
    assert (same.status_code, same.json()["code"]) == (403, "same_person")


async def decided(operator: Caller, case: str, decision: str, **more: Any) -> None:
    version = (await operator.ok("GET", f"/moderation/cases/{case}"))["version"]
    body = {"version": version, "decision": decision, "reason": "seen", **more}
    await operator.ok("POST", f"/moderation/cases/{case}/decide", body)


async def test_an_edit_doesnt_uncover_what_a_person_has_hidden(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "my cousin Wobblefish is at home")).json()["id"]
    await ben.ok("POST", f"/messages/{id}/flags", {"kind": "breaks_a_rule"})
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=conduct"))["items"]
    await decided(operator, case["id"], "mask", message=id, spans=[[10, 20]])
    body = "my cousin Wobblefish is at home!"
    edited = await ann.call("PATCH", f"/messages/{id}", {"nonce": "e1", "body": body})
    assert (edited.status_code, edited.json()["outcome"]) == (202, "hold")
    assert "Wobblefish" not in str(await events(ben, room))
    async with home.house.database.transaction() as tx:  # many earlier texts don't hide the one that waits
        await tx.execute(
            """
            insert into revision (message_id, n, state, body, shown, verdict_id, at)
            select message_id, n - 1 - g, 'past', 'x', 'x', verdict_id, at
            from revision, generate_series(1, 250) g
            where state = 'pending'
            """
        )
    await decided(operator, case["id"], "publish", message=id)
    assert (await events(ben, room))[-1]["body"] == body


async def test_a_cry_edited_into_a_message_that_was_taken_down_reaches_a_person(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    id = (await ann.say(room, "hello all")).json()["id"]
    async with home.house.database.transaction() as tx:
        await home.house.gate.edits.remove(tx, id, now=home.clock.now(), reason="person")
    plain = await ann.call("PATCH", f"/messages/{id}", {"nonce": "e0", "body": "hello again"})
    assert (plain.status_code, "support" in plain.json()) == (404, False)
    edited = await ann.call("PATCH", f"/messages/{id}", {"nonce": "e1", "body": CRY})
    assert (edited.status_code, bool(edited.json()["support"])) == (404, True)
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=care"))["items"]
    seen = await operator.ok("GET", f"/moderation/cases/{case['id']}")
    assert (case["tier"], seen["messages"][0]["own"]) == ("crisis", CRY)
