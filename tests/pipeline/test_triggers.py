"""Triggers: the bit is set where the detector has something to read, and rarely elsewhere."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct.triggers import Trigger, triggers


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("my insta is x", Trigger.NETWORK),
        ("sam at gmail", Trigger.SPELLED_AT),
        ("my gp said", Trigger.CLINICIAN),
        ("12 rue x", Trigger.STREET_BEFORE),
        ("mill lane", Trigger.STREET_AFTER),
        ("i live at", Trigger.PLACE),
        ("my passport", Trigger.NAMED),
        ("seven two nine", Trigger.SPOKEN),
    ],
)
def test_a_word_sets_its_bit(text: str, trigger: Trigger) -> None:
    assert triggers(text) & trigger


def test_everyday_words_set_none() -> None:
    assert triggers("i feel so tired today and my feet hurt, anyone else have this problem?") == 0


def test_two_digits_in_words_are_a_count() -> None:
    assert not triggers("two or three days") & Trigger.SPOKEN
