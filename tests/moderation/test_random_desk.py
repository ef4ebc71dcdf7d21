"""Random acts by random people on the real store, several at once: what may never happen, doesn't.

The same invariants as the pure machine's (test_case_properties.py), but through the API, its rights, its locks and
its indexes; and read from the rows, not from what the API answered.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from moderation.store import holders
from tests.home import CRY, Caller, Home
from tests.moderation.team import AMBER, RED, act, holds, moderator, only_case

ROUNDS, AT_ONCE = 45, 3
RUDE = "Cakes are better than biscuits"  # reported for no reason at all
WAITS = (timedelta(minutes=1), timedelta(minutes=6), timedelta(minutes=20), timedelta(hours=5))


@dataclass(slots=True)
class Cast:
    """Who plays: the ids of those who may do something stand beside what."""

    home: Home
    room: str
    members: list[Caller]
    staff: dict[str, Caller]
    chance: Random
    said: list[tuple[Caller, str]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def anyone(self) -> Caller:
        return self.chance.choice([*self.staff.values(), *self.staff.values(), *self.members])


async def cast(home: Home, seed: int) -> Cast:
    operator, room, members = await home.community(4)
    staff = {"operator": operator}
    for name, seat in (
        ("carer", {"care": True}), ("other", {"care": True, "conduct": True}), ("conductor", {"conduct": True}),
        ("second", {"conduct": True}), ("lead", {"lead": True}),
    ):  # fmt: skip
        staff[name] = await moderator(home, operator, **seat)
        await staff[name].join()
    return Cast(home, room, members, staff, Random(seed))


async def something(play: Cast) -> None:
    """One act of one person: mostly on a case that is there, as often as not without the right to it."""
    chance, who = play.chance, play.anyone()
    match chance.choice(("say", "flag", "act", "act", "act", "act", "act", "appeal", "merge", "tie")):
        case "say":
            member = chance.choice([*play.members, play.staff["carer"]])
            said = await member.say(play.room, chance.choice((CRY, RED, AMBER, RUDE, RUDE)))
            if said.status_code < 300 and "id" in said.json():
                play.said.append((member, said.json()["id"]))
        case "flag" if play.said:
            _, message = chance.choice(play.said)
            kind = chance.choice(("worried", "breaks_a_rule", "breaks_a_rule"))
            await who.call("POST", f"/messages/{message}/flags", {"kind": kind})
        case "tie":
            near = chance.choice([*play.staff.values()])
            on = chance.choice(("PUT", "DELETE", "DELETE"))
            await near.call(on, f"/moderation/ties/{chance.choice(play.members).id}")
        case "appeal":
            member = chance.choice(play.members)
            for decision in (await member.ok("GET", "/me/decisions"))["items"][:1]:
                body = {"decision": decision["case"], "text": "I meant it kindly"}
                answer = await member.call("POST", "/appeals", body)
                play.done[f"appeal {answer.status_code}"] += 1
        case kind:
            await on_a_case(play, who, "merge" if kind == "merge" else "")


async def an_appeal(play: Cast) -> None:
    """Far down the road at once, so that what follows is tried in every run."""
    member, carer = play.members[0], play.staff["other"]
    said = (await member.say(play.room, RUDE)).json()["id"]
    await carer.ok("POST", f"/messages/{said}/flags", {"kind": "breaks_a_rule"})
    await act(carer, await only_case(carer, "conduct"), "decide", decision="remove", reason="x")
    decision = (await member.ok("GET", "/me/decisions"))["items"][0]["case"]
    await member.ok("POST", "/appeals", {"decision": decision, "text": "I meant it kindly"})


async def on_a_case(play: Cast, who: Caller, verb: str) -> None:
    async with play.home.house.database.read() as conn:
        rows = await conn.fetch("select id, version from moderation_case order by state = 'closed', id")
    if not rows:
        return
    row, into = play.chance.choice(rows), play.chance.choice(rows)
    acts: list[tuple[str, dict[str, Any]]] = [
        ("claim", {}), ("claim", {}), ("claim", {"take_over": True, "anyway": True}), ("release", {}),
        ("note", {"text": "seen"}), ("ladder", {"rung": "intent", "when": "now"}),
        ("escalate", {"tier": "red", "reason": "x"}), ("close", {"reason": "x", "kind": "safe_now"}),
        ("decide", {"decision": "remove", "reason": "x"}), ("decide", {"decision": "remove", "reason": "x"}),
        ("decide", {"decision": "publish", "reason": "x"}), ("decide", {"decision": "close", "reason": "x"}),
    ]  # fmt: skip
    name, body = ("merge", {"into": str(into["id"]), "reason": "x"}) if verb else play.chance.choice(acts)
    path = f"/moderation/cases/{row['id']}/{name}"
    answer = await who.call("POST", path, {"version": row["version"], **body})
    assert answer.status_code < 500, (name, row, into, answer.text)
    play.done[f"{name} {answer.status_code}"] += 1


async def never(play: Cast) -> None:
    """What may never be, read from the rows."""
    async with play.home.house.database.read() as conn:
        stuck = await conn.fetch(
            """
            select id, state from moderation_case
            where lane = 'care' and state <> 'closed'
              and (due_at is null or (state = 'acknowledged' and owner_id is null)
                   or (state in ('open', 'paged') and owner_id is not null))
            """
        )
        doubled = await conn.fetch(
            """
            select lane, team_id, coalesce(member_id, message_id) as subject, count(*)
            from moderation_case where state <> 'closed'
            group by lane, team_id, coalesce(member_id, message_id) having count(*) > 1
            """
        )
        acts = await conn.fetch(
            """
            select h.case_id, h.act, h.actor_id::text as actor, c.lane,
                   coalesce(c.member_id, m.author_id)::text as about
            from case_history h
            join moderation_case c on c.id = h.case_id
            left join message m on m.id = c.message_id
            where h.actor_id is not null
            order by h.case_id, h.n
            """
        )
    assert [dict(row) for row in (*stuck, *doubled)] == []
    may = {lane: {caller.id for name, caller in play.staff.items() if lane in RIGHTS[name]} for lane in LANES}
    above = {play.staff[name].id for name in ("operator", "lead")}
    everyone = {caller.id for caller in play.staff.values()}
    deciders: dict[Any, list[str]] = {}
    appealed: dict[Any, str] = {}
    for row in acts:
        case, by = row["case_id"], row["actor"]
        if row["act"] == "appealed":
            assert by == row["about"], "only the author disagrees"
            appealed[case] = by
            continue
        assert by in may[row["lane"]], "nobody acts without the right"
        assert by != row["about"], "nobody works on their own case"
        assert row["about"] not in everyone or by in above, "what is about staff is their lead's"
        if row["act"] == "decided":
            if case in appealed:
                assert by not in (*deciders.get(case, ()), appealed[case]), "an appeal is another's to answer"
            deciders.setdefault(case, []).append(by)


LANES = ("care", "conduct")
RIGHTS = {
    "operator": LANES, "carer": ("care",), "other": LANES, "conductor": ("conduct",), "second": ("conduct",),
    "lead": LANES,
}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_people_do_at_once_no_invariant_breaks(home: Home, seed: int) -> None:
    play = await cast(home, seed)
    await an_appeal(play)
    for _ in range(ROUNDS):
        await asyncio.gather(*(something(play) for _ in range(AT_ONCE)))
        if play.chance.random() < 0.3:
            home.clock.advance(play.chance.choice(WAITS))
            clocks = home.house.case_clocks
            await asyncio.gather(clocks.run(), home.house.oncall.escalator.run(), clocks.passing.run())
            play.done["passed 200"] += await clocks.passing.run()  # what was in hand just then
            async with home.house.database.read() as conn:
                assert await holders.unfit(conn, limit=10) == [], "in nobody's hands who may not have it"
        await never(play)
    await holds(home)
    done = {name.partition(" ")[0] for name, n in play.done.items() if name.endswith(("200", "201")) and n}
    assert done >= {"claim", "decide"}, play.done
    assert any(name.endswith(" 404") for name in play.done), "people without the right tried too"
