"""Crisis speech in Spanish, French, German, Portuguese and a few sentences of others.

Whole sentences only: without their grammar, frames can't be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import plain_now
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_languages.toml."""
    return plain_now(reading, "care_languages")
