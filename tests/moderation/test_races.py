"""Several people and several processes at once: one wins, nothing is done twice, histories stay whole."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from community.bus import LocalBus
from community.ids import MessageId
from moderation.casework.case_clocks import CaseClocks
from moderation.casework.follow_ups import FollowUpJob
from moderation.evidence import audit
from moderation.evidence.audit import AuditJob
from moderation.store import conduct
from tests.home import CRY, Home
from tests.moderation.team import RED, act, holds, moderator, only_case, queue


async def test_of_many_who_claim_at_once_one_has_the_case(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    team = [await moderator(home, operator) for _ in range(6)]
    await ann.say(room, CRY)
    case = await only_case(operator)
    path, body = f"/moderation/cases/{case['id']}/claim", {"version": case["version"]}
    answers = await asyncio.gather(*(mod.call("POST", path, body) for mod in team))
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409, 409, 409]
    await holds(home)


async def test_jobs_of_several_processes_do_each_thing_once_and_chain_it_whole(home: Home) -> None:
    operator, room, people = await home.community(12)
    for person in people:
        await person.say(room, RED)
        await person.call("PUT", "/me/follow-ups", {"wanted": True})
    for row in await queue(operator):
        await act(operator, row["id"], "follow-up")
    house = home.house
    home.clock.advance(timedelta(hours=25))
    clocks = [CaseClocks(house.database, house.clock, LocalBus(), house.ground.casework) for _ in range(3)]
    followed = [FollowUpJob(house.database, house.clock) for _ in range(3)]
    chained = [AuditJob(house.database, house.clock) for _ in range(3)]
    assert sum(await asyncio.gather(*(job.run() for job in clocks))) == 12
    assert sum(await asyncio.gather(*(job.run() for job in followed))) == 12
    await asyncio.gather(*(job.run() for job in chained))
    async with house.database.transaction(isolation="repeatable read") as tx:
        report = await audit.verify(tx)
    assert (report.faults, report.waiting, report.cases) == ((), 0, 12)


async def test_two_who_sign_at_once_do_it_once(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod, other = await moderator(home, operator), await moderator(home, operator)
    await ann.say(room, CRY)
    case = await only_case(mod)
    body = {"kind": "remove_for_good", "reason": "a home address", "message": case["messages"][0]["id"]}
    asked = await mod.ok("POST", f"/moderation/cases/{case['id']}/signatures", body)
    path = f"/moderation/signatures/{asked['id']}/confirm"
    answers = await asyncio.gather(operator.call("POST", path), other.call("POST", path))
    assert sorted(a.status_code for a in answers) == [200, 409]
    await holds(home)


async def test_two_joins_that_cross_end_in_one_case_or_a_conflict(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.say(room, RED)
    await ben.say(room, RED)
    one, two = await queue(operator)
    answers = await asyncio.gather(
        *(
            operator.call(
                "POST", f"/moderation/cases/{a['id']}/merge", {"version": a["version"], "into": b["id"]}
            )
            for a, b in ((one, two), (two, one))
        )
    )
    assert sorted(a.status_code for a in answers) == [200, 409]
    assert len(await queue(operator)) == 1
    await holds(home)


async def test_a_cry_in_an_appeal_waits_for_the_care_case_before_it_holds_the_conduct_case(
    home: Home,
) -> None:
    operator, room, (ann, ben) = await home.community()
    sent = (await ann.say(room, "what a stupid thing to say")).json()
    await ben.call("POST", f"/messages/{sent['id']}/flags", {"kind": "breaks_a_rule"})
    conduct = await only_case(operator, "conduct")
    await act(operator, conduct, "decide", decision="remove", reason="unkind")
    await ann.say(room, RED)
    care = await only_case(operator)
    body = {"decision": conduct["id"], "text": CRY}
    lock = "select id from moderation_case where id = $1 for update nowait"
    async with home.house.database.transaction() as tx:
        await tx.fetchval(lock, UUID(care["id"]))
        appeal = asyncio.create_task(ann.call("POST", "/appeals", body))
        waits = "select exists (select 1 from pg_locks where not granted)"
        while not appeal.done() and not await tx.fetchval(waits):
            pass
        assert await tx.fetchval(lock, UUID(conduct["id"])) is not None, "care first, everywhere"
    assert (await appeal).status_code == 201
    await holds(home)


async def test_flags_that_two_cases_share_are_judged_in_one_order(home: Home) -> None:
    """A deadlock would cost one of the two a second and a 503."""
    _, room, (ann, *others) = await home.community(5)
    said = [(await ann.say(room, f"Cakes are better than biscuits, part {n}")).json()["id"] for n in range(6)]
    for message in said:
        for other in others:
            await other.ok("POST", f"/messages/{message}/flags", {"kind": "breaks_a_rule"})
    house = home.house

    async def judge(messages: list[str], upheld: bool) -> None:
        async with house.database.transaction() as tx:
            await conduct.judge_flags(
                tx, [MessageId(UUID(m)) for m in messages], kind="breaks_a_rule", upheld=upheld
            )

    await asyncio.gather(*(judge(said if n % 2 else said[::-1], bool(n % 2)) for n in range(12)))
    async with house.database.read() as conn:
        found = await conn.fetch("select distinct upheld from flag")
    assert len(found) == 1, "one after the other, never half and half"


async def test_questions_at_once_are_counted_and_wishes_at_once_are_all_kept(home: Home) -> None:
    _, _, (ann, _) = await home.community()
    asked = (ann.call("POST", "/groups/lighthouse/questions", {"words": f"may I? {n}"}) for n in range(6))
    assert sorted(a.status_code for a in await asyncio.gather(*asked)) == [201] * 3 + [429] * 3
    changes: tuple[dict[str, list[str]], ...] = ({"words": ["gin"]}, {"opened": ["suicide"]})
    await asyncio.gather(*(ann.ok("PATCH", "/me/wishes", body) for body in changes))
    kept = await ann.ok("GET", "/me/wishes")
    assert kept["words"] == ["gin"] and kept["opened"] == ["suicide"]
