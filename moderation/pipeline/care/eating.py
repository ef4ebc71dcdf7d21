"""Eating disorder danger below the emergency line.

Numbers are left to the group's rule pack; this reads what is done to the body.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import self_directed
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_eating.toml."""
    return self_directed(reading, "care_eating")
