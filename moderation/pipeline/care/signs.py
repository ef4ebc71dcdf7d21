"""Every care lexicon hit as a finding."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Hits of the care lexicons outside quotations."""
    for lexicon, hits in reading.hits.items():
        if lexicon.startswith("care_"):
            for hit in hits:
                if hit.first not in reading.structure.quoted:
                    yield finding(reading, hit, stage="care")
