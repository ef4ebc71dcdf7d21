"""How a message stands before a reader who muted words, opened some warnings and hid others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from community.errors import Invalid
from community.wishes import WORDS_MAX, Wishes, check_break, check_warnings, check_words

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_without_wishes_a_warned_message_is_folded_and_the_rest_open() -> None:
    assert Wishes().sight("anything") == "open"
    assert Wishes().sight("anything", ["suicide"]) == "warned"
    assert Wishes().is_plain and not Wishes(words=("x",)).is_plain


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("hospital", "In HOSPITAL again", True),
        ("hospital", "hospitals are loud", False),
        ("hospital*", "hospitals are loud", True),
        ("hospital*", "outhospital", False),
        ("cat", "concatenate", False),
        ("my  ex", "he is MY\nex, you know", True),
        ("café", "at the CAFÉ.", True),
        ("c++", "I learn c++ now", True),
        ("ｗｉｄｅ", "a wide road", True),
    ],
)
def test_a_muted_word_is_whole_in_any_case_and_a_star_is_any_ending(
    word: str, text: str, found: bool
) -> None:
    assert (Wishes(words=check_words(word)).sight(text) == "word") is found


def test_hidden_wins_over_muted_and_an_opened_warning_does_not_open_the_others() -> None:
    wishes = Wishes(words=("gin",), opened=("medical detail",), hidden=("suicide",))
    assert wishes.sight("gin", ["suicide"]) == "hidden"
    assert wishes.sight("gin", ["medical detail"]) == "word"
    assert wishes.sight("tea", ["medical detail"]) == "open"
    assert wishes.sight("tea", ["medical detail", "self-harm"]) == "warned"


def test_words_come_by_lines_or_commas_each_once_and_a_lone_star_is_none() -> None:
    assert check_words(" gin,wine \n\nthe  ward\ngin\n*\n") == ("gin", "wine", "the ward")
    for bad in ("x" * 61, "\n".join(f"word{n}" for n in range(WORDS_MAX + 1))):
        with pytest.raises(Invalid):
            check_words(bad)


def test_only_warnings_of_the_list_are_kept() -> None:
    assert check_warnings(["suicide", "made up", "self-harm"]) == ("self-harm", "suicide")


def test_a_break_ends_by_itself_and_lies_ahead_by_no_more_than_a_year() -> None:
    until = check_break(NOW + timedelta(days=3), NOW)
    with pytest.raises(Invalid):
        check_break(datetime(2026, 1, 8, 9, 0), NOW)  # noqa: DTZ001 - a program that leaves the zone out
    assert Wishes(break_until=until).is_away(NOW) and not Wishes(break_until=until).is_away(until)
    for bad in (NOW, NOW + timedelta(days=367)):
        with pytest.raises(Invalid):
            check_break(bad, NOW)
