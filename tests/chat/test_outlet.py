"""An outlet keeps order, is bounded in three ways, drops best effort first, and never waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.frames import text_frame
from chat.outlet import BEST_EFFORT_MAX, BYTES_MAX, FRAMES_MAX, OLDEST_SECONDS, Outlet
from tests.chat.memory import MemoryLine


class Hands:
    """A clock's hand that the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def frame(n: int, size: int = 1) -> bytes:
    return text_frame(b'{"t":"x","n":%d,"p":"%s"}' % (n, b"p" * size))


@pytest.fixture
def line() -> MemoryLine:
    return MemoryLine()


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def outlet(line: MemoryLine, hands: Hands) -> Outlet:
    return Outlet(line, hands)


def numbers(line: MemoryLine) -> list[int]:
    return [f["n"] for f in line.frames]


def test_a_flowing_line_gets_frames_at_once(line: MemoryLine, outlet: Outlet) -> None:
    for n in range(3):
        outlet.put(frame(n))
    assert numbers(line) == [0, 1, 2] and outlet.is_flowing


def test_a_full_line_gets_them_later_in_order(line: MemoryLine, outlet: Outlet) -> None:
    line.is_writable = False
    for n in range(3):
        outlet.put(frame(n))
    assert numbers(line) == []
    line.empty()
    outlet.put(frame(3))
    assert numbers(line) == [0, 1, 2, 3]


def test_too_many_frames_close_it_with_4008(line: MemoryLine, outlet: Outlet) -> None:
    line.is_writable = False
    for n in range(FRAMES_MAX):
        outlet.put(frame(n))
    assert line.closed is None
    outlet.put(frame(FRAMES_MAX))
    assert line.closed is not None and line.closed[0] == 4008
    outlet.put(frame(0))  # a closed outlet takes anything and does nothing


def test_too_many_bytes_close_it_with_4008(line: MemoryLine, outlet: Outlet) -> None:
    line.is_writable = False
    for n in range(8):
        outlet.put(frame(n, BYTES_MAX // 8 - 100))
    assert line.closed is None
    outlet.put(frame(9, BYTES_MAX // 8))
    assert line.closed is not None and line.closed[0] == 4008


def test_a_frame_that_waits_too_long_closes_it_even_in_a_silent_room(
    line: MemoryLine, outlet: Outlet, hands: Hands
) -> None:
    line.is_writable = False
    outlet.put(frame(0))
    hands.now = OLDEST_SECONDS
    outlet.check_age(hands.now)
    assert line.closed is None
    hands.now += 0.1
    outlet.check_age(hands.now)
    assert line.closed is not None and line.closed[0] == 4008


def test_best_effort_frames_go_first(line: MemoryLine, outlet: Outlet) -> None:
    line.is_writable = False
    for n in range(BEST_EFFORT_MAX + 50):
        outlet.put(frame(n), is_best_effort=True)
    for n in range(FRAMES_MAX):
        outlet.put(frame(1000 + n))
    assert line.closed is None, "best-effort frames must never cost a client its connection"
    line.empty()
    assert numbers(line) == [1000 + n for n in range(FRAMES_MAX)]


def test_a_waiter_is_told_when_it_flows_again_or_is_closed(line: MemoryLine, outlet: Outlet) -> None:
    told: list[str] = []
    outlet.when_flowing(lambda: told.append("at once"))
    line.is_writable = False
    outlet.put(frame(0))
    outlet.when_flowing(lambda: told.append("later"))
    assert told == ["at once"]
    line.empty()
    assert told == ["at once", "later"]
    line.is_writable = False
    outlet.put(frame(1))
    outlet.when_flowing(lambda: told.append("closed"))
    outlet.close(4403, "signed out")
    assert told[-1] == "closed" and line.closed == (4403, "signed out")


@given(st.lists(st.tuples(st.sampled_from(["put", "effort", "stop", "go"]), st.integers(1, 3)), max_size=200))
def test_what_arrives_is_in_order_and_complete_but_for_best_effort(steps: list[tuple[str, int]]) -> None:
    line, n = MemoryLine(), 0
    outlet, wanted = Outlet(line, Hands()), []
    for what, times in steps:
        if what in ("stop", "go"):
            line.is_writable = what == "go"
            if line.is_writable:
                line.empty()
            continue
        for _ in range(times):
            n += 1
            outlet.put(frame(n), is_best_effort=what == "effort")
            wanted += [n] if what == "put" else []
    line.empty()
    got = numbers(line)
    assert got == sorted(got)
    assert line.closed is not None or set(wanted) <= set(got)
