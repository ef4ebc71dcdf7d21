"""Danger to someone else from the writer, and to a person in the writer's care.

Hyperbole is everywhere ("I could kill him"); what counts is intent with a person, a weapon or a plan, a
picture that keeps returning, or an act.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.sense import sense
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.structure import subject_before
from moderation.pipeline.types import Finding

LONG_TEXT = 70
_PICTURED = frozenset("imagine picture think thought dream urge want scared afraid".split())


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_violence.toml."""
    for hit in reading.of("care_violence"):
        found = _read(reading, hit)
        if found is not None:
            yield found


def _read(reading: Reading, hit: Hit) -> Finding | None:
    meant = sense(reading, hit)
    if meant.shielded or meant.quoted or meant.media or meant.denied or meant.joking or meant.laughing:
        return None
    if subject_before(reading.tokens, reading.structure, hit.first) in ("they", "you"):
        return None
    if hit.entry.kind == "harm_in_care" and _pictured(reading, hit):
        return None
    severity = hit.entry.severity
    if meant.when == "long_past" or (meant.when == "past" and (meant.recovered or severity == "red")):
        severity = "green"
    if len(reading.tokens) > LONG_TEXT and severity != "green":
        severity = "amber"
    return finding(reading, hit, stage="care", severity=severity)


def _pictured(reading: Reading, hit: Hit) -> bool:
    """Whether the act is only seen in the mind: the intent lexicon reads that."""
    return bool(_PICTURED & set(reading.tokens.words[max(0, hit.first - 4) : hit.first]))
