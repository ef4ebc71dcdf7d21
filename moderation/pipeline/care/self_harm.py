"""Self-harm now, and the urge to it.

An act is red, an urge amber; recovery and long past are green.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import self_directed
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_self_harm.toml."""
    return self_directed(reading, "care_self_harm")
