"""Addresses: by their kind, by a flat or box, or by a sentence that announces a place."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct.address import addresses
from moderation.pipeline.conduct.surface import surface
from moderation.pipeline.conduct.triggers import triggers


def found(text: str) -> list[str]:
    view = surface(text)
    return [text[a:b] for a, b in addresses(view, triggers(view.low))]


@pytest.mark.parametrize(
    "text",
    [
        "9 Mill Lane",
        "Hauptstraße 12",
        "12 rue de la Paix",
        "ul. Miodowa 10",
        "P.O. Box 1234",
        "Unit 4311 Box 0671",
        "I live at 5 Oakwood",
    ],
)
def test_a_place_is_found(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm at Day 100",
        "3 Good Days",
        "lives in Leeds since 2019",
        "met at 5 pm",
        "20 mg a day",
        "I'm at week 12",
        "50 PAY RISE",
        "ward 7",
    ],
)
def test_a_number_and_a_name_alone_are_a_sentence(text: str) -> None:
    assert found(text) == []
