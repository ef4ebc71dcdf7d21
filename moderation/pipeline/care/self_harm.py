"""Self-harm now, and the urge to it.

An act is red, an urge amber; recovery and long past are green.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.verdicts import self_directed
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_self_harm.toml, and days without that have ended."""
    yield from self_directed(reading, "care_self_harm")
    for hit in reading.frames.get("abstinent", ()):
        here = reading.structure.sentence[hit.first]
        if reading.around.framed("returned", here, reach=1):
            found = finding(reading, hit, stage="care", severity="red")
            note = "Days without hurting themselves, and that they have ended or will."
            yield replace(found, rule="care.self_harm.ended", topic="self_harm", note=note)
