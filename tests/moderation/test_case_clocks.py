"""Clocks of cases: each is moved by itself, and one that can't be moved stands in nobody's way."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from moderation.casework import case_clocks
from tests.home import Home
from tests.moderation.team import AMBER, RED, holds, queue


async def test_a_case_that_fails_hurts_no_other_and_is_not_first_for_ever(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    operator, room, people = await home.community(3)
    for person in people:
        await person.say(room, RED)
        home.clock.advance(timedelta(seconds=1))
    ids = [case["id"] for case in await queue(operator)]
    home.clock.advance(timedelta(hours=1))
    really, tried = case_clocks.act, []

    async def act(tx, row, *more, **named):  # type: ignore[no-untyped-def]
        tried.append(str(row.id))
        after = await really(tx, row, *more, **named)
        if str(row.id) == ids[0]:
            await tx.execute("select 1 / 0")  # after the act: what it wrote must be undone
        return after

    monkeypatch.setattr(case_clocks, "act", act)
    monkeypatch.setattr(case_clocks, "BATCH_MAX", 1)  # the first of every batch is the bad one
    clocks = home.house.case_clocks
    with caplog.at_level(logging.ERROR, "kith.case_clocks"):
        assert await clocks.run() == 2
    assert [str(r.case_id) for r in caplog.records] == ids[:1]  # type: ignore[attr-defined]
    assert tried == ids
    assert await clocks.run() == 0 and tried == ids, "it is left alone for a while"
    await holds(home)
    monkeypatch.setattr(case_clocks, "act", really)
    home.clock.advance(case_clocks.LEFT_ALONE)
    assert await clocks.run() == 1, "and tried again then"
    await holds(home)


async def _heard(home: Home, people: int) -> list[str]:
    """Ambers that the group's owner has answered."""
    operator, room, members = await home.community(people)
    for member in members:
        said = (await member.say(room, AMBER)).json()
        home.clock.advance(timedelta(seconds=1))
        await operator.say(room, "I'm glad that you said it here", reply_to=said["id"])
    return [case["id"] for case in await queue(operator)]


async def _supported(home: Home) -> list[str]:
    async with home.house.database.read() as conn:
        rows = await conn.fetch("select case_id from case_history where act = 'supported' order by case_id")
    return [str(row["case_id"]) for row in rows]


async def test_a_supporters_answer_is_heard_once_by_any_number_of_processes(home: Home) -> None:
    ids = await _heard(home, 3)
    clocks = home.house.case_clocks
    await asyncio.gather(*(clocks.hear_supporters() for _ in range(4)))
    assert await _supported(home) == sorted(ids)
    assert await clocks.hear_supporters() == 0
    await holds(home)


async def test_an_answer_that_cant_be_heard_hurts_no_other(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ids = await _heard(home, 3)
    really = case_clocks.act

    async def act(tx, row, *more, **named):  # type: ignore[no-untyped-def]
        after = await really(tx, row, *more, **named)
        if str(row.id) == ids[0]:
            await tx.execute("select 1 / 0")  # after the act: what it wrote must be undone
        return after

    monkeypatch.setattr(case_clocks, "act", act)
    clocks = home.house.case_clocks
    with caplog.at_level(logging.ERROR, "kith.batches"):
        assert await clocks.hear_supporters() == 2
    assert len(caplog.records) == 1
    assert await clocks.hear_supporters() == 0 and len(caplog.records) == 1, "it is left alone for a while"
    assert await _supported(home) == sorted(ids[1:])
    await holds(home)
    monkeypatch.setattr(case_clocks, "act", really)
    home.clock.advance(case_clocks.LEFT_ALONE)
    assert await clocks.hear_supporters() == 1
