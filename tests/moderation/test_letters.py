"""Private words between a member and the team: judged like all others, heard by the case, asked again kindly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from community.judging import Words
from moderation.casework.follow_ups import due_times, in_daytime
from moderation.casework.phrases import is_personal, offered, phrases
from tests.home import CONSENTS, CRY, Caller, Home
from tests.moderation.team import RED, act, holds, only_case, queue

WORDS = "Hello Ann, I read what you wrote about tonight. I am here with you, what happened before?"


async def write(by: Caller, case: dict[str, Any], body: str = WORDS, **more: Any) -> Any:
    version = (await by.ok("GET", f"/moderation/cases/{case['id']}"))["version"]
    sent = {"version": version, "nonce": uuid4().hex, "body": body, **more}
    return await by.call("POST", f"/moderation/cases/{case['id']}/messages", sent)


async def test_human_words_reach_the_member_and_stop_the_words_clock(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    case = await act(operator, await only_case(operator), "claim")
    assert (await write(operator, case)).status_code == 201
    after = await only_case(operator)
    assert after["state"] == "with_person"
    assert after["history"][-1]["act"] == "spoke"
    (place,) = (await ann.ok("GET", "/me/letters"))["items"]
    (said,) = (await ann.ok("GET", f"/conversations/{place['id']}/messages"))["items"]
    assert said["body"] == WORDS
    assert [n["kind"] for n in (await ann.ok("GET", "/me/notices"))["items"]][:1] == ["letter"]
    assert (await ben.call("GET", f"/conversations/{place['id']}/messages")).status_code == 404
    await holds(home)


async def test_no_answer_for_15_minutes_in_a_crisis_pages_the_lead(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    case = await act(operator, await only_case(operator), "claim")
    await write(operator, case)
    home.clock.advance(timedelta(minutes=14))
    assert await home.house.case_clocks.run() == 0
    home.clock.advance(timedelta(minutes=2))
    assert await home.house.case_clocks.run() == 1
    history = (await only_case(operator))["history"]
    assert [h["parameters"].get("reason") for h in history[-2:]] == ["no_answer", "no_answer"]
    await holds(home)


async def test_an_answer_starts_the_words_clock_again(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, RED)
    case = await act(operator, await only_case(operator), "claim")
    await write(operator, case)
    (place,) = (await ann.ok("GET", "/me/letters"))["items"]
    await ann.say(place["id"], "it was the letter from the office that did it")
    after = await only_case(operator)
    assert (after["state"], after["history"][-1]["act"]) == ("with_person", "answered")
    assert datetime.fromisoformat(after["due_at"]) == home.clock.now() + timedelta(hours=1)


async def test_who_writes_back_after_the_end_is_read_in_calm_hours(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, RED)
    case = await act(operator, await only_case(operator), "claim")
    await write(operator, case)
    await act(operator, case, "close", reason="she is with her sister", kind="safe_now")
    (place,) = (await ann.ok("GET", "/me/letters"))["items"]
    await ann.say(place["id"], "thank you for staying with me")
    again = await only_case(operator)
    assert (again["id"], again["state"], again["tier"]) == (case["id"], "open", "amber")
    await holds(home)


async def test_a_bare_template_is_not_sent(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, RED)
    case = await act(operator, await only_case(operator), "claim")
    bare = (await operator.ok("GET", "/moderation/templates"))["items"][0]["text"]
    answer = await write(operator, case, bare)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_personal")
    own = bare + " You wrote about your brother and the empty kitchen; tell me about him."
    assert (await write(operator, case, own)).status_code == 201


async def test_a_letter_on_a_stale_version_is_refused_and_a_resend_gets_the_first_answer(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, RED)
    case = await act(operator, await only_case(operator), "claim")
    path = f"/moderation/cases/{case['id']}/messages"
    first = await operator.call("POST", path, {"version": case["version"], "nonce": "n", "body": WORDS})
    again = await operator.call("POST", path, {"version": case["version"], "nonce": "n", "body": WORDS})
    other = await operator.call("POST", path, {"version": case["version"], "nonce": "m", "body": WORDS})
    assert (again.json()["id"], again.json()["again"]) == (first.json()["id"], True)
    assert other.status_code == 409


async def test_a_cry_in_a_letter_grows_the_same_case_and_pages(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, RED)
    case = await act(operator, await only_case(operator), "claim")
    await write(operator, case)
    (place,) = (await ann.ok("GET", "/me/letters"))["items"]
    sent = (await ann.say(place["id"], CRY)).json()
    assert sent["support"]
    assert (await only_case(operator))["tier"] == "crisis"
    seen = await only_case(operator)
    assert (seen["sealed"], seen["context"]) == (True, {"before": [], "after": []}), (
        "private words stay private"
    )


@pytest.mark.parametrize("phrase", phrases(), ids=lambda p: f"{p.language}-{p.id}")
async def test_no_template_reads_like_a_cry_of_whoever_writes_it(home: Home, phrase: Any) -> None:
    judged = home.house.gate.judge(Words(phrase.text, "pairing"))
    assert not judged.has_care
    assert judged.decision.outcome.name == "publish"


def test_only_what_answers_the_person_is_personal() -> None:
    shipped = offered("en")
    assert not is_personal(shipped[0].text)
    assert not is_personal("Hello {name}, how are you today my dear friend over there?")
    assert is_personal("I saw the part about the train. Are you home?")


def test_follow_ups_fall_into_the_members_daytime_also_when_clocks_change() -> None:
    night = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)  # London changes its clocks on the 29th
    first, second = due_times(night, "Europe/London")
    assert first == datetime(2026, 3, 29, 8, 0, tzinfo=UTC), "nine o'clock of summer"
    assert second == datetime(2026, 3, 31, 8, 0, tzinfo=UTC)
    noon = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    assert in_daytime(noon, "Europe/London") == noon
    assert in_daytime(noon, "Nowhere/At-all") == noon


async def test_follow_ups_need_consent_and_happen_once(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    cat = await home.member(consents={**CONSENTS, "follow_up": 1})
    await cat.join()
    await ann.say(room, RED)
    case = await act(operator, await only_case(operator), "claim")
    answer = await operator.call(
        "POST", f"/moderation/cases/{case['id']}/follow-up", {"version": case["version"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "no_consent")
    await ann.call("PUT", "/me/follow-ups", {"wanted": True})
    planned = (await act(operator, case, "follow-up"))["items"]
    assert len(planned) == 2
    home.clock.advance(timedelta(hours=25))
    assert (await home.house.follow_up_job.run(), await home.house.follow_up_job.run()) == (1, 0)
    assert "follow_up" in [n["kind"] for n in (await ann.ok("GET", "/me/notices"))["items"]]
    await ann.call("PUT", "/me/follow-ups", {"wanted": False})
    home.clock.advance(timedelta(hours=60))
    assert await home.house.follow_up_job.run() == 0
    await holds(home)


async def test_what_is_planned_for_a_case_is_planned_for_the_one_it_is_joined_into(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    for one in (ann, ben):
        await one.call("PUT", "/me/follow-ups", {"wanted": True})
        await one.say(room, RED)
    first, second = await queue(operator)
    await act(operator, first, "claim")
    assert len((await act(operator, first, "follow-up"))["items"]) == 2
    await act(operator, first, "merge", into=second["id"], reason="one person, two names")
    home.clock.advance(timedelta(hours=25))
    assert await home.house.follow_up_job.run() == 1
    told = [n["kind"] for one in (ann, ben) for n in (await one.ok("GET", "/me/notices"))["items"]]
    assert told.count("follow_up") == 1
    await holds(home)


def test_every_language_has_every_beginning_and_says_what_a_machine_drafted() -> None:
    found = {(p.language, p.id): p for p in phrases()}
    languages, ids = {language for language, _ in found}, {id for _, id in found}
    assert languages == {"en", "de", "fr", "es", "pt", "ar"}
    assert set(found) == {(language, id) for language in languages for id in ids}
    assert all(p.draft == (p.language != "en") for p in phrases())
    assert {p.language for p in offered("pt-BR")} == {"pt"}
    assert len({found["en", id].when for id in ids} - {p.when for p in offered("ar")}) == 0


def test_a_beginning_in_another_language_than_the_members_is_a_bare_beginning_too() -> None:
    assert not is_personal(next(p for p in phrases() if p.language == "ar").text)
