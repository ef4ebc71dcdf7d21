"""Finding every pattern of a trie: gaps, pins, units."""

from __future__ import annotations

from moderation.pipeline.fold import fold
from moderation.pipeline.matching import Words, find_all
from moderation.pipeline.patterns import Trie
from moderation.pipeline.rules import shipped
from moderation.pipeline.structure import read_structure
from moderation.pipeline.tokens import scan


def resolve(element: str) -> list[tuple[tuple[str, ...], ...]]:
    return [(tuple(element.split("|")),)]


def found(pattern: str, text: str, *, unit: tuple[str, int, int] | None = None) -> list[tuple[int, int]]:
    trie = Trie()
    trie.add(pattern, "x", resolve)
    tokens = scan(fold(text), shipped().lexicons.vocabulary)
    words = Words(tokens.symbols, tokens.breaks, read_structure(tokens).sentence)
    words.add_units([unit] if unit else [])
    return [(first, end) for _, first, end in find_all(trie, words)[0]]


def test_words_and_choices_and_options_are_found() -> None:
    assert found("i want to sing|dance", "today i want to dance") == [(1, 5)]
    assert found("i want? sing", "i sing") == [(0, 2)]


def test_gaps_are_bounded_and_stay_in_the_sentence() -> None:
    assert found("red * car", "red and shiny car")
    assert not found("red * car", "red one two three four car")
    assert not found("red * car", "red. car")


def test_pins_hold_a_clause() -> None:
    assert found("^ sing $", "well, sing, please")
    assert not found("sing $", "sing it loud")


def test_a_unit_of_several_words_takes_the_place_of_its_class() -> None:
    unit = ("STAIRS", 2, 5)
    assert found("red * STAIRS now", "red and flight of stairs now", unit=unit) == [(0, 6)]


def test_a_gap_may_end_at_a_unit_that_stands_before_a_word_of_its_class() -> None:
    unit = ("stairs", 1, 3)
    assert set(found("red * stairs", "red flight of big stairs", unit=unit)) == {(0, 3), (0, 5)}
