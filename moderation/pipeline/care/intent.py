"""Intent, plan, preparation, goodbye and reunion.

C-SSRS items four and five: what is said about doing it, when, and what has been put in order.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.sense import sense
from moderation.pipeline.care.verdicts import settle
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_intent.toml; an act that is told as done is an attempt's matter, not intent."""
    for hit in reading.of("care_intent"):
        if hit.entry.kind == "intent" and sense(reading, hit).when not in ("now", "recent"):
            continue
        found = settle(reading, hit)
        if found is not None:
            yield found
