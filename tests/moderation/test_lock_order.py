"""Many acts by many at once on few people's cases: no two ever wait for each other (moderation/store/order.py).

Counted by Postgres itself (pg_stat_database.deadlocks), on several houses over one database, as several processes
would be. KITH_ACTS and KITH_SEED make more of it, by hand: the same for thousands.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from community.clock import ManualClock
from community.database import Database
from tests.home import CRY, Caller, Home, living
from tests.moderation.team import AMBER, RED, act, holds, moderator, only_case

RUDE = "Cakes are better than biscuits"
ACTS, SEED = int(os.environ.get("KITH_ACTS", "150")), int(os.environ.get("KITH_SEED", "1"))
AT_ONCE = 12


@dataclass(slots=True)
class Crowd:
    homes: list[Home]
    room: str
    members: list[Caller]
    staff: list[Caller]
    chance: Random
    words: list[tuple[Caller, str]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def at_any_door(self, who: Caller) -> Caller:
        """The same person, at one of the processes."""
        return Caller(self.chance.choice(self.homes), who.id, who.handle, who.token)


async def _one(crowd: Crowd) -> None:
    chance = crowd.chance
    kind = chance.choice(
        ("say", "say", "flag", "flag", "withdraw", "edit", "appeal", "merge", "merge", "jobs", *["act"] * 8)
    )
    member, staff = (crowd.at_any_door(chance.choice(group)) for group in (crowd.members, crowd.staff))
    if kind == "jobs":
        crowd.homes[0].clock.advance(timedelta(minutes=chance.choice((0, 1, 6))))
        house = chance.choice(crowd.homes).house
        await asyncio.wait_for(chance.choice(_JOBS)(house), 20)
        return
    answer = await _by(crowd, kind, member, staff)
    if answer is not None:
        crowd.answers[f"{kind} {answer.status_code}"] += 1
        # 503 is what a machine under load may say after two seconds; a deadlock it may never be: counted below.
        assert answer.status_code < 500 or answer.status_code == 503, (kind, answer.status_code, answer.text)


_JOBS = (
    lambda house: house.case_clocks.run(), lambda house: house.case_clocks.hear_supporters(),
    lambda house: house.oncall.escalator.run(), lambda house: house.oncall.sender.run(),
    lambda house: house.audit_job.run(), lambda house: house.follow_up_job.run(),
)  # fmt: skip


async def _by(crowd: Crowd, kind: str, member: Caller, staff: Caller) -> Any:
    chance = crowd.chance
    if kind == "say":
        said = await member.say(crowd.room, chance.choice((CRY, RED, AMBER, RUDE, RUDE)))
        if said.status_code < 300 and "id" in said.json():
            crowd.words.append((member, said.json()["id"]))
        return said
    author, message = chance.choice(crowd.words)
    author = crowd.at_any_door(author)
    match kind:
        case "flag":
            note = chance.choice(("", "", CRY, "He said he will end it"))
            body = {"kind": chance.choice(("worried", "breaks_a_rule")), "note": note}
            return await member.call("POST", f"/messages/{message}/flags", body)
        case "withdraw" if chance.random() < 0.3:
            return await author.call("DELETE", f"/messages/{message}")
        case "edit":
            body = {"nonce": f"n{chance.getrandbits(60):x}", "body": chance.choice((RED, RUDE))}
            return await author.call("PATCH", f"/messages/{message}", body)
        case "appeal":
            decided = (await author.ok("GET", "/me/decisions"))["items"]
            if not decided:
                return None
            body = {
                "decision": chance.choice(decided)["case"],
                "text": chance.choice((CRY, "I meant it kindly")),
            }
            return await author.call("POST", "/appeals", body)
    return await _on_a_case(crowd, staff, kind == "merge")


async def _on_a_case(crowd: Crowd, staff: Caller, merges: bool) -> Any:
    chance = crowd.chance
    async with staff.home.house.database.read() as conn:
        rows = await conn.fetch(
            "select id, version, lane from moderation_case order by state = 'closed', id limit 40"
        )
        row = chance.choice(rows)
        inside = await conn.fetch("select message_id from case_message where case_id = $1", row["id"])
    message = str(chance.choice(inside)["message_id"]) if inside else None
    into = chance.choice([r for r in rows if r["lane"] == row["lane"]])
    acts: list[tuple[str, dict[str, Any]]] = [
        ("claim", {"take_over": True, "anyway": True}), ("release", {}), ("pass", {}), ("note", {"text": "seen"}),
        ("escalate", {"tier": "red", "reason": "x"}), ("close", {"reason": "x", "kind": "safe_now"}),
        ("decide", {"decision": "remove", "reason": "x", "message": message}),
        ("decide", {"decision": "publish", "reason": "x", "message": message}),
        ("decide", {"decision": "close", "reason": "x"}),
        ("split", {"messages": [message], "reason": "x"}),
        ("letter", {"nonce": f"n{chance.getrandbits(60):x}", "body": "I read what you wrote. I am here."}),
    ]  # fmt: skip
    name, body = ("merge", {"into": str(into["id"]), "reason": "x"}) if merges else chance.choice(acts)
    path = f"/moderation/cases/{row['id']}/{name}"
    return await staff.call("POST", path, {"version": row["version"], **body})


async def test_hundreds_of_acts_at_once_and_not_one_deadlock(dsn: str, admin: Any, tmp_path: Path) -> None:
    name = urlsplit(dsn).path.lstrip("/")
    await admin.execute(f"alter database {name} set deadlock_timeout = '10ms'")
    async with AsyncExitStack() as stack:
        homes, clock = [], ManualClock()
        for _ in range(2):
            database = await Database.connect(dsn, pool_max=10)
            stack.push_async_callback(database.close)
            homes.append(await stack.enter_async_context(living(database, tmp_path, clock=clock)))
        crowd = await _crowd(homes, SEED)
        left = iter(range(ACTS))

        async def line() -> None:
            for _ in left:
                await _one(crowd)

        await asyncio.gather(*(line() for _ in range(AT_ONCE)))
        await holds(homes[0])
    done = {kind.partition(" ")[0] for kind in crowd.answers if kind.endswith(("200", "201", "204"))}
    assert done >= {"say", "flag", "edit", "act"}, crowd.answers
    await admin.execute("select pg_stat_force_next_flush()")
    deadlocks = await admin.fetchval("select deadlocks from pg_stat_database where datname = $1", name)
    assert deadlocks == 0, crowd.answers


async def _crowd(homes: list[Home], seed: int) -> Crowd:
    operator, room, members = await homes[0].community(6)
    staff = [operator] + [
        await moderator(homes[0], operator, care=True, conduct=True, lead=n == 0) for n in range(4)
    ]
    crowd = Crowd(homes, room, members, staff, Random(seed))
    for member in members:
        for words in (RUDE, RED):
            crowd.words.append((member, (await member.say(room, words)).json()["id"]))
    _, message = crowd.words[0]
    await members[1].ok("POST", f"/messages/{message}/flags", {"kind": "breaks_a_rule"})
    await act(staff[1], await only_case(staff[1], "conduct"), "decide", decision="remove", reason="x")
    return crowd
