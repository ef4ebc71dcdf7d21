"""Stage three: signs that someone may be in danger, one detector a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from moderation.pipeline.care import signs
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

CARE_VERSION = "care-1"
"""Raise when the code of this package changes a verdict."""

DETECTORS: tuple[Callable[[Reading], Iterable[Finding]], ...] = (signs.detect,)
