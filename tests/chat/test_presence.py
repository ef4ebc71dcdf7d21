"""Presence fades with the process that spoke of it, typing is held back, whispers are best effort."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.hub import Hub
from chat.listeners import Crowd, Listener
from chat.outlet import Outlet
from chat.presence import FADE_SECONDS, REPEAT_SECONDS, TYPING_SECONDS, Presence
from chat.reading import Blocks, Facts
from community.bus import LocalBus, Whisper
from community.clock import ManualClock
from community.ids import ConversationId, MemberId, SessionId, new_id
from tests.chat.memory import MOMENT, MemoryLine, MemoryReader


class House:
    def __init__(self) -> None:
        self.clock, self.reader, self.crowd, self.bus = ManualClock(), MemoryReader(), Crowd(), LocalBus()
        self.hub = Hub(self.reader, self.clock, self.crowd)
        self.presence = Presence(self.hub, self.crowd, self.reader, self.clock, self.bus)
        self.bus.listen(self.hub.on_ring, self.presence.on_whisper, self.hub.on_gap)
        self.c = ConversationId(new_id())

    def follow(self, handle: str, *, seen: bool = False) -> tuple[Listener, MemoryLine]:
        line = MemoryLine()
        signed = (MemberId(new_id()), SessionId(new_id()))
        outlet = Outlet(line, self.clock.monotonic)
        listener = self.crowd.enter(signed, Facts(handle, Blocks(), seen), MOMENT, outlet)
        self.hub.follow(listener, self.c, 0)
        self.presence.came(listener, self.c)
        return listener, line


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.presence.start()
    yield made
    await made.presence.stop()


def names(line: MemoryLine, what: str) -> list[str]:
    return [p["handle"] for f in line.of("presence") for p in f.get(what, [])]


async def test_only_those_who_chose_it_are_shown(house: House) -> None:
    _, line = house.follow("watcher")
    house.follow("hidden")
    house.follow("open", seen=True)
    await line.until(lambda: bool(line.of("presence")))
    assert names(line, "here") == ["open"]


async def test_a_newcomer_sees_who_is_here(house: House) -> None:
    _, first = house.follow("watcher")
    house.follow("open", seen=True)
    await first.until(lambda: bool(first.of("presence")))
    _, line = house.follow("newcomer")
    await line.until(lambda: names(line, "here") == ["open"])
    assert names(first, "here") == ["open"], "nobody is announced twice"


async def test_who_was_here_on_another_process_fades_when_that_process_falls_silent(house: House) -> None:
    _, line = house.follow("watcher")
    far = MemberId(new_id())
    house.reader.known[far] = Facts("far", Blocks(), True)
    house.presence.on_whisper(Whisper(house.c, "presence", far, 1))
    await line.until(lambda: names(line, "here") == ["far"])
    house.clock.advance(FADE_SECONDS - 1)
    house.presence.repeat()
    assert names(line, "gone") == []
    house.clock.advance(2)
    house.presence.repeat()
    await line.until(lambda: names(line, "gone") == ["far"])


async def test_leaving_on_one_device_is_not_leaving(house: House) -> None:
    _, line = house.follow("watcher")
    phone, _ = house.follow("open", seen=True)
    desk = house.crowd.enter(
        (phone.person.id, SessionId(new_id())),
        Facts("open", Blocks(), True),
        MOMENT,
        Outlet(MemoryLine(), house.clock.monotonic),
    )
    house.hub.follow(desk, house.c, 0)
    await line.until(lambda: names(line, "here") == ["open"])
    for listener in (phone, desk):
        house.hub.unfollow(listener, house.c)
        house.presence.went(listener, house.c)
        if listener is phone:
            house.presence.on_whisper(Whisper(house.c, "presence", phone.person.id, 0))  # another process
    await line.until(lambda: names(line, "gone") == ["open"])


async def test_typing_is_passed_on_now_and_then_and_only_by_those_inside(house: House) -> None:
    _, line = house.follow("watcher")
    ann, own = house.follow("ann")
    outside, _ = house.follow("outside")
    house.hub.unfollow(outside, house.c)
    house.presence.types(outside, house.c)
    for _ in range(5):
        house.presence.types(ann, house.c)
    await line.until(lambda: bool(line.of("typing")))
    house.clock.advance(TYPING_SECONDS)
    house.presence.types(ann, house.c)
    await line.until(lambda: len(line.of("typing")) == 2)
    assert [f["member"]["handle"] for f in line.of("typing")] == ["ann", "ann"]
    assert own.of("typing") == []


async def test_whispers_are_dropped_while_the_database_is_away(house: House) -> None:
    _, line = house.follow("watcher")
    house.reader.is_away = True
    house.presence.on_whisper(Whisper(house.c, "typing", MemberId(new_id())))
    await house.reader.refused.wait()
    house.reader.is_away = False
    house.follow("ann", seen=True)
    await line.until(lambda: names(line, "here") == ["ann"])
    assert REPEAT_SECONDS * 2 < FADE_SECONDS, "one lost repetition must not make anyone vanish"
