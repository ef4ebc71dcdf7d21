"""Method and means to hand, and questions about lethality.

Means beside intent are lifted in weighing; a question alone is masked and amber. A means that is only held
("holding the rope") needs a person or a need beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import settle
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

_SELF = frozenset("i myself".split())
_NEED = ("care_ideation", "care_intent", "care_attempt", "care_self_harm", "care_distress", "care_indirect")


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_method.toml."""
    for hit in reading.of("care_method"):
        if "person" in hit.entry.flags and not _somebody(reading):
            continue
        found = settle(reading, hit)
        if found is not None:
            yield found


def _somebody(reading: Reading) -> bool:
    """Whether the writer or a need stands in the text, or danger in what they wrote before."""
    if _SELF & reading.around.bag or {"my", "me"} & reading.around.bag or "distress" in reading.frames:
        return True
    readings = [reading, *(past for who, past in reading.earlier if who == "same")]
    return any(one.of(lexicon) for one in readings for lexicon in _NEED)
