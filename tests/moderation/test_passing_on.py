"""A case never stays with somebody who may not have it any more: it is passed on, with its clock, and not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from moderation.casework.rights import rights_of
from moderation.store import cases, holders, queue
from tests.chat.circle import KNOWS
from tests.home import CRY, PASSWORD, Caller, Home
from tests.moderation.team import act, holds, moderator, only_case, pages_of
from tests.moderation.team import queue as queue_of

Nears = Callable[[Home, Caller, Caller, Caller], Awaitable[object]]


async def paired(home: Home, operator: Caller, mod: Caller, ann: Caller) -> str:
    """`mod` walks beside `ann`."""
    await operator.ok("PUT", f"/groups/lighthouse/supporters/{mod.id}", {"supervisor": operator.id})
    made = await ann.ok("POST", "/groups/lighthouse/pairings", KNOWS)
    for one in (mod, ann):
        await one.ok("POST", f"/pairings/{made['pairing']['id']}/agree", KNOWS)
    return str(made["pairing"]["id"])


async def suspended(home: Home, operator: Caller, mod: Caller, ann: Caller) -> None:
    async with home.house.database.transaction() as tx:
        await tx.execute("update member set suspended_at = now() where id = $1", UUID(mod.id))


BECAUSE: dict[str, Nears] = {
    "a tie": lambda home, operator, mod, ann: mod.ok("PUT", f"/moderation/ties/{ann.id}"),
    "a pairing": paired,
    "no seat": lambda home, operator, mod, ann: operator.ok("PUT", f"/moderation/team/{mod.id}", {}),
    "another seat": lambda home, operator, mod, ann: operator.ok(
        "PUT", f"/moderation/team/{mod.id}", {"conduct": True}
    ),
    "a colleague": lambda home, operator, mod, ann: operator.ok(
        "PUT", f"/moderation/team/{ann.id}", {"conduct": True}
    ),
    "suspended": suspended,
    "gone": lambda home, operator, mod, ann: mod.ok("DELETE", "/me", {"password": PASSWORD}),
}


@pytest.mark.parametrize("why", list(BECAUSE))
async def test_whoever_may_not_have_a_case_any_more_passes_it_on_with_its_clock(home: Home, why: str) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await mod.join()
    if why != "a colleague":
        await moderator(home, operator, care=True)
    await ann.say(room, CRY)
    await act(mod, await only_case(mod), "claim")
    passing = home.house.case_clocks.passing
    assert await passing.run() == 0, "rightly theirs"
    await BECAUSE[why](home, operator, mod, ann)
    home.clock.advance(60)
    passed = await asyncio.gather(*(passing.run() for _ in range(3)))
    assert sum(passed) == 1, "once, over any number of processes"
    case = await only_case(operator)
    assert (case["owner"], case["state"]) == (None, "paged") and case["due_at"] is not None
    assert await pages_of(home, case) == ["opened", "passed"]
    assert await home.house.oncall.escalator.run() >= 1
    async with home.house.database.read() as conn:
        asked = await conn.fetch(
            """
            select distinct a.member_id from page_attempt a join page p on p.id = a.page_id
            where p.reason = 'passed' and a.member_id is not null
            """
        )
    assert UUID(mod.id) not in {row["member_id"] for row in asked} and asked, "others are asked"
    assert (await act(operator, case, "claim"))["state"] == "acknowledged"
    await holds(home)


async def test_a_case_that_was_answered_hours_ago_is_given_back_without_waking_anybody(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod, _other = await moderator(home, operator), await moderator(home, operator)
    await ann.say(room, CRY)
    case = await only_case(mod)
    await act(mod, case, "claim")
    before = await only_case(operator)
    body = {"version": before["version"], "nonce": "a", "body": "I am here, and I have time for you tonight."}
    await mod.ok("POST", f"/moderation/cases/{case['id']}/messages", body)
    before = await only_case(operator)
    home.clock.advance(10 * 60)
    await mod.ok("PUT", f"/moderation/ties/{ann.id}")
    assert await home.house.case_clocks.passing.run() == 1
    after = await only_case(operator)
    assert (after["owner"], after["state"], after["due_at"]) == (None, "with_person", before["due_at"])
    assert await pages_of(home, case) == ["opened"]


async def test_a_pairing_bars_while_somebody_else_is_there_and_no_longer_than_it_lasts(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await mod.join()
    id = await paired(home, operator, mod, ann)
    await ann.say(room, CRY)
    assert len(await queue_of(mod)) == 1, "nobody else of the team is there"
    other = await moderator(home, operator)
    assert (await queue_of(mod), len(await queue_of(other))) == ([], 1)
    await paired_too(home, operator, other, ann)
    assert (len(await queue_of(mod)), len(await queue_of(other))) == (1, 1), (
        "both: then better they than nobody"
    )
    await ann.ok("POST", f"/pairings/{id}/end")
    assert (len(await queue_of(mod)), await queue_of(other)) == (1, [])


async def paired_too(home: Home, operator: Caller, mod: Caller, ann: Caller) -> None:
    await mod.join()
    await paired(home, operator, mod, ann)


@pytest.mark.parametrize("why", [None, *BECAUSE])
async def test_the_rows_and_the_rights_agree_on_who_may_hold_a_case(home: Home, why: str | None) -> None:
    operator, room, (ann, ben) = await home.community()
    mod, owner = await moderator(home, operator), await home.member()
    await moderator(home, operator, care=True)
    for one in (mod, owner):
        await one.join()
    await operator.ok("PUT", f"/groups/lighthouse/members/{owner.id}", {"role": "moderator"})
    said = (await ann.say(room, CRY)).json()["id"]
    rude = (await ann.say(room, "Cakes are better than biscuits")).json()["id"]
    for message in (said, rude):
        await ben.ok("POST", f"/messages/{message}/flags", {"kind": "breaks_a_rule"})
    await act(mod, (await queue_of(mod))[0]["id"], "claim")
    for by, case in zip((mod, owner), await queue_of(mod, "conduct"), strict=True):
        await act(by, case["id"], "claim")
    if why is not None:
        await BECAUSE[why](home, operator, mod, ann)
    async with home.house.database.read() as conn:
        unfit = await holders.unfit(conn, limit=10)
        for id in await cases.every_id(conn):
            row = await cases.get(conn, id)
            assert row is not None and row.case.owner is not None
            rights = await rights_of(conn, row.case.owner, is_operator=False)
            assert (id in unfit) != rights.may_see(row, await queue.sight(conn, id)), (why, row.case.lane)
    assert bool(unfit) == (why is not None)
