"""Nobody who waits for words is forgotten: after ours, after their answer, and where two cases become one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from community.ids import MemberId, MessageId
from moderation.casework import acts
from moderation.casework.clocks import SHIPPED
from moderation.casework.machine import clock_act, step
from moderation.pipeline.types import Tier
from tests.home import CRY, Caller, Home
from tests.moderation.team import RED, act, holds, moderator, only_case, pages_of, queue
from tests.moderation.test_letters import write

MINUTE = timedelta(minutes=1)


async def passes(home: Home, minutes: int) -> None:
    """Time with every clock that runs, a minute at a time."""
    for _ in range(minutes):
        home.clock.advance(MINUTE)
        await home.house.case_clocks.run()
        await home.house.oncall.escalator.run()


async def asked_for(home: Home, reason: str) -> set[str]:
    async with home.house.database.read() as conn:
        rows = await conn.fetch(
            """
            select distinct a.member_id::text as id from page_attempt a join page p on p.id = a.page_id
            where p.reason = $1 and a.member_id is not null
            """,
            reason,
        )
    return {row["id"] for row in rows}


async def spoken(home: Home, words: str) -> tuple[Caller, Caller, Caller, Caller, dict[str, object]]:
    """Somebody took the case and wrote; then they went home."""
    operator, room, (ann, _) = await home.community()
    lead = await moderator(home, operator, lead=True)
    mod, other = await moderator(home, operator, care=True), await moderator(home, operator, care=True)
    await ann.say(room, words)
    case = await only_case(mod)
    await act(mod, case, "claim")
    assert (await write(mod, case)).status_code == 201
    await home.house.oncall.escalator.run()
    return ann, lead, mod, other, case


async def test_a_crisis_without_an_answer_climbs_from_the_lead_to_everyone_and_rests_with_who_took_it(
    home: Home,
) -> None:
    _, lead, mod, other, case = await spoken(home, CRY)
    await passes(home, 16)
    assert await asked_for(home, "no_answer") == {lead.id}
    await passes(home, 22)
    assert await asked_for(home, "no_answer") == {lead.id, mod.id, other.id}, (
        "it began anew every five minutes"
    )
    assert (await pages_of(home, case)).count("no_answer") == 1
    await act(lead, case, "claim", take_over=True)
    asked = await attempts(home)
    await passes(home, 8)
    assert await attempts(home) == asked, "nobody is rung while the lead works through the checklist"
    await passes(home, 8)
    assert await attempts(home) > asked, "but words must follow"
    await holds(home)


async def attempts(home: Home) -> int:
    async with home.house.database.read() as conn:
        return int(await conn.fetchval("select count(*) from page_attempt"))


async def test_who_wrote_back_and_hears_nothing_is_asked_for_again(home: Home) -> None:
    ann, lead, mod, other, case = await spoken(home, RED)
    (place,) = (await ann.ok("GET", "/me/letters"))["items"]
    await ann.say(place["id"], "it was the letter from the office that did it")
    await passes(home, 59)
    assert await pages_of(home, case) == ["opened"]
    await passes(home, 2)
    after = await only_case(mod)
    assert after["history"][-1]["act"] == "paged" and (await pages_of(home, case))[-1] == "no_words"
    assert await asked_for(home, "no_words") == {lead.id}, "nobody is on duty: the lead first"
    await passes(home, 62)
    assert await asked_for(home, "no_words") == {lead.id, mod.id, other.id}
    assert (await pages_of(home, case)).count("no_words") == 1, "one page, that repeats by itself"
    await act(other, case, "claim")
    assert (await write(other, case)).status_code == 201
    await passes(home, 90)
    assert (await pages_of(home, case)).count("no_words") == 1
    await holds(home)


async def test_who_wrote_back_to_somebody_who_is_still_there_is_not_asked_for(home: Home) -> None:
    ann, _, mod, _, case = await spoken(home, RED)
    (place,) = (await ann.ok("GET", "/me/letters"))["items"]
    await ann.say(place["id"], "it was the letter from the office that did it")
    for _ in range(22):
        await mod.ok("POST", f"/moderation/cases/{case['id']}/heartbeat")
        await passes(home, 3)
    assert await pages_of(home, case) == ["opened"]


async def test_joining_somebody_who_waits_to_somebody_who_was_answered_gives_nobody_more_time(
    home: Home,
) -> None:
    operator, room, (ann, ben) = await home.community()
    mod = await moderator(home, operator, care=True)
    await ann.say(room, RED)
    first = await only_case(mod)
    await act(mod, first, "claim")
    assert (await write(mod, first)).status_code == 201
    await ben.say(room, RED)
    second = next(case for case in await queue(mod) if case["id"] != first["id"])
    due = second["due_at"]
    await act(mod, second, "merge", into=first["id"], reason="his other name")
    joined = await only_case(mod)
    assert (joined["state"], joined["due_at"]) == ("with_person", due)
    await passes(home, 16)
    assert (await pages_of(home, joined))[-1] == "no_words"
    await holds(home)


def test_an_old_history_replays_as_it_was() -> None:
    at, who = datetime(2026, 1, 5, tzinfo=UTC), MemberId(UUID(int=1))
    case = step(None, acts.Opened("care", Tier.red, MessageId(UUID(int=3)), frozenset()), at)
    case = step(case, acts.Spoke(who), at)
    old = acts.decode("merged", {
        "by": str(who), "other": str(UUID(int=2)), "tier": "red", "messages": [], "rules": [],
        "due_at": at.isoformat(),
    })  # fmt: skip
    assert step(case, old, at).due_at == case.due_at == at + SHIPPED.follow_up
    assert isinstance(due := clock_act(step(case, old, at), at + SHIPPED.follow_up), acts.Escalated)
    assert due.reason == "look_again"
