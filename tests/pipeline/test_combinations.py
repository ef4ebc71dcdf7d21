"""Constructions of several signs: what must stand together, how near, and what takes it away."""

from __future__ import annotations

import pytest

from moderation.pipeline.combinations import Combination, CombinationError, read_combination, standing

KNOWN = {"place", "thing", "farewell", "recovery", "SOON"}
TABLE = {
    "id": "one",
    "tier": "crisis",
    "topic": "suicide",
    "note": "A test.",
    "signs": "place|thing + farewell",
    "unless": "recovery",
}


def made(**changes: object) -> Combination:
    return read_combination({**TABLE, **changes}, version="1", known=KNOWN)


def test_signs_within_reach_stand_together() -> None:
    one = made(reach=2)
    assert standing(one, {"place": [0], "farewell": [2]}, frozenset()) == 0
    assert standing(one, {"place": [0], "farewell": [3]}, frozenset()) is None
    assert standing(one, {"place": [0, 4], "farewell": [3]}, frozenset()) == 3


def test_one_choice_is_enough_and_each_need_must_be_met() -> None:
    assert made().possible({"thing", "farewell"})
    assert not made().possible({"place", "thing"})


def test_a_number_asks_for_so_many_distinct_signs() -> None:
    two = made(signs="2 place|thing|farewell")
    assert two.possible({"place", "farewell"})
    assert not two.possible({"place"})


def test_a_class_stands_anywhere_in_the_text() -> None:
    one = made(signs="place + SOON", reach=0)
    assert standing(one, {"place": [7]}, frozenset({"SOON"})) == 7


def test_text_as_a_reach_has_no_end() -> None:
    assert standing(made(reach="text"), {"place": [0], "farewell": [900]}, frozenset()) == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"colour": "red"}, "unknown key colour"),
        ({"note": ""}, "needs a topic"),
        ({"signs": "place + nosuch"}, "nosuch"),
        ({"unless": "nosuch"}, "nosuch"),
        ({"signs": "place"}, "at least two signs"),
        ({"signs": "place thing + farewell"}, "isn't a choice"),
    ],
)
def test_a_mistake_says_what_is_wrong(changes: dict[str, object], says: str) -> None:
    with pytest.raises(CombinationError, match=says):
        made(**changes)
