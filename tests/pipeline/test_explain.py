"""What the terminal shows."""

from __future__ import annotations

from moderation.pipeline.explain import explain, masked
from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import Submission


def test_an_explanation_names_frames_and_masks() -> None:
    said = explain(Submission("three years ago I took 60 tablets to end my life, glad I'm here"), shipped())
    assert "frame      past_long" in said
    assert "weighed    green" in said


def test_readers_see_one_mark_for_a_span() -> None:
    text = "I want to die, 40 paracetamol here"
    assert masked(text, judge(Submission(text), shipped())).count("[…]") == 1
