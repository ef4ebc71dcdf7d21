"""Rooms: who may open one, who sees it, and that its name is judged."""

from __future__ import annotations

import pytest

from chat.rooms import RoomForm, Rooms
from community.bus import LocalBus
from community.errors import Conflict, Forbidden, Invalid, NotFound
from community.groups import Actor
from tests.chat.world import Node, Someone, World


@pytest.fixture
def rooms(world: World, one: Node) -> Rooms:
    return Rooms(world.database, world.clock, one.gate, LocalBus())


def actor(who: Someone) -> Actor:
    return Actor(who.id)


async def test_a_moderator_opens_a_room_and_members_see_it(world: World, rooms: Rooms) -> None:
    mod, ann = await world.member(role="moderator"), await world.member()
    late = await rooms.open(actor(mod), "lighthouse", RoomForm("  late   evening ", "tea", 2))
    first = await rooms.open(actor(mod), "lighthouse", RoomForm("morning", position=1))
    assert late.name == "late evening"
    seen, found = await rooms.of_group(actor(ann), "lighthouse")
    assert [(r.id, r.name, r.last_seq) for r in found] == [
        (first.id, "morning", 0),
        (late.id, "late evening", 0),
    ]
    assert seen.group.slug == "lighthouse"
    room, _ = await rooms.see(actor(ann), late.id)
    assert room == late


async def test_members_open_no_rooms_and_outsiders_see_none(world: World, rooms: Rooms) -> None:
    ann, mod = await world.member(), await world.member(role="owner")
    room = await rooms.open(actor(mod), "lighthouse", RoomForm("evening"))
    with pytest.raises(Forbidden):
        await rooms.open(actor(ann), "lighthouse", RoomForm("mine"))
    await world.put_membership(ann.id, banned=True)
    with pytest.raises(NotFound):
        await rooms.of_group(actor(ann), "lighthouse")
    with pytest.raises(NotFound):
        await rooms.see(actor(ann), room.id)
    with pytest.raises(NotFound):
        await rooms.of_group(actor(mod), "nowhere")


async def test_a_name_is_taken_once_and_must_be_a_name(world: World, rooms: Rooms) -> None:
    mod = await world.member(role="moderator")
    await rooms.open(actor(mod), "lighthouse", RoomForm("Evening"))
    with pytest.raises(Conflict):
        await rooms.open(actor(mod), "lighthouse", RoomForm("evening"))
    for bad in (RoomForm(""), RoomForm("x" * 61), RoomForm("ok", "x" * 301), RoomForm("ok", "", -1)):
        with pytest.raises(Invalid):
            await rooms.open(actor(mod), "lighthouse", bad)
    _, found = await rooms.of_group(actor(mod), "lighthouse")
    assert len(found) == 1, "what was refused left nothing behind"
