"""Ring and read: whatever is lost on the way, everyone gets every event once and in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.frames import payloads
from chat.hub import PAGE, SWEEP_SECONDS, Encoded, Hub
from chat.listeners import Crowd, Listener
from chat.outlet import Outlet
from chat.reading import Blocks, Facts
from community.clock import ManualClock
from community.ids import ConversationId, MemberId, SessionId, new_id
from tests.chat.memory import MOMENT, MemoryLine, MemoryReader


class House:
    """A hub over a log in memory."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.reader = MemoryReader()
        self.crowd = Crowd()
        self.hub = Hub(self.reader, self.clock, self.crowd)
        self.c = ConversationId(new_id())
        self.author = MemberId(new_id())

    def enter(self, *blocked: MemberId, member: MemberId | None = None) -> tuple[Listener, MemoryLine]:
        line = MemoryLine()
        facts = Facts("someone", Blocks(frozenset(blocked)), False)
        signed = (member or MemberId(new_id()), SessionId(new_id()))
        listener = self.crowd.enter(signed, facts, MOMENT, Outlet(line, self.clock.monotonic))
        return listener, line

    def follow(self, *blocked: MemberId, at: int = 0, member: MemberId | None = None) -> MemoryLine:
        listener, line = self.enter(*blocked, member=member)
        self.hub.follow(listener, self.c, at)
        return line

    def say(self, text: str = "hello", *, ring: bool = True) -> None:
        self.reader.say(self.c, self.author, text)
        if ring:
            self.hub.on_ring("conversation", UUID(int=self.c.int))

    async def got(self, line: MemoryLine, seqs: list[int]) -> None:
        await line.until(lambda: len(line.seqs(self.c)) >= len(seqs))
        assert line.seqs(self.c) == seqs


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.hub.start()
    await made.clock.sleepers(2)
    yield made
    await made.hub.stop()


async def test_everyone_gets_every_event_once_and_in_order(house: House) -> None:
    lines = [house.follow() for _ in range(5)]
    for n in range(30):
        house.say(f"number {n}")
        if n % 7 == 0:
            await asyncio.sleep(0)
    for line in lines:
        await house.got(line, list(range(1, 31)))
        assert [f["body"] for f in line.of("event")] == [f"number {n}" for n in range(30)]


async def test_rings_doubled_and_for_nothing_are_harmless(house: House) -> None:
    line = house.follow()
    house.say()
    for _ in range(5):
        house.hub.on_ring("conversation", house.c)
        house.hub.on_ring("conversation", new_id())
        house.hub.on_ring("member", house.c)
    await house.got(line, [1])
    house.say()
    await house.got(line, [1, 2])


async def test_a_lost_ring_is_repaired_by_the_next_one(house: House) -> None:
    line = house.follow()
    house.say(ring=False)
    house.say(ring=False)
    house.say()
    await house.got(line, [1, 2, 3])


async def test_a_lost_ring_is_repaired_by_the_sweep(house: House) -> None:
    line = house.follow()
    await house.reader.until_read()  # what following itself made due
    house.say(ring=False)
    house.clock.advance(SWEEP_SECONDS)
    await house.got(line, [1])
    assert house.hub.figures.repaired == 1


async def test_a_gap_of_the_bus_is_repaired_at_once(house: House) -> None:
    line = house.follow()
    house.say(ring=False)
    house.hub.on_gap()
    await house.got(line, [1])


async def test_nothing_is_lost_while_the_database_is_away(house: House) -> None:
    line = house.follow()
    house.reader.is_away = True
    house.say()
    await house.clock.sleepers(3)  # the deliverer waits before it tries again
    assert line.seqs(house.c) == []
    house.reader.is_away = False
    house.clock.advance(1)
    await house.got(line, [1])


async def test_a_long_backlog_comes_in_pages(house: House) -> None:
    line = house.follow()
    for _ in range(PAGE * 2 + 5):
        house.say(ring=False)
    house.hub.on_gap()
    await house.got(line, list(range(1, PAGE * 2 + 6)))


async def test_rung_conversations_are_read_in_one_query(house: House) -> None:
    lines = []
    others = [ConversationId(new_id()) for _ in range(20)]
    for c in others:
        listener, line = house.enter()
        house.hub.follow(listener, c, 0)
        lines.append(line)
    await house.reader.until_read()
    before = house.reader.reads
    for c in others:
        house.reader.say(c, house.author)
        house.hub.on_ring("conversation", c)
    for c, line in zip(others, lines, strict=True):
        await line.until(lambda line=line, c=c: line.seqs(c) == [1])  # type: ignore[misc]
    assert house.reader.reads == before + 1


async def test_one_who_caught_up_further_is_not_told_twice(house: House) -> None:
    behind = house.follow()
    for _ in range(5):
        house.say(ring=False)
    ahead = house.follow(at=3)
    await house.got(behind, [1, 2, 3, 4, 5])
    await house.got(ahead, [4, 5])
    house.say()
    await house.got(ahead, [4, 5, 6])


