"""Questions in the whole house: judged like all words, answered, and a cry among them heard; wishes over the API."""

from __future__ import annotations

from tests.home import CRY, Caller, Home

QUESTIONS = "/groups/lighthouse/questions"


async def test_a_question_and_its_answer_pass_the_gate_and_reach_each_other(home: Home) -> None:
    operator, _, _ = await home.community(0)
    asker = await home.member("shy-otter")
    await asker.ok("POST", QUESTIONS, {"words": "May I only read at first?"})
    [asked] = (await operator.ok("GET", QUESTIONS))["items"]
    assert asked["words"] == "May I only read at first?" and asked["asker"]["handle"] == "shy-otter"
    await operator.ok("POST", f"{QUESTIONS}/{asker.id}/answers", {"words": "Of course you may."})
    said = (await asker.ok("GET", f"{QUESTIONS}/mine"))["items"]
    assert [one["words"] for one in said][-1] == "Of course you may." and said[-1]["by"] == operator.handle
    assert "answer" in [n["kind"] for n in (await asker.ok("GET", "/me/notices"))["items"]]
    assert (await asker.call("GET", QUESTIONS)).status_code == 403


async def test_a_cry_in_a_question_brings_a_card_and_a_case(home: Home) -> None:
    operator, _, _ = await home.community(0)
    asker = await home.member()
    answer = await asker.ok("POST", QUESTIONS, {"words": CRY})
    assert answer["support"]["lines"], "a card at once"
    async with home.house.database.read() as conn:
        [(tier, member)] = [
            tuple(row)
            for row in await conn.fetch("select tier, member_id from moderation_case where lane = 'care'")
        ]
    assert tier == "crisis" and str(member) == asker.id
    shown = (await operator.ok("GET", QUESTIONS))["items"]
    assert len(shown) == 1, "and the people who were asked see it too"


async def test_a_cry_to_a_group_that_cannot_be_asked_is_heard_all_the_same(home: Home) -> None:
    await home.community(0)
    asker = await home.member()
    answer = await asker.call("POST", "/groups/nowhere/questions", {"words": CRY})
    assert answer.status_code == 404 and answer.json()["support"]["lines"]
    for n in range(3):
        await asker.ok("POST", QUESTIONS, {"words": f"question {n}"})
    full = await asker.call("POST", QUESTIONS, {"words": CRY})
    assert full.status_code == 429 and "support" in full.json()
    async with home.house.database.read() as conn:
        assert await conn.fetchval("select count(*) from moderation_case where lane = 'care'") == 1


async def test_a_phone_number_in_an_answer_is_hidden_or_asked_to_be_left_out(home: Home) -> None:
    operator, _, _ = await home.community(0)
    asker = await home.member()
    await asker.ok("POST", QUESTIONS, {"words": "How do I reach you?"})
    sent = await operator.call(
        "POST", f"{QUESTIONS}/{asker.id}/answers", {"words": "Ring 07700 900123 any time"}
    )
    said = (await asker.ok("GET", f"{QUESTIONS}/mine"))["items"]
    assert sent.status_code in (201, 422) and "07700 900123" not in str(said)


async def test_wishes_are_changed_by_parts_and_come_with_the_export(home: Home) -> None:
    ann = await home.member()
    assert await ann.ok("GET", "/me/wishes") == {"words": [], "opened": [], "hidden": [], "break_until": None}
    await ann.ok("PATCH", "/me/wishes", {"words": ["gin"], "hidden": ["suicide"]})
    after = await ann.ok(
        "PATCH", "/me/wishes", {"opened": ["suicide", "self-harm"], "break_until": "2026-01-07T00:00:00Z"}
    )
    assert after["words"] == ["gin"] and after["hidden"] == ["suicide"] and after["opened"] == ["self-harm"]
    assert after["break_until"] == "2026-01-07T00:00:00Z"
    assert (await ann.call("PATCH", "/me/wishes", {"break_until": "2020-01-01T00:00:00Z"})).status_code == 422
    assert (await ann.ok("PATCH", "/me/wishes", {"break_until": None}))["break_until"] is None
    assert (await ann.ok("GET", "/me/export"))["wishes"]["words"] == ["gin"]


async def test_a_room_folds_muted_words_and_hides_warnings_for_their_reader_alone(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    await bob.say(room, "a glass of gin")
    await bob.say(room, "a heavy thing", warnings=["suicide"])
    await ann.ok("PATCH", "/me/wishes", {"words": ["gin"], "hidden": ["suicide"]})

    async def page(who: Caller) -> str:
        answer = await home.http.get(f"/rooms/{room}", headers={"authorization": f"Bearer {who.token}"})
        return answer.text

    seen, others = await page(ann), await page(bob)
    assert "a word that you muted" in seen and "a glass of gin" in seen, "folded, not gone"
    assert "Hidden, as you chose: suicide" in seen and "a heavy thing" not in seen
    assert "a word that you muted" not in others and "a heavy thing" in others
