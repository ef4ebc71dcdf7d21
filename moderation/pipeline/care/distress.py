"""Distress that deserves a quiet help link: what a short message says, or what a long one keeps saying.

One hopeless sentence in a long account of treatment is part of the account; the same sentence alone in a
chat is a person who has nothing else to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.sense import words_in
from moderation.pipeline.care.verdicts import settle
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

SHORT_WORDS = 20
"""Words up to which one sign of distress is what the message says."""
SIGNS_MIN, DENSITY_WORDS = 3, 18
"""In longer texts, at least three distinct signs are needed, and one for this many words."""
_LOW = frozenset("said_of_me alone detached depressed overwhelmed worsening no_future self_worth".split())
"""Kinds that a break-up, a bill or a boss brings too: beside such trouble one of them is a hard day."""


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_distress.toml (amber when they carry the message) and care_low.toml (green)."""
    hits = [*reading.of("care_distress"), *reading.of("care_mind")]
    found = [settled for hit in hits if (settled := settle(reading, hit)) is not None]
    clear = {hit.entry.id for hit in hits if "clear" in hit.entry.flags}
    ambers = _places(f for f in found if f.severity == "amber")
    words = len(reading.tokens)
    heavy = words <= SHORT_WORDS or (ambers >= SIGNS_MIN and ambers * DENSITY_WORDS >= words)
    hard_day = _hard_day(reading, found)
    minority = _minority(found) and words <= SHORT_WORDS
    for one in found:
        if one.severity == "amber" and one.rule not in clear and (hard_day or not heavy):
            one = replace(one, severity="green")
        if minority and one.rule.endswith("minority_adversity"):
            one = replace(one, severity="amber")
        yield one
    for hit in reading.of("care_low"):
        settled = settle(reading, hit)
        if settled is not None:
            yield settled


def _hard_day(reading: Reading, found: Iterable[Finding]) -> bool:
    """Whether the text names an ordinary trouble and carries only one low-key sign of despair."""
    ambers = [f for f in found if f.severity == "amber"]
    return (
        words_in(reading, ("TROUBLE",))
        and all(f.rule.split(".")[1] in _LOW for f in ambers)
        and _places(ambers) <= 1
    )


def _places(found: Iterable[Finding]) -> int:
    """How many places of the text these findings stand on, overlaps counted once."""
    count, reached = 0, -1
    for span in sorted(f.span for f in found if f.span is not None):
        if span.start >= reached:
            count += 1
        reached = max(reached, span.end)
    return count


def _minority(found: Iterable[Finding]) -> bool:
    """Whether the text speaks both of who someone is and of being shut out for it."""
    rules = {f.rule.rpartition(".")[2] for f in found}
    return "minority_identity" in rules and "minority_adversity" in rules
