"""Someone else in danger, and carers at the end of their strength.

The worried friend gets a card for the worried; who has died is mourned, not rescued.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.measure import LONG_WORDS
from moderation.pipeline.care.sense import sense
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding

_DEATH = frozenset("die dead kill suicide suicidal end hang jump overdose note".split())
"""Where one of these is said, no party and no "years ago" next to it takes the danger away."""


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_others.toml."""
    for hit in reading.of("care_others"):
        found = _read(reading, hit)
        if found is not None:
            yield found


def _read(reading: Reading, hit: Hit) -> Finding | None:
    meant = sense(reading, hit)
    if meant.shielded or meant.quoted or meant.media or meant.denied or meant.story:
        return None
    severity = hit.entry.severity
    here = reading.structure.sentence[hit.first]
    over = meant.when == "long_past" or meant.recovered or "bereavement" in reading.frames
    if not _DEATH & set(reading.tokens.words[hit.first : hit.end]):
        over = over or any(reading.around.framed(name, here, reach=1) for name in ("past_long", "everyday"))
    if over or (len(reading.tokens) > LONG_WORDS and meant.when == "past"):
        severity = "green"
    return finding(reading, hit, stage="care", severity=severity)
