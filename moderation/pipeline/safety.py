"""Stage four: what must not be read by others, masked by span while the feeling stays."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Method with amount, place or sequence; lethality; graphic detail; encouragement; pact."""
    for hit in reading.of("safety"):
        yield finding(reading, hit, stage="safety")
