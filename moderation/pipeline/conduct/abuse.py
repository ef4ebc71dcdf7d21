"""Hate, threats and harassment: hits of the abuse lexicon that are said, not quoted, refused or reclaimed.

The idea: the same words stand in an attack, in a report of one ("he called me …"), in protest against one and
in a community's own mouth. Only the first is a finding; each frame is one small predicate here.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.conduct import frames
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding

LEXICON = "conduct_abuse"
MENTION = "conduct.mention.group"


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings `conduct.abuse.*`."""
    hits = reading.of(LEXICON)
    if not hits:
        return
    grouped = any(hit.entry.id == MENTION for hit in hits)
    for hit in hits:
        if hit.entry.id == MENTION or ("group" in hit.entry.flags and not grouped):
            continue
        if not excused(reading, hit):
            yield finding(reading, hit, stage="conduct")


def excused(reading: Reading, hit: Hit) -> bool:
    """Whether the words stand in a frame that takes the attack out of them."""
    flags = hit.entry.flags
    if frames.quoted(reading, hit) or frames.reported(reading, hit):
        return True
    if "slur" in flags and (
        frames.reclaimed(reading, hit) or frames.homonym(reading, hit) or frames.misread(reading, hit)
    ):
        return True
    if "you" in flags:
        asked = "asked" in flags and frames.comforted(reading, hit)
        return asked or frames.refused(reading, hit) or frames.believed(reading, hit)
    return frames.refused(reading, hit) or frames.own(reading, hit)
