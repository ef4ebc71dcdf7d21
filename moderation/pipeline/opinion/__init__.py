"""Stage seven's guest: a small statistical second opinion, off by a group's switch.

The idea: it may raise a green message to amber or ask a person to look; it never lowers a tier, hides a
message or pages by itself. What it weighs is in features.py, its numbers in weights.bin, its limits in
MODEL_CARD.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from moderation.pipeline.opinion.features import buckets, care_buckets
from moderation.pipeline.opinion.model import HEADS, LONG_CHARS, shipped
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, Severity

OPINION_VERSION = "opinion-4"
"""Raise with every new weights file."""

OFF = "KITH_NO_OPINION"
"""Environment variable that switches the opinion off for a process (`kith judge --no-opinion`)."""

_NOTES = {
    "abuse": "The statistical second opinion reads this as hostile; a person may look.",
    "spam": "The statistical second opinion reads this as advertising; a person may look.",
    "care": "The statistical second opinion reads distress that no rule named.",
}
_LEVEL = 0.5
_WORDS_MIN = 2


def detect(reading: Reading) -> Iterable[Finding]:
    """`opinion.abuse` and `opinion.spam` as a look, `opinion.care` as amber."""
    if not reading.submission.group.opinion or os.environ.get(OFF):
        return
    for name, score in zip(HEADS, scores(reading), strict=True):
        if score >= _LEVEL:
            yield _finding(name)


def scores(reading: Reading) -> tuple[float, ...]:
    """The heads' numbers for a text, in the order of HEADS; zeros for a single word."""
    if len(reading.tokens) < _WORDS_MIN:
        return (0.0,) * len(HEADS)
    model, found = shipped(), buckets(reading)
    long = len(reading.folded.text) >= LONG_CHARS
    return (
        model.score("abuse", found, long=long),
        model.score("spam", found, long=long),
        model.score("care", care_buckets(reading), long=long),
    )


def _finding(name: str) -> Finding:
    care = name == "care"
    severity: Severity = "amber" if care else "look"
    return Finding(
        stage="opinion",
        rule=f"opinion.{name}",
        version=OPINION_VERSION,
        lane="care" if care else "conduct",
        severity=severity,
        span=None,
        note=_NOTES[name],
        topic="general" if care else None,
    )


DETECTORS: tuple[Callable[[Reading], Iterable[Finding]], ...] = (detect,)
