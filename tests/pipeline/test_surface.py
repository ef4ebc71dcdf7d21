"""The light copy for contact details keeps the way back to what was written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moderation.pipeline.conduct.surface import surface


@given(st.text(max_size=200))
def test_every_span_lies_in_the_original(text: str) -> None:
    view = surface(text)
    assert len(view.low) == len(view.text)
    for i in range(len(view.text)):
        span = view.span(i, i + 1)
        assert 0 <= span.start < span.end <= len(text)


@given(st.text(alphabet="0123456789 +-", min_size=1, max_size=40))
def test_plain_digits_stay_where_they_are(text: str) -> None:
    assert surface(text).text == text


def test_fullwidth_digits_and_hidden_characters_are_seen_through() -> None:
    view = surface("０７７\u200b００")
    assert view.text == "07700"
    assert view.span(0, 5) == (0, 6)
