"""Clocks that an organisation sets: they time what happens next, and never what has happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from community.database import Database
from moderation.casework import ledger
from moderation.casework.clocks import SHIPPED, Clocks, Times
from moderation.store import times as store
from server.oncall_parts import care_settings
from server.settings import Care, TierClocks
from tests.home import CRY, Home, easy, living
from tests.moderation.team import act, holds, moderator, only_case

MINUTE = timedelta(minutes=1)
QUICK = Care(
    crisis=TierClocks(2, 7, 2, 4),
    conduct_hours=6,
    lease_minutes=9,
    crisis_cases_per_person=1,
    follow_up_hours=(48, 12),
    appeal_days=3,
    appeal_answer_days=2,
)


def after(home: Home, moment: str) -> timedelta:
    return datetime.fromisoformat(moment) - home.clock.now()


async def test_the_settings_clocks_time_cases_and_a_change_keeps_what_was(
    database: Database, tmp_path: Path
) -> None:
    async with living(database, tmp_path) as home:
        operator, room, (ann, bob) = await home.community()
        carer = await moderator(home, operator)
        await ann.say(room, CRY)
        case = await only_case(carer)
        assert after(home, case["due_at"]) == 5 * MINUTE, "the first release's clocks"
        clock = home.clock
    settings = msgspec.structs.replace(easy(), care=QUICK)
    async with living(database, tmp_path, settings=settings, clock=clock) as home:
        await home.house.oncall.begin()
        await home.house.oncall.begin()  # as every process does when it starts
        operator = replace(operator, home=home)
        carer, bob = replace(carer, home=home), replace(bob, home=home)
        taken = await act(carer, case, "claim")
        assert after(home, taken["due_at"]) == 7 * MINUTE
        assert after(home, taken["lease_until"]) == 9 * MINUTE
        await bob.say(room, CRY)
        other = next(c for c in await _cases(carer) if c["id"] != case["id"])
        assert after(home, other["due_at"]) == 2 * MINUTE
        capped = await carer.call(
            "POST", f"/moderation/cases/{other['id']}/claim", {"version": other["version"]}
        )
        assert capped.json()["code"] == "crisis_cap" and "with 1 people" in capped.text
        await _conduct(home, operator, carer, room)
        await holds(home)
        async with database.read() as conn:
            assert await conn.fetchval("select count(*) from case_times") == 1


async def _cases(by: Any) -> list[dict[str, Any]]:
    return list((await by.ok("GET", "/moderation/cases?lane=care"))["items"])


async def _conduct(home: Home, operator: Any, carer: Any, room: str) -> None:
    """A flag, a decision and a disagreement under the clocks that were set."""
    eve = await home.member()
    await eve.join()
    said = (await eve.say(room, "Cakes are better than biscuits")).json()
    await operator.ok("POST", f"/messages/{said['id']}/flags", {"kind": "breaks_a_rule"})
    case = await only_case(carer, "conduct")
    assert after(home, case["due_at"]) == timedelta(hours=6)
    await act(carer, case, "decide", decision="remove", reason="unkind")
    (told,) = (await eve.ok("GET", "/me/decisions"))["items"]
    assert after(home, told["appeal_until"]) == timedelta(days=3)
    home.clock.advance(timedelta(days=1))
    made = await eve.ok("POST", "/appeals", {"decision": case["id"], "text": "I meant it kindly"})
    assert after(home, made["due_at"]) == timedelta(days=2)


async def test_a_history_that_spans_several_changes_replays(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    for minutes in (3, 1, 11, 1):
        clocks = Clocks(*(timedelta(minutes=minutes * n) for n in (1, 2, 3, 4)))
        times = replace(SHIPPED, crisis=clocks, lease=timedelta(minutes=minutes))
        async with home.house.database.transaction() as tx:
            assert await store.set_in_force(tx, times, now=home.clock.now())
            assert not await store.set_in_force(tx, times, now=home.clock.now())
        await ann.say(room, CRY)
        case = await only_case(operator)
        await act(operator, case, "claim")
        home.clock.advance(timedelta(minutes=minutes * 2))
        await home.house.case_clocks.run()
        await holds(home)
    async with home.house.database.read() as conn:
        used = await conn.fetch("select distinct times_n from case_history order by 1")
    assert [row[0] for row in used] == [1, 2, 3, 4]


async def test_a_history_timed_by_clocks_that_were_not_its_own_is_found(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    async with home.house.database.transaction() as tx:
        await store.set_in_force(tx, replace(SHIPPED, lease=7 * MINUTE), now=home.clock.now())
    await ann.say(room, CRY)
    await act(operator, await only_case(operator), "claim")
    await holds(home)
    async with home.house.database.transaction() as tx:
        await tx.execute("alter table case_times disable trigger user")
        await tx.execute("update case_times set times = jsonb_set(times, '{lease}', '\"PT60S\"')")
        _, (wrong,) = await ledger.check_all(tx)
    assert wrong.what == "lease_until"


def test_every_clock_of_the_settings_reaches_the_machine() -> None:
    made = care_settings(QUICK).times
    assert made == replace(
        SHIPPED,
        crisis=Clocks(2 * MINUTE, 7 * MINUTE, 2 * MINUTE, 4 * MINUTE),
        conduct=timedelta(hours=6),
        lease=9 * MINUTE,
        follow_ups=(timedelta(hours=12), timedelta(hours=48)),
        appeal_window=timedelta(days=3),
        appeal_answer=timedelta(days=2),
    )
    assert care_settings(Care()).times == SHIPPED, "config.example.toml's defaults are the first release's"
    assert msgspec.json.decode(msgspec.json.encode(made), type=Times) == made
