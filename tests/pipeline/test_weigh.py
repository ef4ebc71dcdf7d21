"""Findings to one verdict."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.pipeline.types import Finding, Lane, Outcome, Severity, Span, Tier
from moderation.pipeline.weigh import Weighed, merge


def found(severity: Severity, lane: Lane = "care", rule: str = "care.ideation.x", **more: object) -> Finding:
    return Finding("care", rule, "1", lane, severity, Span(0, 3), "A test.", "suicide", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("severities", "outcome"),
    [
        (["red"], Outcome.publish_with_support),
        (["crisis"], Outcome.publish_with_support),
        (["amber"], Outcome.publish),
        (["green"], Outcome.publish),
    ],
)
def test_care_decides_the_outcome(severities: list[Severity], outcome: Outcome) -> None:
    assert Weighed.of([found(s) for s in severities]).outcome is outcome


def test_a_care_finding_turns_ask_to_edit_into_mask() -> None:
    ask = found("ask_to_edit", "conduct", "conduct.profanity.x")
    assert Weighed.of([ask]).outcome is Outcome.ask_to_edit
    assert Weighed.of([ask, found("amber")]).outcome is Outcome.mask


def test_a_care_finding_never_ends_in_refusal() -> None:
    refuse = found("refuse", "conduct", "conduct.spam.x")
    assert Weighed.of([refuse]).outcome is Outcome.refuse
    assert Weighed.of([refuse, found("red")]).outcome is Outcome.publish_with_support


def test_hold_stands_above_support_and_keeps_the_tier() -> None:
    weighed = Weighed.of([found("hold", "conduct", "safety.pact.x"), found("crisis")])
    assert (weighed.outcome, weighed.tier, weighed.topic) == (Outcome.hold, Tier.crisis, "suicide")


def test_method_detail_is_masked_beside_danger_only() -> None:
    detail = Finding("safety", "safety.reader.amount", "1", "care", "green", Span(4, 9), "A test.", mask=True)
    assert Weighed.of([detail]).masks == ()
    assert Weighed.of([detail, found("red")]).masks == (Span(4, 9),)


def test_no_finding_is_a_quiet_verdict() -> None:
    weighed = Weighed.of([])
    assert (weighed.outcome, weighed.tier, weighed.scores.crisis) == (Outcome.publish, Tier.green, 0.0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50))))
def test_merged_spans_are_disjoint_ascending_and_cover_the_same(pairs: list[tuple[int, int]]) -> None:
    merged = merge(Span(a, b) for a, b in pairs)
    covered = {i for a, b in pairs for i in range(a, b)}
    assert {i for span in merged for i in range(*span)} == covered
    assert all(a.end < b.start for a, b in pairwise(merged))
