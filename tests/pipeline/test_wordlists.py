"""Word lists: reviewed data with a reason each, and patterns that google-re2 can read."""

from __future__ import annotations

import pytest
import re2

from moderation.pipeline.conduct.wordlists import either, plain, wordlists

FILES = (
    "conduct_contact.toml",
    "conduct_frames.toml",
    "conduct_links.toml",
    "conduct_profanity.toml",
    "pack_languages.toml",
)


@pytest.mark.parametrize("file", FILES)
def test_every_table_says_what_it_is_for_and_where_it_is_from(file: str) -> None:
    for name, table in wordlists(file).items():
        assert table.words, name
        assert len(table.note) >= 5, name
        assert len(table.source) >= 5, name
        assert len(set(table.words)) == len(table.words), name


def test_every_contact_table_is_one_pattern() -> None:
    for name in wordlists():
        re2.compile(either(name))


def test_a_plain_table_is_compared_as_it_stands() -> None:
    assert "never" in plain("negations", "conduct_frames.toml")
