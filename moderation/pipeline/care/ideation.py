"""Thoughts of suicide, passive and active.

The lexicon names the thought; whose it is, when and whether it is denied decides the tier.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.verdicts import settle
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

_ARTICLES = frozenset("a an the my his her their this that your no of".split())


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_ideation.toml."""
    for hit in reading.of("care_ideation"):
        found = None if _noun(reading, hit) else settle(reading, hit)
        if found is None:
            continue
        if hit.entry.id.endswith(".passive") and found.severity == "green" and _woken(reading, hit):
            found = replace(found, severity="amber")
        yield found


def _woken(reading: Reading, hit: Hit) -> bool:
    """ "sad that I woke up": waking is past each time it is said, the wish is not."""
    told = not reading.frames.keys().isdisjoint(("past_long", "recovery", "media"))
    return "wake" in reading.tokens.words[hit.first : hit.end] and not told


def _noun(reading: Reading, hit: Hit) -> bool:
    """ "an overdose" is a thing that happened, not a thing to do: the attempt lexicon reads it."""
    words = reading.tokens.words
    return hit.end - hit.first == 1 and hit.first > 0 and words[hit.first - 1] in _ARTICLES
