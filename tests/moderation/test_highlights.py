"""Findings laid over words: joined again they are the words, and a mark never leaves its span."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from community.ids import VerdictId
from community.store.verdicts import NewFinding
from moderation.desk import saying
from moderation.desk.highlights import every, pieces
from moderation.pipeline.types import Span

ANY = VerdictId(UUID(int=1))


def finding(start: int | None, end: int | None, lane: str = "care", field: str = "body") -> NewFinding:
    return NewFinding(ANY, 0, "care", "care.plan", "1", lane, "red", field, start, end, None, "")


@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.integers(-2, 45), st.integers(-2, 45)), max_size=6),
)
def test_pieces_joined_are_the_text_and_each_lies_inside_its_findings(
    text: str, spans: list[tuple[int, int]]
) -> None:
    cut = pieces(text, [finding(start, end) for start, end in spans])
    assert "".join(piece.text for piece in cut) == text
    at = 0
    for piece in cut:
        for found in piece.findings:
            assert found.span_start is not None and found.span_end is not None
            assert found.span_start <= at and at + len(piece.text) <= found.span_end
        at += len(piece.text)


def test_overlapping_findings_show_as_care_where_they_meet() -> None:
    cut = pieces("one two three", [finding(0, 7, "conduct"), finding(4, 13)])
    assert [(piece.text, piece.lane) for piece in cut] == [
        ("one ", "conduct"),
        ("two", "care"),
        (" three", "care"),
    ]


def test_a_finding_about_another_field_or_an_older_wording_marks_nothing() -> None:
    found = [finding(0, 3, field="title"), finding(0, 99), finding(None, None)]
    assert [piece.lane for piece in pieces("short", found)] == [""]


def test_every_place_of_some_words_is_found() -> None:
    assert every("ab", "ab cab") == [Span(0, 2), Span(4, 6)]
    assert every("", "ab") == [] and every("x", "ab") == []


def test_every_shipped_rule_has_a_family_in_words() -> None:
    for rule in (
        "care.intent.going_to_act",
        "weigh.thought_means_time",
        "conduct.pii.phone",
        "safety.pact.pact",
        "weigh.means_act_time",
        "care.act_part.x",
    ):
        assert "_" not in saying.family(rule) and saying.family(rule) != rule.split(".")[1]
    assert saying.summary([]) == "reported by a person"
    assert saying.summary(["care.means.a", "care.means.b", "care.plan.x"]) == "means to hand, a plan"
