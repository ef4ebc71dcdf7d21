"""Drafts: one a place, bounded, and silent about places their writer may no longer see."""

from __future__ import annotations

import pytest

from community.errors import Invalid, NotFound, TooLong
from forum.drafts import Drafts
from forum.store import drafts as store
from forum.store.drafts import DRAFTS_MAX, DraftRow
from tests.forum.world import World, actor, some_id


async def test_a_later_draft_replaces_the_earlier_one(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    board = await world.board(group)
    drafts = Drafts(world.database, world.clock)
    await drafts.put(actor(a), board, title="t", body="one")
    await drafts.put(actor(a), board, title="t", body="two")
    assert [d.body for d in await drafts.of_member(a)] == ["two"]
    await drafts.put(actor(a), board, title=" ", body="\n")
    assert await drafts.of_member(a) == []


async def test_the_oldest_drafts_go_beyond_the_limit(world: World) -> None:
    a = await world.member()
    async with world.database.transaction() as tx:
        for n in range(DRAFTS_MAX + 2):
            world.clock.advance(1.0)
            await store.put(tx, a, DraftRow(some_id(), "", str(n), world.clock.now()))
        kept = await store.all_of(tx, a)
    assert len(kept) == DRAFTS_MAX and kept[0].body == "2"


async def test_the_title_of_a_place_is_not_told_once_one_may_not_see_it(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    board = await world.board(group)
    laid = await world.thread(group, board, b, title="private matter")
    drafts = Drafts(world.database, world.clock)
    await drafts.put(actor(a), laid.id, title="", body="my words")
    await drafts.put(actor(a), board, title="", body="more of mine")
    assert {(d.there, d.kind) for d in await drafts.of_member(a)} == {(True, "thread"), (True, "board")}
    await world.join(group, a, banned=True)
    assert {(d.there, d.body) for d in await drafts.of_member(a)} == {
        (False, "my words"),
        (False, "more of mine"),
    }


async def test_a_room_has_its_place_in_the_list_too(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    room = await world.room(group)
    async with world.database.transaction() as tx:
        await store.put(tx, a, DraftRow(room, "", "for the room", world.clock.now()))
        await store.put(tx, a, DraftRow(some_id(), "", "for nowhere", world.clock.now()))
        listed = await store.listed(tx, a)
    assert {(d.body, d.kind, d.there) for d in listed} == {
        ("for the room", "room", True),
        ("for nowhere", "gone", False),
    }


async def test_what_can_not_be_kept_is_refused_with_a_reason(world: World) -> None:
    group = await world.group()
    a, outsider = await world.insider(group), await world.member()
    board = await world.board(group)
    drafts = Drafts(world.database, world.clock)
    with pytest.raises(TooLong):
        await drafts.put(actor(a), board, title="", body="x" * 8001)
    with pytest.raises(Invalid):
        await drafts.put(actor(a), board, title="", body="a\x00b")
    for person, place in ((outsider, board), (a, some_id())):
        with pytest.raises(NotFound):
            await drafts.put(actor(person), place, title="", body="x")
