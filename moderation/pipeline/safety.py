"""Stage four: what must not be read by others, masked by span while the feeling stays.

Method detail is masked only beside danger (weighing decides), so that doses stay readable in ordinary
talk. Urging someone to die, a pact, sourcing of means and a livestream hold the whole text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.structure import negated
from moderation.pipeline.tokens import CLAUSE
from moderation.pipeline.types import Finding, Topic

_BEFORE_ORDER = frozenset(
    "go should and please then better you could ought must so hope already can do".split()
)
_REPORTED = frozenset(
    "voice voices say tell told said text texted message call shout scream keep they".split()
)

_PACT = frozenset("pact partner ctb".split())
_PROMISED = frozenset("promise say swear joke agree vow plan".split())
_KEPT = frozenset({"keep", "promise"})
PROMISE_WORDS = 6
PACT_WORDS = 40
"""Longer texts speak of going together, and of danger, for different reasons."""


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of safety.toml: masks, and for held kinds a care finding beside the hold."""
    for hit in reading.of("safety"):
        if hit.first in reading.structure.quoted or _idiom(reading, hit):
            continue
        if hit.entry.kind == "pact_part":
            continue
        if hit.entry.severity == "hold":
            yield from _held(reading, hit)
        else:
            yield finding(reading, hit, stage="safety")
    yield from _pact_in_parts(reading)


def _pact_in_parts(reading: Reading) -> Iterable[Finding]:
    """ "We should go together. I have enough for everyone": neither is a pact, both are, unless what there
    is enough of is named and ordinary."""
    parts = [
        hit
        for hit in reading.of("safety")
        if hit.entry.kind == "pact_part" and hit.first not in reading.structure.quoted
    ]
    together = [hit for hit in parts if hit.entry.id.endswith("together")]
    if not together or "ORDINARY" in reading.around.classes:
        return
    if len(together) < len(parts) or (len(reading.tokens) <= PACT_WORDS and _danger(reading)):
        held = replace(
            finding(reading, together[0], stage="safety", severity="hold"),
            rule="safety.pact.in_parts",
            note="Proposes to go together, with enough for all or danger beside it.",
        )
        yield replace(held, lane="conduct")
        yield replace(held, rule="safety.pact.in_parts.danger", severity="red", topic="suicide")


def _danger(reading: Reading) -> bool:
    """Whether a thought of dying or the means stand beside, said of oneself now."""
    return any(
        hit.entry.severity in ("red", "crisis") and not negated(reading.tokens, reading.structure, hit.first)
        for lexicon in ("care_ideation", "care_method")
        for hit in reading.of(lexicon)
        if hit.entry.kind in ("ideation", "means") and not _idiom(reading, hit)
    )


def _idiom(reading: Reading, hit: Hit) -> bool:
    return all(i in reading.around.covered for i in range(hit.first, hit.end))


def _held(reading: Reading, hit: Hit) -> Iterable[Finding]:
    """The hold (conduct) and the danger (care): a person looks at both."""
    if "helpline" in reading.frames or "media" in reading.frames:
        return
    if hit.entry.kind == "pact" and _mourned(reading, hit):
        return
    if "encourage" in hit.entry.flags and not _ordered(reading, hit):
        return
    hold = finding(reading, hit, stage="safety")
    yield replace(hold, lane="conduct")
    topic: Topic = "general" if hit.entry.kind == "encouragement" else "suicide"
    yield replace(hold, rule=f"{hold.rule}.danger", severity="red", topic=topic)


def _mourned(reading: Reading, hit: Hit) -> bool:
    """ "We always said we'd go together, and he went in May": a promise of two, one of whom has died, or of
    long ago. A pact that is called one, or a thought of dying beside it, stays what it is."""
    words = reading.tokens.words
    if (
        _PACT & set(words[hit.first : hit.end])
        or reading.around.bag >= _KEPT
        or _danger(reading)
        or "SOON" in reading.around.classes
    ):
        return False
    before = words[max(0, hit.first - PROMISE_WORDS) : hit.end]
    promised = bool(_PROMISED & set(before)) and "we" in before
    return promised and not reading.frames.keys().isdisjoint(("bereavement", "past_long", "recovery"))


def _ordered(reading: Reading, hit: Hit) -> bool:
    """Whether it is said to someone, not told of ("she said kill yourself") or forbidden."""
    tokens = reading.tokens
    if negated(tokens, reading.structure, hit.first):
        return False
    before = tokens.words[max(0, hit.first - 4) : hit.first]
    if _REPORTED & set(before) or "if" in before or "support" in reading.frames:
        return False
    at_start = tokens.breaks[hit.first] >= CLAUSE or hit.first == 0
    return (
        at_start
        or tokens.words[hit.first - 1] in _BEFORE_ORDER
        or tokens.words[hit.first] in ("you", "nobody")
    )