async def test_a_channel_opened_anew_while_it_is_read_leaves_no_gap(house: House) -> None:
    listener, _ = house.enter()
    house.hub.follow(listener, house.c, 4)
    for _ in range(6):
        house.say(ring=False)
    swapped: asyncio.Future[MemoryLine] = asyncio.get_running_loop().create_future()

    def swap() -> None:
        house.reader.during_read = None
        house.hub.unfollow(listener, house.c)  # the last one leaves: the channel at 4 is gone
        swapped.set_result(house.follow(at=2))

    house.reader.during_read = swap
    house.hub.on_gap()
    await house.got(await swapped, [3, 4, 5, 6])


async def test_a_blocked_author_is_a_skip_with_every_event_on_their_messages(house: House) -> None:
    line, open_line = house.follow(house.author), house.follow()
    message = house.reader.say(house.c, house.author, "not for everyone")
    other = MemberId(new_id())
    house.reader.log(
        house.c, kind="react", message_id=message.message_id, author_id=house.author, member_id=other
    )
    house.reader.say(house.c, other, "for everyone")
    house.reader.log(house.c, kind="react", author_id=other, member_id=house.author)
    house.hub.on_ring("conversation", house.c)
    await house.got(line, [1, 2, 3, 4])
    await house.got(open_line, [1, 2, 3, 4])
    assert [f["t"] for f in line.frames] == ["skip", "skip", "event", "skip"]
    assert [f["t"] for f in open_line.frames] == ["event"] * 4
    assert "not for everyone" not in json.dumps(line.frames)


async def test_only_the_author_of_a_masked_message_sees_their_own_words(house: House) -> None:
    own, other = house.follow(member=house.author), house.follow()
    house.reader.say(house.c, house.author, "call […]", own_body="call 0123", state="masked")
    house.hub.on_ring("conversation", house.c)
    await house.got(own, [1])
    await house.got(other, [1])
    assert own.frames[0]["own_body"] == "call 0123" and own.frames[0]["body"] == "call […]"
    assert "0123" not in json.dumps(other.frames)


async def test_who_left_hears_nothing_more(house: House) -> None:
    listener, line = house.enter()
    stays = house.follow()
    house.hub.follow(listener, house.c, 0)
    house.say()
    await house.got(line, [1])
    house.hub.unfollow(listener, house.c)
    house.say()
    await house.got(stays, [1, 2])
    assert line.seqs(house.c) == [1] and house.hub.followers(house.c) != []


async def test_a_slow_reader_is_closed_and_the_others_never_wait(house: House) -> None:
    slow, quick = house.follow(), house.follow()
    slow.is_writable = False
    for n in range(300):
        house.say(f"{n}", ring=False)
    house.hub.on_gap()
    await house.got(quick, list(range(1, 301)))
    await slow.until(lambda: slow.closed is not None)
    assert slow.closed is not None and slow.closed[0] == 4008


def test_an_event_is_encoded_once_for_each_kind_of_reader() -> None:
    reader, c, author = MemoryReader(), ConversationId(new_id()), MemberId(new_id())
    one = Encoded(reader.say(c, author, "call […]", own_body="call 0123", state="masked"))
    crowd = Crowd()

    def person(*blocked: MemberId, member: MemberId | None = None) -> Listener:
        facts = Facts("x", Blocks(frozenset(blocked)), False)
        ids = (member or MemberId(new_id()), SessionId(new_id()))
        return crowd.enter(ids, facts, MOMENT, Outlet(MemoryLine(), lambda: 0.0))

    assert one.for_person(person().person) is one.public
    assert one.for_person(person(member=author).person) is one.for_person(person(member=author).person)
    skipped = one.for_person(person(author).person)
    assert skipped is one.for_person(person(author).person)
    assert json.loads(next(payloads(skipped))) == {"t": "skip", "c": str(c), "seq": 1}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["say", "ring", "lose", "follow", "leave", "breathe", "gap", "away"]), max_size=60
    )
)
async def test_whatever_happens_in_whatever_order_logs_stay_whole(steps: list[str]) -> None:
    house = House()
    await house.hub.start()
    lines: list[tuple[Listener, MemoryLine, int]] = []
    gone: list[tuple[MemoryLine, int]] = []
    for step in steps:
        match step:
            case "say":
                house.say()
            case "lose":
                house.say(ring=False)
            case "ring":
                house.hub.on_ring("conversation", house.c)
            case "gap":
                house.hub.on_gap()
            case "away":
                house.reader.is_away = not house.reader.is_away
            case "breathe":
                await asyncio.sleep(0)
            case "follow":
                listener, line = house.enter()
                at = max(house.hub.position(house.c) or 0, len(house.reader.logs[house.c]))
                house.hub.follow(listener, house.c, at)
                lines.append((listener, line, at))
            case "leave":
                if lines:
                    listener, line, at = lines.pop(0)
                    house.hub.unfollow(listener, house.c)
                    gone.append((line, at))
    house.reader.is_away = False
    head = len(house.reader.logs[house.c])
    house.clock.advance(1)
    house.hub.on_gap()
    for _, line, at in lines:
        await line.until(lambda line=line, at=at: len(line.seqs(house.c)) >= head - at)  # type: ignore[misc]
        assert line.seqs(house.c) == list(range(at + 1, head + 1))
    for line, at in gone:
        got = line.seqs(house.c)
        assert got == list(range(at + 1, at + 1 + len(got)))
    await house.hub.stop()
