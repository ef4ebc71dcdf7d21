"""Thoughts of suicide, passive and active.

The lexicon names the thought; whose it is, when and whether it is denied decides the tier.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import self_directed
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_ideation.toml."""
    return self_directed(reading, "care_ideation")
