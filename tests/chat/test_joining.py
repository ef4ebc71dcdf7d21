"""Joining while everything moves: bans, leaving, slow readers and an absent database in the middle of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.hub import PAGE, Hub
from chat.joining import FOLLOWING_MAX, REPLAY_EVENTS_MAX, Joining
from chat.listeners import Crowd, Listener
from chat.outlet import FRAMES_MAX, Outlet
from chat.presence import Presence
from chat.protocol import Join
from chat.reading import Blocks, Facts
from community.bus import LocalBus
from community.clock import ManualClock
from community.errors import NotFound, Refusal, Unavailable
from community.ids import ConversationId, MemberId, SessionId, new_id
from tests.chat.memory import MOMENT, MemoryLine, MemoryReader


class House:
    """Hub and joining over a log in memory."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.reader = MemoryReader()
        self.crowd = Crowd()
        self.hub = Hub(self.reader, self.clock, self.crowd)
        presence = Presence(self.hub, self.crowd, self.reader, self.clock, LocalBus())
        self.joining = Joining(self.hub, self.reader, presence)
        self.c = ConversationId(new_id())
        self.author = MemberId(new_id())

    def enter(self) -> tuple[Listener, MemoryLine]:
        line = MemoryLine()
        signed = (MemberId(new_id()), SessionId(new_id()))
        outlet = Outlet(line, self.clock.monotonic)
        return self.crowd.enter(signed, Facts("someone", Blocks(), False), MOMENT, outlet), line

    def fill(self, n: int) -> None:
        for _ in range(n):
            self.reader.say(self.c, self.author)

    def joined(self, line: MemoryLine) -> bool:
        return bool(line.of("joined"))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.hub.start()
    yield made
    await made.joining.stop()
    await made.hub.stop()


async def test_everything_missed_comes_in_order_before_joined_and_then_live(house: House) -> None:
    house.fill(PAGE * 3 + 1)
    listener, line = house.enter()
    await house.joining.join(listener, Join(c=house.c, after=0, nonce="n"))
    await line.until(lambda: house.joined(line))
    assert line.seqs(house.c) == list(range(1, PAGE * 3 + 2))
    assert line.frames[-1] == {
        "t": "joined", "c": str(house.c), "seq": PAGE * 3 + 1, "epoch": "epoch-1", "nonce": "n",
    }  # fmt: skip
    house.fill(1)
    house.hub.on_ring("conversation", house.c)
    await line.until(lambda: line.seqs(house.c)[-1] == PAGE * 3 + 2)


async def test_events_that_come_while_catching_up_are_neither_lost_nor_doubled(house: House) -> None:
    first, other = house.enter()
    await house.joining.join(first, Join(c=house.c))
    house.fill(PAGE + 10)
    left = 30

    def more() -> None:
        nonlocal left
        if left:
            left -= 1
            house.fill(1)
            house.hub.on_ring("conversation", house.c)

    house.reader.during_read = more
    listener, line = house.enter()
    await house.joining.join(listener, Join(c=house.c, after=0))
    house.hub.on_ring("conversation", house.c)
    await line.until(lambda: len(line.seqs(house.c)) == PAGE + 40)
    await other.until(lambda: len(other.seqs(house.c)) == PAGE + 40)
    for each in (line, other):
        assert each.seqs(house.c) == list(range(1, PAGE + 41))
    assert len(line.of("joined")) == 1


async def test_catching_up_waits_for_a_slow_client_and_is_outside_the_outlets_limits(house: House) -> None:
    assert REPLAY_EVENTS_MAX > FRAMES_MAX
    house.fill(REPLAY_EVENTS_MAX)
    listener, line = house.enter()
    line.is_writable = False
    await house.joining.join(listener, Join(c=house.c, after=0))
    await house.reader.until_read()
    assert line.frames == []
    while not house.joined(line):  # the line takes one page at a time
        line.empty()
        await house.reader.readable([])
    assert line.closed is None
    assert line.seqs(house.c) == list(range(1, REPLAY_EVENTS_MAX + 1))


async def test_who_is_banned_while_joining_gets_nothing_more(house: House) -> None:
    house.fill(PAGE * 2)
    listener, line = house.enter()
    line.is_writable = False
    await house.joining.join(listener, Join(c=house.c, after=0))
    await house.reader.until_read()
    house.joining.put_out(listener, house.c)
    line.empty()
    await line.until(lambda: bool(line.of("left")))
    assert line.seqs(house.c) == [] and not house.joined(line) and house.hub.position(house.c) is None


async def test_who_is_put_out_during_the_first_check_never_joins(house: House) -> None:
    listener, line = house.enter()
    house.reader.during_read = lambda: house.joining.put_out(listener, house.c)
    await house.joining.join(listener, Join(c=house.c))
    assert not house.joined(line) and house.hub.position(house.c) is None


async def test_leaving_while_catching_up_ends_it(house: House) -> None:
    house.fill(PAGE * 2)
    listener, line = house.enter()
    line.is_writable = False
    await house.joining.join(listener, Join(c=house.c, after=0))
    house.joining.leave_all(listener)
    line.empty()
    await house.reader.readable([])
    assert line.frames == [] and listener.wanted() == set()


async def test_without_a_database_the_answer_is_a_refusal_and_one_may_ask_again(house: House) -> None:
    house.fill(3)
    listener, line = house.enter()
    house.reader.is_away = True
    with pytest.raises(Unavailable):
        await house.joining.join(listener, Join(c=house.c, after=0))
    house.reader.is_away = False
    await house.joining.join(listener, Join(c=house.c, after=0))
    await line.until(lambda: house.joined(line))
    assert line.seqs(house.c) == [1, 2, 3]


async def test_a_database_that_goes_away_in_the_middle_is_told_by_a_nack(house: House) -> None:
    house.fill(PAGE * 2)
    listener, line = house.enter()
    line.is_writable = False
    await house.joining.join(listener, Join(c=house.c, after=0, nonce="n"))
    await house.reader.until_read()
    house.reader.is_away = True
    line.empty()
    await line.until(lambda: bool(line.of("nack")))
    nack = line.of("nack")[0]
    assert (nack["code"], nack["nonce"], nack["c"]) == ("unavailable", "n", str(house.c))
    assert listener.wanted() == set()


async def test_one_connection_follows_so_many_and_no_more(house: House) -> None:
    listener, _ = house.enter()
    listener.following = {ConversationId(new_id()) for _ in range(FOLLOWING_MAX)}
    with pytest.raises(Refusal) as refused:
        await house.joining.join(listener, Join(c=house.c))
    assert refused.value.code == "too_many"


async def test_what_may_not_be_read_is_not_found_and_leaves_nothing_behind(house: House) -> None:
    listener, _ = house.enter()
    house.reader.forbidden.add((listener.person.id, house.c))
    with pytest.raises(NotFound):
        await house.joining.join(listener, Join(c=house.c))
    assert listener.wanted() == set()
