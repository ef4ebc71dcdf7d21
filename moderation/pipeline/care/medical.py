"""Medical emergencies: the body in danger now.

The same words fill the talk of people who live with an illness: side effects, old episodes, what a leaflet
warns of. An emergency is present, unexplained and short.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.sense import Sense, sense, words_in
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding

LONG_TEXT = 60
"""Words beyond which a bodily sign needs a word for now."""
_PANIC = frozenset("panic anxiety anxious".split())
_ACCOUNT = frozenset(
    "prescribed diagnosed dosage effects effect started taking doctor reflux scan results ecg clinic rehab "
    "appointment surgery leaflet trial study".split()
)
SUGAR_LOW, SUGAR_LOW_MGDL, SUGAR_HIGH, SUGAR_HIGH_MGDL = 3, 60, 25, 350
SATURATION_LOW, KETONES_HIGH = 91, 3
"""Readings that are an emergency: oxygen up to 91 %, ketones from 3 mmol/l, sugar up to 3 or from 25 mmol/l,
and up to 60 or from 350 mg/dl; what lies between could be either unit and is no emergency in one of them."""


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_medical.toml."""
    for hit in reading.of("care_medical"):
        found = _read(reading, hit)
        if found is not None:
            yield found


def _read(reading: Reading, hit: Hit) -> Finding | None:
    meant = sense(reading, hit)
    if meant.shielded or meant.quoted or meant.media or meant.denied:
        return None
    if "soft" in hit.entry.flags and meant.joking:
        return None
    if "sugar" in hit.entry.flags and not _dangerous_sugar(reading, hit):
        return None
    if _ordinary_saturation(reading, hit):
        return None
    words = reading.around.bag
    severity = "green" if _over(reading, hit) else hit.entry.severity
    if "panic" in hit.entry.flags and words & _PANIC:
        severity = "amber"
    return finding(reading, hit, stage="care", severity=_when(reading, meant, severity, words))


def _when(reading: Reading, meant: Sense, severity: str, words: frozenset[str]) -> str:
    if meant.when == "long_past" or (meant.when == "past" and meant.recovered):
        return "green"
    length = len(reading.tokens)
    if length > LONG_TEXT and not words_in(reading, ("SOON",)):
        return "green"
    if length > LONG_TEXT / 2 and (words & _ACCOUNT) and meant.when == "past":
        return "green"
    return severity


def _over(reading: Reading, hit: Hit) -> bool:
    """Whether the next words say that it is over: "had a seizure at school. Home now, asleep on me"."""
    here = reading.structure.sentence[hit.first]
    return "again" not in reading.around.bag and any(
        sign.entry.kind == "over_now" and reading.structure.sentence[sign.first] in (here, here + 1)
        for sign in reading.of("signs_body")
    )


def _ordinary_saturation(reading: Reading, hit: Hit) -> bool:
    """ "sats 94": an oxygen reading that is no emergency."""
    words = reading.tokens.words[hit.first : hit.end]
    return any(w.isdigit() and int(w[:6]) > SATURATION_LOW for w in words) and bool(
        {"sats", "oxygen", "o2"} & set(words)
    )


def _dangerous_sugar(reading: Reading, hit: Hit) -> bool:
    """A number in the hit must be a dangerous reading; hits without a number stand."""
    for word in reading.tokens.words[hit.first : hit.end]:
        if word.isdigit():
            value = int(word[:6])
            if "ketones" in reading.tokens.words[hit.first : hit.end]:
                return value >= KETONES_HIGH
            return value <= SUGAR_LOW or SUGAR_HIGH <= value <= SUGAR_LOW_MGDL or value >= SUGAR_HIGH_MGDL
    return True
