"""Erasure while its member still speaks: whatever was said before goes, and nothing comes after."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from community.errors import Refusal
from community.ids import ConversationId, MemberId, MessageId
from community.store import export as store
from community.store import people
from moderation.gate.submissions import Edit, Send
from tests.home import PASSWORD, Caller, Home


async def read_by(reader: Caller, room: str) -> str:
    history = await reader.call("GET", f"/conversations/{room}/messages")
    return history.text + (await reader.call("GET", f"/conversations/{room}/events?after=0")).text


async def kept_of(home: Home, word: str) -> int:
    async with home.house.database.read() as conn:
        return int(await conn.fetchval("select count(*) from message where strpos(body, $1) > 0", word))


@pytest.mark.parametrize("step", ["drop_words", "drop_account"])
async def test_nothing_said_while_an_account_is_erased_stays(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    _, room, (ann, ben) = await home.community()
    id = (await ann.say(room, "hello")).json()["id"]
    place, author, gate = ConversationId(UUID(room)), MemberId(UUID(ann.id)), home.house.gate
    told: list[str] = []
    really = getattr(store, step)

    async def meanwhile(*args: Any, **more: Any) -> None:
        await really(*args, **more)
        for asked in (
            gate.send(Send(author, place, "late", "about marmalade")),
            gate.send(Send(author, place, "cry", "marmalade. I want to kill myself tonight")),
            gate.edit(Edit(author, MessageId(UUID(id)), "edit", "marmalade instead")),
            home.house.flags.flag(author, MessageId(UUID(other)), "worried", "marmalade here"),
        ):
            try:
                await asked
            except Refusal as refusal:
                told.append(refusal.code)

    other = (await ben.say(room, "and to you")).json()["id"]
    monkeypatch.setattr(store, step, meanwhile)
    await home.house.erasure.erase(author)
    assert told == ["unavailable"] * 4
    assert "marmalade" not in await read_by(ben, room)
    assert await kept_of(home, "marmalade") == 0


async def test_words_released_while_their_author_is_erased_are_taken_back(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    settings = {"premoderate_first": 3}
    await operator.ok("PATCH", "/groups/lighthouse", {"settings": settings})
    held = (await ann.say(room, "about marmalade")).json()
    assert held["outcome"] == "hold"
    async with home.house.database.transaction() as tx:
        await home.house.gate.edits.publish(tx, MessageId(UUID(held["id"])), now=home.clock.now())
        erasing = asyncio.create_task(home.house.erasure.erase(MemberId(UUID(ann.id))))
        await waits_for_a_lock(home)
    await erasing
    replay = await ben.ok("GET", f"/conversations/{room}/events?after=0")
    assert [item["kind"] for item in replay["items"]] == ["message", "withdraw"]


async def waits_for_a_lock(home: Home) -> None:
    """Until somebody on this database stands in line for a lock."""
    async with asyncio.timeout(5), home.house.database.read() as conn:
        while not await conn.fetchval(
            "select exists (select 1 from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock')"
        ):
            pass


async def test_of_two_operators_who_go_at_once_one_stays(home: Home) -> None:
    both = [await home.operator("olive"), await home.operator("oscar")]
    answers = await asyncio.gather(*(one.call("DELETE", "/me", {"password": PASSWORD}) for one in both))
    assert sorted(a.status_code for a in answers) == [204, 409]
    async with home.house.database.read() as conn:
        assert await people.count_operators(conn) == 1
