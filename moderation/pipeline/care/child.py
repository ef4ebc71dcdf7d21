"""A child or a young person at risk.

The same sentence from an adult is a matter for the abuse lexicon; here it needs a young voice, a child as
the one hurt, or an age.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.sense import sense
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding

LONG_TEXT = 90
CHAT_WORDS = 24
"""Words up to which an age is what the message says."""
_BLOWS = frozenset("hit beat punch slap kick choke strangle lock push hurt shove grab drag tell".split())
_YOUNG = frozenset("school homework class teacher prom grade mums stepdad stepmum foster tutor coach".split())
_ADULT_SIGNS = frozenset("husband wife job work mortgage kids divorce boss married marriage pregnant".split())


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_child.toml."""
    for hit in reading.of("care_child"):
        found = _read(reading, hit)
        if found is not None:
            yield found


def _read(reading: Reading, hit: Hit) -> Finding | None:
    meant = sense(reading, hit)
    if meant.shielded or meant.quoted or meant.media or meant.denied:
        return None
    if hit.entry.kind == "child_risk" and any(reading.tokens.breaks[hit.first + 1 : hit.first + 2]):
        return None  # "my back hurts, my kids are feral"
    severity = hit.entry.severity
    past = meant.when in ("past", "long_past")
    if meant.when == "long_past" or (past and meant.recovered):
        severity = "green"
    elif past and _ADULT_SIGNS & reading.around.bag:
        severity = "amber"
    elif severity == "crisis" and _blow(reading, hit) and not _young(reading):
        severity = "red"
    if len(reading.tokens) > LONG_TEXT and severity in ("red", "crisis"):
        severity = "amber" if past else "red"
    if "age" in hit.entry.flags and (meant.when != "now" or meant.person not in ("i", "none")):
        return None
    if "age" in hit.entry.flags and len(reading.tokens) > CHAT_WORDS:
        severity = "green"
    return replace(finding(reading, hit, stage="care", severity=severity), topic="child")


def _blow(reading: Reading, hit: Hit) -> bool:
    """Whether the hit is a blow to the writer, which adults tell of too."""
    words = reading.tokens.words[hit.first : hit.end]
    return "minor" in hit.entry.flags and bool(_BLOWS & set(words))


def _young(reading: Reading) -> bool:
    """Whether the writer sounds like a young person: an age, school, a parent's partner."""
    words = reading.around.bag
    if _ADULT_SIGNS & words:
        return False
    return any(hit.entry.id.endswith(".minor") for hit in reading.of("care_child")) or bool(words & _YOUNG)
