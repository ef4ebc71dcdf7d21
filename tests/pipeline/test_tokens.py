"""Words with places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moderation.pipeline.fold import fold
from moderation.pipeline.rules import shipped
from moderation.pipeline.tokens import CLAUSE, SENTENCE, Tokens, scan


def read(text: str) -> Tokens:
    return scan(fold(text), shipped().lexicons.vocabulary)


def test_contractions_become_words_over_one_place() -> None:
    tokens = read("don't")
    assert tokens.words == ["do", "not"]
    assert tokens.span(0, 2) == (0, 5)


def test_breaks_are_told_by_strength() -> None:
    tokens = read("stop, please. now")
    assert tokens.breaks == [SENTENCE, CLAUSE, SENTENCE]


def test_decimals_do_not_end_a_sentence() -> None:
    assert SENTENCE not in read("sugar 5.6 today").breaks[1:]


def test_spaced_letters_become_words_with_their_span() -> None:
    text = "i w a n t to d i e"
    tokens = read(text)
    assert tokens.words == ["i", "want", "to", "die"]
    assert text[slice(*tokens.span(3, 4))] == "d i e"


def test_spaced_letters_keep_a_question_a_question() -> None:
    assert read("w h y me?").questions


@given(st.text(max_size=200))
def test_spans_of_words_ascend_and_hold_characters(text: str) -> None:
    tokens = read(text)
    for i in range(len(tokens)):
        span = tokens.span(i, i + 1)
        assert 0 <= span.start < span.end <= len(text)
    assert tokens.starts == sorted(tokens.starts)
