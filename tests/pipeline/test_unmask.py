"""Words written to be missed."""

from __future__ import annotations

import pytest

from moderation.pipeline.rules import shipped
from moderation.pipeline.unmask import read_unknown, split_joined

VOCABULARY = shipped().lexicons.vocabulary


def words(written: str) -> list[str]:
    return [form[2] for form in read_unknown(written, VOCABULARY)]


@pytest.mark.parametrize("written", ["k1ll", "k!ll", "k*ll", "k_i_l_l", "kiiiill", "killl", "k**il**l"])
def test_disguises_are_read(written: str) -> None:
    assert words(written) == ["kill"]


@pytest.mark.parametrize("written", ["suiicde", "siucide", "suicde", "su1c1de", "s**c*de"])
def test_slips_and_masks_of_a_rules_word_are_read(written: str) -> None:
    assert words(written) == ["suicide"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("20mg", ["20", "mg"]),
        ("9pm", ["9", "pm"]),
        ("b12", ["b12"]),
        ("a1c", ["a1c"]),
        ("411", ["411"]),
        ("5s", ["5", "s"]),
    ],
)
def test_doses_times_and_values_stay(written: str, read: list[str]) -> None:
    assert words(written) == read


@pytest.mark.parametrize("word", ["bill", "skill", "mill", "diet", "hill", "rape", "grape"])
def test_ordinary_words_are_never_corrected(word: str) -> None:
    assert VOCABULARY.knows(word)
    assert [form[2] for form in VOCABULARY.read(word)] == [word]


def test_swapped_letters_of_any_word_are_swapped_back_first() -> None:
    assert words("chekes") == ["cheeks"]
    assert words("myslef") == ["myself"]
    assert words("cbt") == ["cbt"]


def test_runs_of_letters_split_into_few_words() -> None:
    assert split_joined("killmyself", VOCABULARY) == ["kill", "myself"]
    assert split_joined("xqzv", VOCABULARY) is None


def test_words_run_together_are_read() -> None:
    assert words("killmyself") == ["kill", "myself"]


@pytest.mark.parametrize("word", ["ac5e9826", "02b90a", "8d44b1e0f3", "6fa53"])
def test_the_ids_of_machines_stay_as_they_are(word: str) -> None:
    assert [form[0] for form in read_unknown(word, VOCABULARY)] == [word]
