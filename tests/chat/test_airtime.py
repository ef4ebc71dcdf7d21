"""Airtime: it points at nobody who facilitates, and finds the quiet one."""

from __future__ import annotations

from dataclasses import replace

from chat.airtime import Said, airtime, nudge_of
from tests.chat.test_turns import ANN, BOB, CAT, acts, derived


def test_the_loud_and_the_quiet_are_found_and_facilitators_spared() -> None:
    turns = derived(acts(("begin", None), ("check_in", CAT), ("raise", BOB)))
    said = [Said(ANN, 9, 900), Said(BOB, 3, 100)]
    air = {one.member: one for one in airtime(turns, said)}
    assert [air[m].standing for m in (ANN, BOB, CAT)] == ["much", "some", "little"]
    assert (air[ANN].percent, air[CAT].percent, air[CAT].lines) == (90, 0, 0)
    assert next(iter(airtime(turns, said))).member == ANN
    assert {one.standing for one in airtime(turns, said, apart=[ANN, CAT])} == {"some"}
    nudged = replace(turns, nudged=frozenset({("nudge_turn", CAT)}))
    assert next(one for one in airtime(nudged, said) if one.member == CAT).nudged
    assert nudge_of("some") == ""


def test_a_meeting_in_which_nobody_spoke_divides_by_nothing() -> None:
    assert airtime(derived(acts(("begin", None))), []) == []
    (air,) = airtime(derived(acts(("begin", None), ("check_in", ANN))), [])
    assert (air.percent, air.standing) == (0, "little")
