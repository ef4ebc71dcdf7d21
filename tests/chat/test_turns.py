"""Turns in a meeting: no one is lost from the queue, no one stands in it twice, and its order is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chat.turns import RUNS_MAX, WAITS_MAX, Act, Kind, Turns, derived, step
from community.ids import MemberId

MOMENT = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)
PEOPLE = [MemberId(UUID(int=n)) for n in range(1, 6)]
ANN, BOB, CAT = PEOPLE[:3]
KINDS: list[Kind] = [
    "begin", "end", "raise", "lower", "call", "pass", "check_in", "check_out", "nudge_others", "nudge_turn",
]  # fmt: skip


def acts(*said: tuple[Kind, MemberId | None]) -> list[Act]:
    return [Act(kind, member, MOMENT + timedelta(seconds=n)) for n, (kind, member) in enumerate(said)]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from([None, *PEOPLE]))))
def test_no_one_is_lost_no_one_stands_twice_and_order_is_kept(
    said: list[tuple[Kind, MemberId | None]],
) -> None:
    turns, waiting = Turns(), list[MemberId]()
    for act in acts(*said):
        before, turns = turns, step(turns, act)
        if turns.is_running and before.is_running:
            speaker = before.turn.member if before.turn else None
            if act.kind == "raise" and act.member and act.member not in waiting and act.member != speaker:
                waiting.append(act.member)
            elif act.kind in ("lower", "call") and act.member in waiting:
                waiting.remove(act.member)
        else:
            waiting = [] if not turns.is_running else waiting
        assert list(turns.queue) == waiting
        assert len(set(turns.queue)) == len(turns.queue)
        assert turns.turn is None or turns.turn.member not in turns.queue
        assert step(turns, act) in (turns, step(step(turns, act), act)), "twice is once"


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(PEOPLE))), st.sampled_from(PEOPLE))
def test_whoever_is_erased_leaves_no_trace_and_moves_no_one(
    said: list[tuple[Kind, MemberId | None]], gone: MemberId
) -> None:
    erased = [(kind, None if member == gone else member) for kind, member in said]
    left, before = derived(acts(*erased)), derived(acts(*said))
    assert left.queue == tuple(one for one in before.queue if one != gone)
    assert gone not in (*left.had, *left.checked_in, *left.checked_out)
    assert left.began_at == before.began_at and left.ended_at == before.ended_at


def test_a_turn_goes_round() -> None:
    turns = derived(acts(("begin", None), ("raise", ANN), ("raise", BOB), ("raise", CAT), ("raise", ANN)))
    assert turns.queue == (ANN, BOB, CAT) and turns.next == ANN
    turns = step(turns, Act("call", turns.next, MOMENT))
    assert turns.turn is not None and turns.turn.member == ANN and turns.queue == (BOB, CAT)
    assert step(turns, Act("pass", BOB, MOMENT)) == turns, "only who has the turn can give it on"
    assert step(turns, Act("raise", ANN, MOMENT)) == turns
    turns = step(step(turns, Act("lower", BOB, MOMENT)), Act("pass", ANN, MOMENT))
    assert turns.turn is None and turns.queue == (CAT,) and turns.had == (ANN,)
    turns = step(turns, Act("end", None, MOMENT))
    assert turns.queue == () and not turns.is_running
    assert step(turns, Act("raise", BOB, MOMENT)) == turns


def test_a_forgotten_meeting_is_over_by_itself() -> None:
    running = derived(acts(("begin", None)))
    assert running.phase(MOMENT, MOMENT) == "running"
    assert running.phase(MOMENT, MOMENT + RUNS_MAX) == "over"
    assert Turns().phase(MOMENT, MOMENT - timedelta(days=2)) == "planned"
    assert Turns().phase(MOMENT, MOMENT + WAITS_MAX) == "over"
