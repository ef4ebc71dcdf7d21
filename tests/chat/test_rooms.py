"""Rooms: who may open one, who sees it, and that its name is judged."""

from __future__ import annotations

import pytest

from chat.rooms import RoomForm, Rooms
from community.bus import LocalBus
from community.errors import Conflict, Forbidden, Invalid, NotFound
from community.groups import Actor, Groups
from tests.chat.world import Node, Someone, World, client


@pytest.fixture
def rooms(world: World, one: Node) -> Rooms:
    bus = LocalBus()
    groups = Groups(world.database, world.clock, one.gate, bus)
    return Rooms(world.database, world.clock, groups, one.gate, bus)


def actor(who: Someone) -> Actor:
    return Actor(who.id)


async def test_a_moderator_opens_a_room_and_members_see_it(world: World, rooms: Rooms) -> None:
    mod, ann = await world.member(role="moderator"), await world.member()
    late = await rooms.open(actor(mod), "lighthouse", RoomForm("  late   evening ", "tea"))
    first = await rooms.open(actor(mod), "lighthouse", RoomForm("early morning"))
    assert late.name == "late evening"
    seen, found = await rooms.of_group(actor(ann), "lighthouse")
    assert [(v.room.id, v.room.name, v.new) for v in found] == [
        (first.id, "early morning", 0),
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
    for bad in (RoomForm(""), RoomForm("x" * 61), RoomForm("ok", "x" * 301)):
        with pytest.raises(Invalid):
            await rooms.open(actor(mod), "lighthouse", bad)
    _, found = await rooms.of_group(actor(mod), "lighthouse")
    assert len(found) == 1, "what was refused left nothing behind"


async def test_a_room_made_read_only_still_reads_and_opens_again(
    world: World, one: Node, rooms: Rooms
) -> None:
    mod, ann = await world.member(role="moderator"), await world.member()
    room = await rooms.open(actor(mod), "lighthouse", RoomForm("evening"))
    with pytest.raises(Forbidden):
        await rooms.set_open(actor(ann), "lighthouse", room.id, open=False)
    assert (await rooms.set_open(actor(mod), "lighthouse", room.id, open=False)).state == "read_only"
    async with client(one, ann) as a:
        await a.join(room.id)
        assert (await a.say(room.id, "hello"))["code"] == "read_only"
        await rooms.set_open(actor(mod), "lighthouse", room.id, open=True)
        assert (await a.say(room.id, "hello"))["t"] == "ack"


async def test_what_is_new_counts_from_where_one_was(world: World, one: Node, rooms: Rooms) -> None:
    mod, ann = await world.member(role="moderator"), await world.member()
    room = await rooms.open(actor(mod), "lighthouse", RoomForm("evening"))
    async with client(one, mod) as m:
        await m.say(room.id, "one")
        _, before = await rooms.of_group(actor(ann), "lighthouse")
        assert before[0].new == 0 and before[0].read_seq is None, "a room never visited doesn't nag"
        async with client(one, ann) as a:
            await a.join(room.id)
            await a.send("read", c=room.id, seq=1)
            await a.send("ping")
            await a.next("pong")
        await one.live.marks.write()
        await m.say(room.id, "two")
    _, after = await rooms.of_group(actor(ann), "lighthouse")
    assert (after[0].new, after[0].last_at is not None) == (1, True)
