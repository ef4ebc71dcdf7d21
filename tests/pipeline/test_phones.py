"""Phone numbers: announced ones by shape, lone ones by the numbering plans, spoken ones by their words."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct.phones import phones, spoken
from moderation.pipeline.conduct.surface import surface


def found(text: str) -> list[str]:
    view = surface(text)
    return [text[a:b] for a, b in (*phones(view, []), *spoken(view))]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+44 (0)20 7946 0958", "+44 (0)20 7946 0958"),
        ("call 555 0142 now", "555 0142"),
        ("phone: (72) 754-186", "(72) 754-186"),
        ("01.84.17.61.18", "01.84.17.61.18"),
        ("text me at five five five, two three nine, eight one four two", None),
        ("double seven triple nine four two oh one call me", None),
    ],
)
def test_a_number_is_found_whole(text: str, number: str | None) -> None:
    numbers = found(text)
    assert len(numbers) == 1
    assert number is None or numbers[0] == number


@pytest.mark.parametrize(
    "text",
    [
        "75 150 225 300",
        "one two three four five six seven eight",
        "from 2015-2019",
        "on 12/06/2024 at 14:30",
        "1000000 steps",
        "£120000",
        "0.25 0.5 0.75",
        "ab02 7501 042f",
        "key 4e1a-0701-7967-108b",
        "3f2504e0-4f89-4113-9a0c-070179671085",
    ],
)
def test_doses_dates_counts_and_money_are_no_numbers_of_people(text: str) -> None:
    assert found(text) == []
