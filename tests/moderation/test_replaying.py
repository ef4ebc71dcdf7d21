"""Stored messages judged again: every one once, with what was known then, and nothing of them changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from community.ids import MemberId
from moderation.gate import replaying
from moderation.gate.candidate import load_candidate
from moderation.gate.deciding import Decider
from moderation.gate.replaying import Replay, replay
from moderation.pipeline.rules import Rules, shipped
from tests.candidates import OMEN, candidate
from tests.home import CRY, Caller, Home

TABLES = ("message", "verdict", "finding", "moderation_case", "page", "notice", "conversation_event")


async def fingerprint(home: Home) -> list[str]:
    async with home.house.database.read() as conn:
        return [
            await conn.fetchval(
                f"select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) from {t} x"
            )
            for t in TABLES
        ]


async def replayed(home: Home, rules: Rules, *, days: float = 1, limit: int | None = None) -> Replay:
    since = home.clock.now() - timedelta(days=days)
    return await replay(home.house.database, Decider(rules, home.clock.monotonic), since=since, limit=limit)


async def test_the_same_rules_find_what_they_found_then(home: Home) -> None:
    """Each of these is judged otherwise when its context, its group or its form is left out."""
    operator, room, (ann, ben) = await home.community()
    switches = {"profanity": "mask", "own_terms": ["omen"], "premoderate_first": 1}
    await operator.ok("PATCH", "/groups/lighthouse", {"settings": switches})
    for text in ("good morning", CRY, "this fucking cough", "an omen", "this maths test made me kms 💀"):
        home.clock.advance(5)
        await ann.say(room, text)
    await ben.say(room, "the usual", warnings=["I want to kill myself"])
    asked = (await operator.say(room, "have you taken anything?")).json()["id"]
    home.clock.advance(5)
    await ben.say(room, "have a look at https://somewhere.example")
    await ann.say(room, "yes, all of them", reply_to=asked)
    home.clock.advance(5)
    # The last of hers: edited, it was judged without what came before.
    own = (await ann.say(room, "first words")).json()["id"]
    await ann.ok("PATCH", f"/messages/{own}", {"nonce": "edit", "body": "the exam made me kms 💀"})
    await in_the_forum(home, operator)
    found = await replayed(home, shipped())
    counts = found.counts
    assert counts.compared == 11
    assert counts.same == counts.compared, (counts, found.lowered, found.others)
    assert set(found.judged_by) == {shipped().version}


async def in_the_forum(home: Home, operator: Caller) -> None:
    """A thread whose title alone says it."""
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "Nights"}))["id"]
    thread = {"nonce": "t", "title": "I want to kill myself", "body": "That is all."}
    await operator.ok("POST", f"/boards/{board}/threads", thread)


async def test_what_would_change_is_counted_and_nothing_is_touched(home: Home, tmp_path: Path) -> None:
    _, room, (ann, _) = await home.community()
    await ann.say(room, "good morning")
    id = (await ann.say(room, OMEN)).json()["id"]
    before = await fingerprint(home)
    found = await replayed(home, load_candidate(candidate(tmp_path)))
    assert await fingerprint(home) == before
    assert (found.counts.raised, found.counts.lowered) == (1, 0)
    assert found.counts.tiers == {("green", "red"): 1}
    assert found.counts.gained == {"care.ideation.gloaming": 1}
    assert [str(each.id) for each in found.others] == [id]
    assert "lantern" not in repr(found)


async def test_earlier_days_erased_people_and_more_than_the_limit_are_left_alone(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    await ann.say(room, "long ago")
    home.clock.advance(timedelta(days=3))
    before = (await replayed(home, shipped())).counts.compared
    await ann.say(room, "a word of ann")
    await ben.say(room, "a word of ben")
    await ben.say(room, "another")
    assert (await replayed(home, shipped())).counts.compared == before + 3
    assert (await replayed(home, shipped(), limit=2)).counts.compared == 2
    assert (await replayed(home, shipped(), days=9)).counts.compared > before + 3
    await ben.say(room, CRY)  # stays sealed while its case is open
    await home.house.erasure.erase(MemberId(UUID(ben.id)))
    assert (await replayed(home, shipped())).counts.compared == before + 1


@pytest.mark.parametrize("width", [1, 2, 3, 7])
async def test_every_message_is_judged_once_however_wide_the_stretches(
    home: Home, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    _, room, (ann, _) = await home.community()
    for n in range(6):
        await ann.say(room, f"message {n}")
    whole = (await replayed(home, shipped())).counts.compared
    monkeypatch.setattr(replaying, "STRETCH", width)
    assert whole >= 6
    assert (await replayed(home, shipped())).counts.compared == whole


async def test_a_replay_holds_no_transaction_while_it_judges(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, room, (ann, _) = await home.community()
    await ann.say(room, "good morning")
    open_then: list[bool] = []
    really = replaying.again

    def watched(decider: Decider, row: replaying.Stored) -> replaying.Ruled:
        open_then.append(home.house.database._pool.get_size() != home.house.database._pool.get_idle_size())
        return really(decider, row)

    monkeypatch.setattr(replaying, "again", watched)
    await replayed(home, shipped())
    assert open_then and not any(open_then)
