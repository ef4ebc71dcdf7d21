"""Trade, advice against medicine, and people who come for the members: lexicon hits that are really said.

The idea: these three share one shape. A pattern says what is offered, asked or advised; the frames of report,
quotation and refusal say whether it is meant. What to do is in the lexicon: hold, flag or a look.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.conduct import frames
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding

LEXICONS = ("conduct_trade", "conduct_medicine", "conduct_outreach")


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings `conduct.trade.*`, `conduct.medicine.*`, `conduct.outreach.*`, each rule once, first place first."""
    seen: set[str] = set()
    for lexicon in LEXICONS:
        for hit in reading.of(lexicon):
            if hit.entry.id not in seen and not _excused(reading, hit):
                seen.add(hit.entry.id)
                yield finding(reading, hit, stage="conduct")


def _excused(reading: Reading, hit: Hit) -> bool:
    if frames.quoted(reading, hit) or frames.negated_before(reading, hit):
        return True
    return "you" in hit.entry.flags and frames.reported(reading, hit)
