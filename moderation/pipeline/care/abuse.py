"""Abuse by a partner, relative or carer.

Now and continuing is red, in danger this minute is crisis, told as past is green.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import plain_now
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_abuse.toml."""
    return plain_now(reading, "care_abuse")
