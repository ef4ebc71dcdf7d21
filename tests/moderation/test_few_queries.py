"""Pages that lead many cases read the database as often for many as for few."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from community import database
from tests.home import CRY, Caller, Home
from tests.moderation.team import RED, act, moderator, queue


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One number that grows with each statement."""
    count = [0]
    really: Callable[..., Awaitable[Any]] = database._Statements._run

    async def counted(self: Any, ask: Any) -> Any:
        count[0] += 1
        return await really(self, ask)

    monkeypatch.setattr(database._Statements, "_run", counted)
    return count


async def seen(by: Caller, path: str) -> str:
    answer = await by.home.http.get(path, headers={"authorization": f"Bearer {by.token}"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def needed(reads: list[int], by: Caller, path: str) -> int:
    await seen(by, path)  # what is read once a process or a session
    before = reads[0]
    await seen(by, path)
    return reads[0] - before


async def test_figures_queue_handover_and_a_persons_page_read_as_often_for_many_cases_as_for_one(
    home: Home, reads: list[int]
) -> None:
    operator, room, members = await home.community(5)
    mod = await moderator(home, operator, lead=True)
    ann = members[0]
    paths = (
        "/moderation/figures", "/api/v1/moderation/statistics", "/moderation", "/moderation/handover",
        f"/moderation/members/{ann.id}",
    )  # fmt: skip
    counts: list[dict[str, int]] = []
    for some in (members[:1], members[1:]):
        for member in some:
            await member.say(room, RED)
        for case in await queue(mod):
            await act(mod, case["id"], "note", text="asked how the night was")
        if counts:  # more of the same person's
            for n in range(3):
                said = (await ann.say(room, f"what a stupid thing to say, number {n}")).json()["id"]
                await members[1].ok("POST", f"/messages/{said}/flags", {"kind": "breaks_a_rule"})
        counts.append({path: await needed(reads, mod, path) for path in paths})
    assert counts[0] == counts[1], "before: figures 1 more a case, hand-over 1, a person's page 3"


async def test_a_lead_is_counted_with_the_others_and_their_own_missed_case_is_not_named(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    lead = await moderator(home, operator, care=True, lead=True)
    await lead.join()
    await lead.say(room, CRY)
    await ann.say(room, CRY)
    home.clock.advance(3 * 3600)
    all_ids = {case["id"] for case in await queue(operator)}
    [theirs] = {case["id"] for case in await queue(lead)}
    [own] = all_ids - {theirs}
    for by, ids in ((operator, all_ids), (lead, {theirs})):
        text = await seen(by, "/api/v1/moderation/statistics/csv")
        rows = list(csv.reader(io.StringIO(text)))
        assert {row[1] for row in rows if row[0] == "miss"} == ids
        missed = [row[3] for row in rows if row[1:3] == ["crisis", "missed_words"]]
        assert missed == ["2"], "counted"
        assert (own in await seen(by, "/moderation/figures")) == (own in ids)
