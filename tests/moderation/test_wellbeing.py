"""Moderators are people: a budget, breaks that never leave a crisis alone, practice without marks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from community.ids import CaseId, MemberId, new_id
from moderation.carers.practice import exercises, feedback, next_for
from moderation.carers.wellbeing import BREAK, budget
from moderation.desk import consoles
from moderation.desk.ground import Who
from moderation.store import wellbeing
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


async def test_a_console_that_is_open_when_a_break_begins_hears_no_more_of_cases_until_it_is_over(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator, room, people = await home.community(7)
    mod, other = await moderator(home, operator), await moderator(home, operator)
    for person in people[:6]:
        await person.say(room, RED)
    rows = await queue(mod)
    await act(mod, rows[0]["id"], "claim")
    who = Who(MemberId(UUID(mod.id)), False)
    stream = home.house.consoles.stream(lambda case: home.house.desk.version_for(who, case))
    assert b"retry" in await anext(stream)
    for row in rows[:5]:
        await mod.ok("GET", f"/moderation/cases/{row['id']}")
    await act(other, rows[1]["id"], "note", text="his sister rang")
    assert rows[1]["id"].encode() in await anext(stream)
    await mod.ok("GET", f"/moderation/cases/{rows[5]['id']}")  # the sixth: a break begins
    await act(other, rows[1]["id"], "note", text="she comes at eight")
    await people[6].say(room, CRY)
    await act(operator, rows[0]["id"], "note", text="this one is yours")
    assert rows[0]["id"].encode() in await anext(stream), "what they hold, and nothing before it"
    await home.house.oncall.escalator.run()  # everybody else is asked
    home.clock.advance(timedelta(minutes=10))
    for one in (operator, other):
        async with home.house.database.transaction() as tx:
            await wellbeing.add_break(
                tx,
                MemberId(UUID(one.id)),
                starts=home.clock.now(),
                ends=home.clock.now() + BREAK,
                why="budget",
            )
    await home.house.oncall.escalator.run()
    crisis = next(row for row in await queue(operator) if row["tier"] == "crisis")
    home.house.bus.ring("desk", CaseId(UUID(crisis["id"])))
    assert crisis["id"].encode() in await anext(stream), (
        "when nobody else is there they are asked, and hear it"
    )
    monkeypatch.setattr(consoles, "HEARTBEAT_S", 0.01)
    home.house.bus.ring("desk", CaseId(UUID(rows[1]["id"])))
    home.clock.advance(timedelta(minutes=6))
    while (said := await asyncio.wait_for(anext(stream), 5)).startswith(b":"):
        pass
    assert said == consoles.LOOK, "what happened meanwhile is in the queue"
    await stream.aclose()  # type: ignore[attr-defined]


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
