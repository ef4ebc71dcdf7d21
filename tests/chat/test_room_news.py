"""News around a room: a ring without a word becomes "look again" for those who follow it, and for nobody else."""

from __future__ import annotations

from tests.chat.world import Node, World, client


async def test_a_ring_about_a_room_tells_its_followers_to_look_again(world: World, one: Node) -> None:
    ann, bob = await world.member(), await world.member()
    here, there = await world.room(), await world.room()
    async with client(one, ann) as a, client(one, bob) as b:
        await a.join(here)
        await b.join(there)
        one.bus.ring("room", here)
        assert await a.next("room") == {"t": "room", "c": str(here)}
        one.live.news.on_gap()
        await b.next("room", c=str(there))
        await a.until(lambda: len(a.of("room")) == 2)
        assert len(b.of("room")) == 1, "a gap tells everyone, a ring its own"
