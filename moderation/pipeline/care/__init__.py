"""Stage three: signs that someone may be in danger, one detector a module, all in one visible list."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from moderation.pipeline.care import (
    abuse,
    attempt,
    child,
    context,
    distress,
    eating,
    ideation,
    indirect,
    intent,
    language,
    medical,
    method,
    others,
    said,
    self_harm,
    substances,
    together,
    violence,
    voices,
)
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

CARE_VERSION = "care-4"
"""Raise when the code of this package changes a verdict."""

DETECTORS: tuple[Callable[[Reading], Iterable[Finding]], ...] = (
    ideation.detect,
    intent.detect,
    said.detect,
    method.detect,
    attempt.detect,
    self_harm.detect,
    indirect.detect,
    distress.detect,
    abuse.detect,
    child.detect,
    voices.detect,
    medical.detect,
    others.detect,
    violence.detect,
    eating.detect,
    substances.detect,
    language.detect,
    context.detect,
    together.detect,
)
