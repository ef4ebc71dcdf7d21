"""Facilitated rooms: open while a facilitator is there, read-only when the last one has left, and never deaf."""

from __future__ import annotations

import asyncio

from chat.attendance import Attendance
from chat.rooms import RoomForm, Rooms
from community.bus import LocalBus
from community.clock import ManualClock
from community.groups import Actor, Groups
from tests.chat.world import Node, World, client
from tests.home import CRY


async def test_a_room_opens_with_a_facilitator_and_closes_a_while_after_the_last_one_left(
    world: World, one: Node
) -> None:
    mod, fay = await world.member(role="moderator"), await world.member(role="facilitator")
    ann = await world.member()
    groups = Groups(world.database, world.clock, one.gate, LocalBus())
    rooms = Rooms(world.database, world.clock, groups, one.gate, LocalBus())
    room = await rooms.open(Actor(mod.id), "lighthouse", RoomForm("circle"))
    clock = ManualClock()
    attendance = Attendance(world.database, one.live.hub, clock, one.bus)
    async with client(one, ann) as a:
        await a.join(room.id)
        await rooms.change(Actor(mod.id), room.id, RoomForm("circle"), "facilitated")
        await attendance.look()
        await a.next("event", notice="facilitator_gone")  # a member alone doesn't open it
        assert (await a.say(room.id, "hello?"))["code"] == "read_only"
        await a.say(room.id, CRY)
        assert await a.next("support"), "whoever cries is heard in a closed room"
        async with client(one, fay) as f:
            await f.join(room.id)
            await attendance.look()
            await a.next("event", notice="facilitator_here")
            assert (await a.say(room.id, "good to see you"))["t"] == "ack"
        while len(one.live.hub.followers(room.id)) > 1:  # noqa: ASYNC110 - the hub signals nothing
            await asyncio.sleep(0)  # the facilitator's line is closing
        clock.advance(30)
        await attendance.look()
        assert (await a.say(room.id, "back in a moment?"))["t"] == "ack", "a broken line closes nothing"
        clock.advance(61)
        await attendance.look()
        await attendance.look()
        assert (await rooms.see(Actor(ann.id), room.id))[0].state == "read_only"
        await rooms.change(Actor(mod.id), room.id, RoomForm("circle"), "open")
        clock.advance(61)
        await attendance.look()
        assert (await rooms.see(Actor(ann.id), room.id))[0].state == "open", "no longer facilitated"
