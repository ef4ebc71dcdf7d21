"""Voices, signs and beliefs that command harm; obeying them; coping with them.

"They say jump" needs voices somewhere near to be about voices; someone who tells of voices and did the
dishes is coping.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.sense import sense
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding

_HEARD = frozenset(
    "voice voices god demon demons devil satan angel angels tv radio mirror chip obey spirits".split()
)


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_voices.toml."""
    hits = reading.of("care_voices")
    coping = any(hit.entry.id.endswith(".coping") and hit.end - hit.first > 3 for hit in hits)
    for hit in hits:
        found = _read(reading, hit)
        if found is None:
            continue
        if coping and found.severity in ("red", "crisis"):
            found = replace(found, severity="amber")
        yield found


def _read(reading: Reading, hit: Hit) -> Finding | None:
    meant = sense(reading, hit)
    if meant.shielded or meant.quoted or meant.media or meant.denied:
        return None
    if "voices_near" in hit.entry.flags and not _HEARD & reading.around.bag:
        return None
    if "joking" in reading.frames:
        return None
    severity = hit.entry.severity
    if meant.when == "long_past" or (meant.when == "past" and meant.recovered):
        severity = "green"
    return finding(reading, hit, stage="care", severity=severity)
