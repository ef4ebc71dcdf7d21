"""All stages, always: a stage that fails is a finding, and nobody falls silent."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.pipeline import judge as judging
from moderation.pipeline.judge import judge
from moderation.pipeline.reading import Reading
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import Finding, Outcome, Submission, Tier


def broken(_: object, *more: object, **named: object) -> Iterable[Finding]:
    raise RuntimeError("I want to kill myself")


CRY = "I want to kill myself"


def break_stage(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    stages = tuple((name, (broken,) if name == stage else detectors) for name, detectors in judging.STAGES)
    monkeypatch.setattr(judging, "STAGES", stages)


def test_a_failed_fold_hands_raw_text_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "fold", broken)
    verdict = judge(Submission(CRY), shipped())
    assert verdict.tier is Tier.red
    assert any(f.rule == "fold.failed" for f in verdict.findings)


@pytest.mark.parametrize("name", ["scan", "read_structure"])
def test_a_failed_reading_falls_back_to_the_plain_list(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(judging, name, broken)
    verdict = judge(Submission(CRY), shipped())
    assert verdict.tier is Tier.red
    assert {"structure.failed", "care.plain"} <= {f.rule for f in verdict.findings}


def test_a_failed_care_stage_falls_back_to_the_plain_list(monkeypatch: pytest.MonkeyPatch) -> None:
    break_stage(monkeypatch, "care")
    verdict = judge(Submission(CRY), shipped())
    assert verdict.tier is Tier.red
    assert verdict.outcome is Outcome.publish_with_support


def test_a_failed_safety_stage_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    break_stage(monkeypatch, "safety")
    verdict = judge(Submission(CRY), shipped())
    assert verdict.outcome is Outcome.hold
    assert verdict.tier is Tier.red


@pytest.mark.parametrize("stage", ["conduct", "pack", "opinion"])
def test_any_other_failure_publishes_with_a_look(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    break_stage(monkeypatch, stage)
    verdict = judge(Submission("good morning"), shipped())
    assert verdict.outcome is Outcome.publish
    assert [f.severity for f in verdict.findings if f.rule == f"{stage}.failed"] == ["look"]


def test_a_failure_never_quotes_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    break_stage(monkeypatch, "conduct")
    assert all("kill" not in f.note for f in judge(Submission("hi"), shipped()).findings)


def test_a_swear_word_never_hides_a_cry_for_help() -> None:
    verdict = judge(Submission("you fucking idiots, I want to kill myself"), shipped())
    assert verdict.tier is Tier.red
    assert verdict.outcome in (Outcome.publish_with_support, Outcome.hold)


def test_the_same_text_gets_the_same_verdict() -> None:
    text = "w@nt to d13, k*ll mys3lf tonight"
    assert judge(Submission(text), shipped()) == judge(Submission(text), shipped())


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_gets_a_verdict_with_masks_in_order(text: str) -> None:
    verdict = judge(Submission(text), shipped())
    at = 0
    for span in verdict.masks:
        assert at <= span.start < span.end <= len(text)
        at = span.end + 1
    assert not any(f.rule.endswith(".failed") for f in verdict.findings)


WORDS = (
    'i you want to die kill myself not tonight pills took all he she my friend . , ? > " 20 mg lol'.split()
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_danger_words_in_any_order_never_break_a_stage(words: list[str]) -> None:
    verdict = judge(Submission(" ".join(words)), shipped())
    assert not any(f.rule.endswith(".failed") for f in verdict.findings)


def test_every_detector_stands_in_the_visible_list() -> None:
    assert [name for name, _ in judging.STAGES] == ["care", "safety", "conduct", "pack", "opinion"]
    assert all(isinstance(found, tuple) for _, found in judging.STAGES)
    assert Reading.__slots__
