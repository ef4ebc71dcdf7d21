"""Intent, plan, preparation, goodbye and reunion.

C-SSRS items four and five: what is said about doing it, when, and what has been put in order.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import self_directed
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_intent.toml."""
    return self_directed(reading, "care_intent")
