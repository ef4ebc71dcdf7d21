"""Standing on live connections when rings are lost: everyone is looked at again within a second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from chat.standing import LOOK_SECONDS, PEOPLE_A_LOOK, Standing
from community.bus import LocalBus, Topic
from community.store import people, sessions
from tests.chat.world import Node, World, client, node


class DeafBus(LocalBus):
    """Loses every ring that isn't about a conversation, and knows that it may."""

    @property
    def is_certain(self) -> bool:
        return False

    def ring(self, topic: Topic, id: UUID) -> None:
        if topic == "conversation":
            super().ring(topic, id)


@pytest.fixture
async def deaf(world: World) -> AsyncIterator[Node]:
    async with node(world.database, DeafBus()) as started:
        yield started


def test_a_look_comes_within_the_second_that_is_promised() -> None:
    assert LOOK_SECONDS < 1


async def test_a_revoked_session_is_closed_without_a_ring(world: World, deaf: Node) -> None:
    ann, bob = await world.member(), await world.member()
    async with client(deaf, ann) as a, client(deaf, bob) as b:
        await a.next("welcome")
        async with world.database.transaction() as tx:
            assert await sessions.revoke(tx, ann.id, ann.session, now=world.clock.now())
        assert await a.was_closed() == 4403
        await b.send("ping")
        await b.next("pong")
        assert b.closed is None


async def test_a_banned_member_is_put_out_without_a_ring(world: World, deaf: Node) -> None:
    room, ann = await world.room(), await world.member()
    async with client(deaf, ann) as a:
        await a.join(room)
        await world.put_membership(ann.id, banned=True)
        assert (await a.next("left"))["c"] == str(room)


async def test_a_suspended_member_is_closed_without_a_ring(world: World, deaf: Node) -> None:
    ann = await world.member()
    async with client(deaf, ann) as a:
        await a.next("welcome")
        async with world.database.transaction() as tx:
            await tx.execute("update member set suspended_at = now() where id = $1", ann.id)
        assert await a.was_closed() == 4403


async def test_a_gap_of_the_bus_reads_everything_again_blocks_too(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, ann) as a, client(one, bob) as b:
        await b.join(room)
        async with world.database.transaction() as tx:
            await people.set_block(tx, bob.id, ann.id, on=True, now=world.clock.now())
        one.live.standing.on_gap()
        for n in range(50):  # the block is read beside the sends
            await a.say(room, f"number {n}")
            await b.until(lambda n=n: len(b.seqs(room)) == n + 1)
            if b.of("skip"):
                break
        assert b.of("skip")


async def test_a_change_while_someone_comes_in_is_not_missed(world: World, one: Node) -> None:
    ann = await world.member()
    standing = one.live.standing
    standing.on_ring("session", ann.session)  # rung before anyone of theirs was here
    async with client(one, ann) as a:
        await a.next("welcome")
        listener = next(iter(one.live.crowd.listeners()))
        async with world.database.transaction() as tx:
            assert await sessions.revoke(tx, ann.id, ann.session, now=world.clock.now())
        standing.entered(listener, world.clock.monotonic() - 60)
        assert await a.was_closed() == 4403


def test_everyone_has_their_turn_however_many_they_are(one_by_one: Standing) -> None:
    seen = [one_by_one._next_people() for _ in range(4)]
    assert all(len(part) <= PEOPLE_A_LOOK for part in seen)
    assert len({person.id for part in seen for person in part}) == 3 * PEOPLE_A_LOOK


@pytest.fixture
def one_by_one() -> Standing:
    from chat.joining import Joining
    from chat.listeners import Crowd
    from chat.outlet import Outlet
    from chat.reading import Blocks, Facts
    from community.clock import ManualClock
    from community.ids import MemberId, SessionId, new_id
    from tests.chat.memory import MOMENT, MemoryLine, MemoryReader

    crowd, reader = Crowd(), MemoryReader()
    for _ in range(3 * PEOPLE_A_LOOK):
        signed = (MemberId(new_id()), SessionId(new_id()))
        crowd.enter(signed, Facts("x", Blocks(), False), MOMENT, Outlet(MemoryLine(), lambda: 0.0))
    joining: Joining = None  # type: ignore[assignment] - nobody is put out here
    return Standing(crowd, joining, reader, ManualClock())
