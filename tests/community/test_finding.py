"""Which cards fit what a person looks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from community.finding import Wanted, fits, language_name, languages_of, presets_of
from community.store.directory import Listed

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
CARD = {
    "purpose": "Tired together",
    "for_whom": "Anyone with a long illness",
    "led_by": "both",
    "format": "open",
    "languages": ["English", "de"],
    "moderation_hours": "daily 08:00-22:00",
}


def group(preset: str = "chronic-illness", **card: Any) -> Listed:
    return Listed("lighthouse", "Lighthouse", preset, "public", "open", {**CARD, **card}, None, None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), True),
        (Wanted(text="ILLNESS tired"), True),
        (Wanted(text="illness wired"), False),
        (Wanted(preset="carers"), False),
        (Wanted(language="en"), True),
        (Wanted(language="fr"), False),
        (Wanted(led_by="peers"), True),
        (Wanted(led_by="professionals"), True),
        (Wanted(format="structured"), False),
        (Wanted(open_now=True), True),
        (Wanted(text="light", preset="chronic-illness", language="de", format="open", open_now=True), True),
    ],
)
def test_a_group_fits_when_everything_asked_for_fits(wanted: Wanted, found: bool) -> None:
    assert fits(group(), wanted, now=NOW, zone=ZoneInfo("UTC")) is found


def test_a_card_that_leaves_a_field_out_does_not_fit_who_asks_for_it() -> None:
    bare = group(led_by="", format="", languages=[], moderation_hours="")
    for wanted in (
        Wanted(led_by="peers"),
        Wanted(format="open"),
        Wanted(language="en"),
        Wanted(open_now=True),
    ):
        assert not fits(bare, wanted, now=NOW, zone=ZoneInfo("UTC"))


def test_only_what_is_there_can_be_chosen_and_one_language_is_named_once() -> None:
    there = [group(), group("carers", languages=["en", "Klingon"])]
    assert [name for _tag, name in languages_of(there)] == ["Deutsch", "English", "klingon"]
    assert [id for id, _words in presets_of(there)] == ["chronic-illness", "carers"]
    assert language_name("German") == "Deutsch" and language_name("Klingon") == "Klingon"
