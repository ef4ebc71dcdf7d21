"""Relapse with danger.

Lost tolerance, mixing and using alone are what kills; a relapse alone is a hard day.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import self_directed
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_substances.toml."""
    return self_directed(reading, "care_substances")
