"""Method and means to hand, and questions about lethality.

Means beside intent are lifted in weighing; a question alone is masked and amber.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import self_directed
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_method.toml."""
    return self_directed(reading, "care_method")
