"""Places in a list come back as they went out, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.errors import Invalid
from community.ids import ConversationId, new_id
from forum.cursors import cursor_of, offset_of, position_of
from forum.store.lists import Position


@given(st.integers(min_value=0, max_value=10**12))
def test_a_position_survives_the_way_there_and_back(micros: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    position = Position(at, ConversationId(new_id()))
    assert position_of(cursor_of(position)) == position


def test_no_cursor_is_the_beginning() -> None:
    assert position_of(None) is None and cursor_of(None) is None and offset_of(None) == 0


@given(st.text(max_size=60))
def test_no_text_is_mistaken_for_a_place_or_breaks_anything(text: str) -> None:
    for read in (position_of, offset_of):
        try:
            read(text)
        except Invalid as refusal:
            assert refusal.fields[0].field == "cursor"


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "1234567", "１２"])
def test_an_offset_is_a_short_plain_number(text: str) -> None:
    with pytest.raises(Invalid):
        offset_of(text)
