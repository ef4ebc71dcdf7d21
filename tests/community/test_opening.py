"""Hours on a card in people's own words: read only where they are certain."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from community.opening import read, reads_now

LONDON = ZoneInfo("Europe/London")
MONDAY_10 = datetime(2026, 1, 5, 10, 0, tzinfo=LONDON)
SATURDAY_23 = datetime(2026, 1, 10, 23, 30, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("text", "monday_at_10", "saturday_at_2330"),
    [
        ("Somebody reads between 8:00 and 22:00, London time.", True, False),
        ("24/7", True, True),
        ("mon-fri 09:00-17:00", True, False),
        ("weekdays 9am to 5pm", True, False),
        ("weekends 20:00–02:00", False, True),
        ("Saturday 22:00-01:00", False, True),
        ("fri-sun 21:00-24:00", False, True),
        ("every day 10:30-12:00", False, False),
    ],
)
def test_hours_are_read_in_the_words_people_use(
    text: str, monday_at_10: bool, saturday_at_2330: bool
) -> None:
    assert reads_now(text, MONDAY_10, LONDON) is monday_at_10
    assert reads_now(text, SATURDAY_23, LONDON) is saturday_at_2330


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Evenings, every day.",
        "weekdays 9 to 5",
        "9:00-17:00 except Mondays",
        "25:00-26:00",
        "2 or 3 times a week",
    ],
)
def test_what_is_not_certain_is_unknown_and_never_open(text: str) -> None:
    assert read(text) is None and not reads_now(text, MONDAY_10, LONDON)


@pytest.mark.parametrize(
    ("text", "open_at_10_in_london"),
    [
        ("09:00-11:00 London time", True),
        ("04:00-06:00, New York time", True),
        ("09:00-11:00 New York time", False),
        ("09:00-11:00 UTC", True),
        ("09:00-11:00 EST", False),
        ("09:00-11:00 CET", False),
        ("09:00-11:00, any time else by letter", False),
    ],
)
def test_a_zone_that_the_text_names_counts_and_one_that_is_not_certain_is_unknown(
    text: str, open_at_10_in_london: bool
) -> None:
    assert reads_now(text, MONDAY_10, ZoneInfo("Asia/Tokyo")) is open_at_10_in_london


def test_a_night_that_began_yesterday_is_still_open() -> None:
    early = datetime(2026, 1, 11, 0, 30, tzinfo=LONDON)  # Sunday
    assert reads_now("Saturday 22:00-01:00", early, LONDON)
    assert not reads_now("Sunday 22:00-01:00", early, LONDON)


def test_hours_are_wall_time_of_their_zone() -> None:
    assert not reads_now("09:00-11:00", MONDAY_10, ZoneInfo("America/Toronto"))
