"""Two flags, two lanes, and no number of them silences anyone."""

from __future__ import annotations

from tests.home import CRY, Caller, Home


async def queue(operator: Caller, lane: str) -> list[dict[str, object]]:
    return list((await operator.ok("GET", f"/moderation/cases?lane={lane}"))["items"])


async def test_a_worried_flag_opens_a_red_care_case_about_the_author(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "see you around")).json()["id"]
    await ben.ok("POST", f"/messages/{id}/flags", {"kind": "worried"})
    (case,) = await queue(operator, "care")
    assert (case["tier"], case["state"]) == ("red", "paged")
    assert await queue(operator, "conduct") == []


async def test_a_worried_note_that_says_crisis_makes_it_one(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "see you around")).json()["id"]
    note = "she told me she has taken all her tablets an hour ago"
    await ben.ok("POST", f"/messages/{id}/flags", {"kind": "worried", "note": note})
    cases = await queue(operator, "care")
    seen = [await operator.ok("GET", f"/moderation/cases/{c['id']}") for c in cases]
    about_ann = next(s for s in seen if s["subject"]["id"] == ann.id)
    assert about_ann["tier"] == "crisis"


async def test_three_worried_friends_do_not_hide_the_person_they_worry_about(home: Home) -> None:
    operator, room, members = await home.community(4)
    ann, *friends = members
    id = (await ann.say(room, "see you around")).json()["id"]
    for friend in friends:
        await friend.ok("POST", f"/messages/{id}/flags", {"kind": "worried"})
        await friend.ok("POST", f"/messages/{id}/flags", {"kind": "breaks_a_rule"})
    assert len(await queue(operator, "care")) == len(await queue(operator, "conduct")) == 1
    (message,) = (await friends[0].ok("GET", f"/conversations/{room}/messages"))["items"]
    assert message["state"] == "visible"
    assert (await ann.say(room, "still here")).status_code == 201


async def test_a_flag_on_what_one_may_not_read_is_a_flag_on_nothing(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    stranger = await home.member()
    id = (await ann.say(room, "inside")).json()["id"]
    assert (await stranger.call("POST", f"/messages/{id}/flags", {"kind": "worried"})).status_code == 404
    assert await queue(operator, "care") == []


async def test_a_flag_and_a_finding_fold_into_one_case(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    id = (await ann.say(room, CRY)).json()["id"]
    await ben.ok("POST", f"/messages/{id}/flags", {"kind": "worried"})
    (case,) = await queue(operator, "care")
    assert case["tier"] == "crisis", "folding never lowers a tier"


async def test_the_desk_does_not_exist_for_members(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    (case,) = await queue(operator, "care")
    for path in (
        "/moderation/cases",
        f"/moderation/cases/{case['id']}",
        "/moderation/stream",
        "/moderation/team",
    ):
        assert (await ben.call("GET", path)).status_code == 404
    act = await ben.call("POST", f"/moderation/cases/{case['id']}/claim", {"version": case["version"]})
    assert act.status_code == 404


async def test_a_moderator_never_sees_the_case_about_themselves(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await operator.ok("PUT", f"/moderation/team/{ben.id}", {"care": True, "conduct": True})
    await ben.say(room, CRY)
    await ann.say(room, CRY)
    shown = await queue(ben, "care")
    assert len(await queue(operator, "care")) == 2
    assert len(shown) == 1
    hidden = next(c for c in await queue(operator, "care") if c["id"] != shown[0]["id"])
    assert (await ben.call("GET", f"/moderation/cases/{hidden['id']}")).status_code == 404
