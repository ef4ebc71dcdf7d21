"""How much one sign weighs in a long text.

In a chat line one sign is the message. In an account of three hundred words one sign is mostly a detail of
the story: a person should still see it, but nobody is rung out of bed for it. Two distinct signs, or a sign
with a time for now beside it, carry a long text as they carry a short one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from moderation.pipeline.care.sense import words_in
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, Severity, Tier

LONG_WORDS = 42
"""Words from which a text is an account; chat lines end well below (500 characters are about 95 words)."""
WORDS_A_SIGN = 120
"""Beyond two, one more distinct sign is needed for every this many words."""
_STRONG = frozenset({"intent", "attempt", "amount", "ideation", "self_harm", "means", "language", "voices"})
_TIER = {"green": Tier.green, "amber": Tier.amber, "red": Tier.red, "crisis": Tier.crisis}


def in_measure(reading: Reading, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, with lone care signs of a long text lowered: strong ones to amber, others to green."""
    words = len(reading.tokens)
    if words <= LONG_WORDS:
        return list(findings)
    clear = _clear(reading)
    signs = _distinct(findings, Tier.red)
    needed = 2 + (words - LONG_WORDS) // WORDS_A_SIGN
    if signs >= needed or (signs and words_in(reading, ("PRESSING",))):
        return list(findings)
    quiet = _distinct(findings, Tier.amber) < needed
    return [found if _stands(found, clear) else _lowered(found, quiet=quiet) for found in findings]


def _clear(reading: Reading) -> frozenset[str]:
    """Rules whose words say the same in a long text as in a short one (flag "clear" in the lexicon)."""
    return frozenset(
        hit.entry.id for hits in reading.hits.values() for hit in hits if "clear" in hit.entry.flags
    )


def _stands(found: Finding, clear: frozenset[str]) -> bool:
    """Whether a finding isn't lowered by the length: it says it outright, stands on several signs, or is the
    second opinion, which has weighed the length itself."""
    return found.rule in clear or found.stage == "opinion" or found.rule.startswith("care.together.")


def _distinct(findings: Sequence[Finding], tier: Tier) -> int:
    """How many places of the text carry a sign that argues for a tier or above."""
    count, reached = 0, -1
    spans = sorted(
        f.span for f in findings if f.span is not None and f.lane == "care" and _TIER[f.severity] >= tier
    )
    for span in spans:
        if span.start >= reached:
            count += 1
            reached = span.end
        else:
            reached = max(reached, span.end)
    return count


def _lowered(found: Finding, *, quiet: bool) -> Finding:
    """One step down; a lone amber becomes green."""
    if found.lane != "care" or found.stage != "care" or found.severity == "green":
        return found
    if found.severity == "amber":
        return replace(found, severity="green") if quiet else found
    kind = found.rule.split(".")[1]
    severity: Severity = "amber" if kind in _STRONG and not found.rule.endswith(".someone_else") else "green"
    return replace(found, severity=severity)
