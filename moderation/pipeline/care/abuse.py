"""Abuse by a partner, relative or carer.

Now and continuing is red, in danger this minute is crisis, told as past is green. Small children, animals
and news hit people too: the one who hurts must be able to.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.verdicts import settle_event
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading
from moderation.pipeline.structure import subject_before
from moderation.pipeline.tokens import CLAUSE
from moderation.pipeline.types import Finding

_SMALL = frozenset(
    "toddler baby cat dog kitten puppy news physio wind pain tablet cold fatigue flu it".split()
)
_VERBS = frozenset("hit beat slap kick punch choke strangle shove grab push bite hurt drag".split())


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_abuse.toml."""
    for hit in reading.of("care_abuse"):
        if _nobody(reading, hit):
            continue
        found = settle_event(reading, hit)
        if found is not None:
            yield found


def _nobody(reading: Reading, hit: Hit) -> bool:
    """Whether the verb's subject is no one who could be an abuser."""
    tokens = reading.tokens
    if not _VERBS & set(tokens.words[hit.first : hit.end]):
        return False
    if hit.end < len(tokens) and tokens.words[hit.end] == "out":
        return True  # "kicked me out": hard, but no blow
    before = tokens.words[max(0, hit.first - 3) : hit.first]
    if _SMALL & set(before):
        return True
    if tokens.words[hit.first] not in _VERBS:
        return False
    omitted = (
        hit.first == 0 or tokens.breaks[hit.first] >= CLAUSE or tokens.words[hit.first - 1] in ("and", "then")
    )
    return not omitted and subject_before(tokens, reading.structure, hit.first) != "they"
