"""The pairing machine: nobody is in a conversation they didn't agree to, whatever is pressed in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.pairings.machine import LAPSES_AFTER, Act, Asked, IllegalAct, Pairing, replay, step
from community.ids import MemberId

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANN, BEN, CAT, DAN = (MemberId(UUID(int=n)) for n in range(1, 5))
KINDS = ("agreed", "passed", "declined", "withdrawn", "lapsed", "ended")


def after(*acts: Asked | Act) -> Pairing:
    return replay((act, NOW + timedelta(minutes=n)) for n, act in enumerate(acts))


def agreed(by: MemberId) -> Act:
    return Act("agreed", by)


TO_GROUP, TO_BEN = Asked(ANN, ANN, None), Asked(ANN, ANN, BEN)


def test_an_ask_to_the_group_opens_once_both_said_yes_to_each_other() -> None:
    taken = after(TO_GROUP, agreed(BEN))
    assert (taken.state, taken.beside, taken.awaits(ANN), taken.awaits(BEN)) == ("accepted", BEN, True, False)
    assert after(TO_GROUP, agreed(BEN), agreed(ANN)).state == "open"


def test_whoever_asks_a_certain_person_has_agreed_by_asking() -> None:
    assert after(TO_BEN, agreed(BEN)).state == "open"
    handed_over = Asked(DAN, ANN, BEN)
    assert after(handed_over, agreed(BEN)).state == "accepted"
    assert after(handed_over, agreed(BEN), agreed(ANN)).state == "open"


def test_what_isnt_the_right_match_goes_back_to_the_others() -> None:
    back = after(TO_GROUP, agreed(BEN), Act("passed", ANN))
    assert (back.state, back.beside, back.agreed, back.passed) == ("asked", None, frozenset(), {BEN})
    with pytest.raises(IllegalAct):
        step(back, agreed(BEN), NOW)
    assert step(back, agreed(CAT), NOW).beside == CAT


@pytest.mark.parametrize("by", [ANN, BEN])
def test_either_ends_it_at_once_and_for_good(by: MemberId) -> None:
    over = after(TO_BEN, agreed(BEN), Act("ended", by))
    assert over.state == "ended"
    for kind in KINDS:
        with pytest.raises(IllegalAct):
            step(over, Act(cast(Any, kind), by), NOW)


def test_strangers_can_do_nothing() -> None:
    for kind in KINDS:
        for start in ((TO_BEN,), (TO_BEN, agreed(BEN))):
            with pytest.raises(IllegalAct):
                step(after(*start), Act(cast(Any, kind), CAT), NOW)


def test_an_ask_rests_after_fourteen_days_and_not_before() -> None:
    asked = after(TO_BEN)
    with pytest.raises(IllegalAct):
        step(asked, Act("lapsed"), NOW + LAPSES_AFTER - timedelta(seconds=1))
    assert step(asked, Act("lapsed"), NOW + LAPSES_AFTER).state == "lapsed"
    assert asked.due_at == NOW + LAPSES_AFTER and after(TO_BEN, agreed(BEN)).due_at is None


PEOPLE = st.sampled_from([ANN, BEN, CAT, DAN])
ACTS = st.builds(Act, st.sampled_from(KINDS), st.one_of(st.none(), PEOPLE))
ASKS = st.builds(Asked, PEOPLE, PEOPLE, st.one_of(st.none(), PEOPLE))


@given(ASKS, st.lists(ACTS, max_size=12))
def test_it_is_never_open_without_the_yes_of_both_and_replays_to_itself(
    asked: Asked, acts: list[Act]
) -> None:
    try:
        pairing = step(None, asked, NOW)
    except IllegalAct:
        return
    done: list[tuple[Asked | Act, datetime]] = [(asked, NOW)]
    for n, act in enumerate(acts):
        at = NOW + timedelta(days=3 * n)
        try:
            pairing = step(pairing, act, at)
        except IllegalAct:
            continue
        done.append((act, at))
        assert (pairing.due_at is not None) == (pairing.state in ("asked", "accepted"))
        assert pairing.beside not in pairing.passed and pairing.member != pairing.beside
        if pairing.state in ("open", "ended"):
            assert pairing.agreed == {pairing.member, pairing.beside}
            yes = {a.by for a, _ in done if isinstance(a, Act) and a.kind == "agreed"}
            assert {pairing.member, pairing.beside} <= yes | {asked.by}
    assert replay(done) == pairing
