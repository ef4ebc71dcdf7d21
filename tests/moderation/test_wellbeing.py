"""Moderators are people: a budget, breaks that never leave a crisis alone, practice without marks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from community.ids import CaseId, new_id
from moderation.carers.practice import exercises, feedback, next_for
from moderation.carers.wellbeing import budget
from moderation.store.wellbeing import View
from tests.home import CRY, Home
from tests.moderation.team import RED, act, moderator, queue, refused

START = datetime(2026, 1, 5, 22, 0, tzinfo=UTC)


def view(minutes: float, case: CaseId, tier: str = "red") -> View:
    return View(case, tier, START + timedelta(minutes=minutes))


def test_six_urgent_cases_or_an_hour_of_them_spend_the_budget() -> None:
    cases = [CaseId(new_id()) for _ in range(6)]
    assert not budget([view(n, c) for n, c in enumerate(cases[:5])]).spent
    assert budget([view(n, c) for n, c in enumerate(cases)]).spent
    assert not budget([view(n, c, "amber") for n, c in enumerate(cases)]).spent
    hour = budget([view(n * 4, cases[0]) for n in range(16)])
    assert (hour.items, hour.minutes, hour.spent) == (1, 65, True)


async def test_a_spent_budget_is_a_break_that_a_crisis_may_still_ask_into(home: Home) -> None:
    operator, room, people = await home.community(6)
    mod = await moderator(home, operator)
    for n, person in enumerate(people):
        await person.say(room, CRY if n == 0 else RED)
    rows = await queue(mod)
    for row in rows:
        await mod.ok("GET", f"/moderation/cases/{row['id']}")
    carried = await mod.ok("GET", "/moderation/wellbeing")
    assert carried["break_until"] is not None
    assert await refused(mod, rows[0]["id"], "claim") == (409, "on_break")
    taken = await act(mod, rows[0]["id"], "claim", anyway=True)
    assert taken["owner"]["id"] == mod.id, "never a crisis with nobody"
    home.clock.advance(timedelta(minutes=16))
    assert (await mod.ok("GET", "/moderation/wellbeing"))["items"] == 0
    assert (await act(mod, rows[1]["id"], "claim"))["owner"]["id"] == mod.id
    load = (await operator.ok("GET", "/moderation/load"))["items"]
    assert [(who["member"]["id"], who["breaks"]) for who in load] == [(mod.id, 1)]
    await act(mod, rows[0]["id"], "close", reason="she is with her mother", kind="safe_now")
    (offer,) = (await mod.ok("GET", "/moderation/debriefs"))["items"]
    answer = await mod.call("POST", f"/moderation/debriefs/{offer['id']}", {"taken": True})
    assert answer.status_code == 204


async def test_practice_gives_feedback_and_begins_again_with_the_oldest(home: Home) -> None:
    operator = await home.operator()
    first = await operator.ok("GET", "/moderation/practice")
    assert set(first) == {"id", "text", "preset"}, "the answer isn't given away"
    said = await operator.ok("POST", f"/moderation/practice/{first['id']}", {"tier": "crisis"})
    assert said["say"] and said["right"] is (said["tier"] == "crisis")
    assert (await operator.ok("GET", "/moderation/practice"))["id"] != first["id"]
    every = [e.id for e in exercises()]
    again = next_for(every[1:] + every[:1])
    assert again is not None and again.id == every[1]


def test_feedback_never_shames() -> None:
    for exercise in exercises():
        for tier in ("green", "amber", "red", "crisis"):
            assert "wrong" not in feedback(exercise, tier).lower()
