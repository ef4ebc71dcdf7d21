"""Danger said in other words: constructions that name no danger word and yet say it.

"The day the script stops is the day I stop": the lexicon holds the shape, sense decides whose it is and when.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import self_directed
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_said.toml."""
    return self_directed(reading, "care_said")
