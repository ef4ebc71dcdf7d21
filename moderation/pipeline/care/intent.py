"""Intent, plan, preparation, goodbye and reunion.

C-SSRS items four and five: what is said about doing it, when, and what has been put in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.sense import sense
from moderation.pipeline.care.verdicts import settle
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding

PARTS_WORDS_MAX = 40
"""Longer texts say sorry and thanks for many reasons."""


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_intent.toml; an act that is told as done is an attempt's matter, not intent."""
    for hit in reading.of("care_intent"):
        if hit.entry.kind == "goodbye_part":
            continue
        if hit.entry.kind == "intent" and sense(reading, hit).when not in ("now", "recent"):
            continue
        found = settle(reading, hit)
        if found is not None:
            yield found
    yield from _in_parts(reading)


def _in_parts(reading: Reading) -> Iterable[Finding]:
    """A goodbye said over several sentences: a sorry with love, thanks or a bye, and nothing everyday."""
    parts = [hit for hit in reading.of("care_intent") if hit.entry.kind == "goodbye_part"]
    sorry = [hit for hit in parts if hit.entry.id.endswith("part_sorry")]
    if not sorry or len(sorry) == len(parts) or "parting" in reading.frames:
        return
    if len(reading.tokens) <= PARTS_WORDS_MAX:
        found = finding(reading, sorry[0], stage="care", severity="red")
        yield replace(found, rule="care.goodbye.in_parts", note="A goodbye in several sentences.")
