"""Long cases: their page stays small and costs the same, and nothing of them is out of reach."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from community import database
from moderation.desk import looking
from tests.home import Home
from tests.moderation.team import AMBER, act, only_case


async def test_a_long_case_shows_its_latest_messages_and_earlier_ones_when_asked(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SHOWN_MAX", 3)
    operator, room, (ann, _) = await home.community()
    said = []
    for n in range(7):
        said.append((await ann.say(room, f"{AMBER}, night {n}")).json()["id"])
        home.clock.advance(1)
    case = await only_case(operator)
    seen: list[list[str]] = []
    while True:
        assert case["message_count"] == 7
        seen.insert(0, [m["id"] for m in case["messages"]])
        assert {f["message"] for f in case["findings"]} == set(seen[0])
        if case["messages_before"] is None:
            break
        case = await operator.ok("GET", f"/moderation/cases/{case['id']}?before={case['messages_before']}")
    assert seen == [said[:1], said[1:4], said[4:]]


async def test_a_page_of_a_case_reads_as_often_for_many_messages_as_for_few(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator, room, (ann, _) = await home.community()
    count = 0
    really: Callable[..., Awaitable[Any]] = database._Statements._run

    async def counted(self: Any, ask: Any) -> Any:
        nonlocal count
        count += 1
        return await really(self, ask)

    monkeypatch.setattr(database._Statements, "_run", counted)
    needed = []
    for more in (2, 60):
        for n in range(more):
            await ann.say(room, f"{AMBER}, night {n}")
        case = await only_case(operator)
        await act(operator, case, "note", text="a word for whoever comes next")
        await only_case(operator)  # the look itself is counted on once a while: not in this reading
        count = 0
        seen = await operator.ok("GET", f"/moderation/cases/{case['id']}")
        needed.append(count)
    assert needed[0] == needed[1]
    assert (len(seen["messages"]), seen["message_count"]) == (looking.SHOWN_MAX, 62)


async def test_a_long_history_shows_its_newest_part(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "HISTORY_MAX", 4)
    operator, room, (ann, _) = await home.community()
    await ann.say(room, AMBER)
    case = await only_case(operator)
    for n in range(5):
        await act(operator, case, "note", text=f"note {n}")
    shown = (await only_case(operator))["history"]
    assert [(h["n"], h["note"]) for h in shown] == [(n + 2, f"note {n}") for n in range(1, 5)]


async def test_a_decision_can_be_made_on_a_message_that_is_not_among_the_latest(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SHOWN_MAX", 1)
    operator, room, (ann, _) = await home.community()
    first = (await ann.say(room, f"{AMBER}, on Elm Lane")).json()["id"]
    await ann.say(room, AMBER)
    case = await only_case(operator)
    await act(operator, case, "decide", decision="mask", reason="a place", message=first, spans=[[0, 9]])
    asked = f"/moderation/cases/{case['id']}?before={case['messages_before']}"
    (shown,) = (await operator.ok("GET", asked))["messages"]
    assert (shown["id"], shown["state"]) == (first, "masked")
