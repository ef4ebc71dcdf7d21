"""Stage five: what may break a guideline, one detector a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from moderation.pipeline.conduct import abuse, contact, guidance, profanity, spam
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

CONDUCT_VERSION = "conduct-1"
"""Raise when the code of this package changes a verdict."""

DETECTORS: tuple[Callable[[Reading], Iterable[Finding]], ...] = (
    abuse.detect,
    profanity.detect,
    contact.detect,
    guidance.detect,
    spam.detect,
)
