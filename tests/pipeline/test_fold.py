"""Folding: what a reader sees, and where each character came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.pipeline.fold import fold, unfolded

INVISIBLE = ["\u200b", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u034f", "\u061c", "\U000e0041", "\ufe0f"]


@pytest.mark.parametrize("mark", INVISIBLE)
def test_invisible_characters_vanish(mark: str) -> None:
    assert fold(f"ki{mark}ll").text == "kill"


@pytest.mark.parametrize(
    "written", ["ｋｉｌｌ", "kіӏӏ", "кіll", "k\u0456ll", "𝓴𝓲𝓵𝓵", "ⓚⓘⓛⓛ", "k&#105;ll", "kíll", "KILL", "k̶i̶l̶l̶"]
)
def test_look_alikes_fold_to_what_a_reader_sees(written: str) -> None:
    assert fold(written).text == "kill"


def test_text_in_another_alphabet_stays_in_it() -> None:
    assert fold("хочу умереть").text == "хочу умереть"
    assert fold("что то не так сегодня и болит").text == "что то не так сегодня и болит"


def test_escapes_of_markdown_are_resolved() -> None:
    assert fold(r"k\*ll").text == "k*ll"


def test_a_span_points_at_the_written_characters() -> None:
    text = "I wa\u200bnt to ki\u00adll it"
    folded = fold(text)
    start = folded.text.index("kill")
    span = folded.span(start, start + 4)
    assert text[span.start : span.end] == "ki\u00adll"


@given(st.text(max_size=300))
def test_every_span_lies_in_the_original_and_ascends(text: str) -> None:
    folded = fold(text)
    last = 0
    for i in range(len(folded.text)):
        span = folded.span(i, i + 1)
        assert 0 <= span.start < span.end <= len(text)
        assert span.start >= last
        last = span.start


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=200))
def test_plain_text_keeps_its_places(text: str) -> None:
    folded = fold(text)
    if "&" not in text and "\\" not in text:
        assert len(folded.text) == len(text)


@given(st.text(alphabet="abc def", max_size=60), st.data())
def test_invisible_characters_never_change_what_is_read(text: str, data: st.DataObject) -> None:
    pieces = [char + data.draw(st.sampled_from(["", *INVISIBLE])) for char in text]
    assert fold("".join(pieces)).text == text


def test_a_text_that_cannot_be_folded_is_handed_on() -> None:
    assert unfolded("Kill İ").original == "Kill İ"
    assert unfolded("KILL").text == "kill"
