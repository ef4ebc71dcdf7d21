"""Signs that are nothing alone and danger together, over the sentences of a text.

A sign counts as one of now: what is quoted, denied, long past or covered by an idiom is none. Signs are read
only where a combination could stand, so a text without them pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from moderation.pipeline.care.measure import LONG_WORDS
from moderation.pipeline.care.sense import sense
from moderation.pipeline.combinations import LONG_TEXT, Combination, standing
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

_OWN = frozenset({"i", "none"})
_NOW = "SOON"
ACCOUNT_WORDS = 90
"""Words beyond which an account stays one although it says "now" somewhere."""
_OVERRULED = frozenset({"account"})
_EXPLAINING = frozenset({"account", "over_now", "harmless"})
"""Signs that only take away."""


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of the combinations in together.toml."""
    raw = _raw(reading)
    if not raw:
        return
    classes = reading.around.classes
    if len(reading.tokens) > LONG_WORDS:
        classes = classes | {LONG_TEXT}
    present = raw.keys() | classes
    possible = [
        one
        for one in reading.combinations
        if one.possible(present) and not _explained(one, reading, classes, raw)
    ]
    if not possible:
        return
    wanted = {sign for one in possible for need in one.needs for sign in need.signs}
    places = {sign: _standing_hits(reading, hits) for sign, hits in raw.items() if sign in wanted}
    for one in possible:
        at = standing(one, places, classes)
        if at is not None and _apart(one, at, places):
            yield _finding(reading, one, at, places)


def _explained(
    one: Combination, reading: Reading, classes: frozenset[str], raw: dict[str, list[Hit]]
) -> bool:
    """Whether something in the text means something else; an account isn't one where it speaks of now."""
    now = _NOW in classes and len(reading.tokens) <= ACCOUNT_WORDS
    unless = one.unless - _OVERRULED if now else one.unless
    return not (
        unless.isdisjoint(reading.frames)
        and unless.isdisjoint(classes)
        and unless.isdisjoint(raw)  # an explanation may be told in any tense
    )


def _raw(reading: Reading) -> dict[str, list[Hit]]:
    """Every hit of the care and sign lexicons by kind."""
    raw: dict[str, list[Hit]] = {}
    for lexicon, hits in reading.hits.items():
        if lexicon.startswith(("signs_", "care_")):
            for hit in hits:
                raw.setdefault(hit.entry.kind, []).append(hit)
    return raw if raw.keys() - _EXPLAINING else {}


def _standing_hits(reading: Reading, hits: Iterable[Hit]) -> dict[int, Hit]:
    """The hits that are meant of now, by sentence."""
    found: dict[int, Hit] = {}
    for hit in hits:
        here = reading.structure.sentence[hit.first]
        if here not in found and _meant(reading, hit):
            found[here] = hit
    return found


def _meant(reading: Reading, hit: Hit) -> bool:
    meant = sense(reading, hit)
    if meant.shielded or meant.quoted or meant.media or meant.joking:
        return False
    if meant.denied or (hit.entry.kind == "blow" and "never" in reading.tokens.words[hit.first : hit.end]):
        return False
    flags = hit.entry.flags
    if meant.when == "long_past" or (meant.when == "past" and meant.recovered):
        return False
    if meant.when == "past" and "told" not in flags and len(reading.tokens) > LONG_WORDS:
        return False
    own = "self" in flags or hit.entry.lexicon == "care_mind"
    return not own or meant.person in _OWN


def _inside(one: Combination, at: int, places: dict[str, dict[int, Hit]]) -> list[Hit]:
    """The signs of a combination within its reach."""
    return [
        hit
        for need in one.needs
        for sign in need.signs
        for sentence, hit in places.get(sign, {}).items()
        if at <= sentence <= at + one.reach
    ]


def _apart(one: Combination, at: int, places: dict[str, dict[int, Hit]]) -> bool:
    """Whether signs of the same choice stand on words of their own: one phrase heard twice rings nobody."""
    if one.severity == "amber" or all(need.least == 1 for need in one.needs):
        return True
    inside = _inside(one, at, places)
    return min(hit.end for hit in inside) <= max(hit.first for hit in inside)


def _finding(reading: Reading, one: Combination, at: int, places: dict[str, dict[int, Hit]]) -> Finding:
    """The finding, on the first sign, the longest of those that start there."""
    first = min(_inside(one, at, places), key=lambda hit: (hit.first, -hit.end))
    return Finding(
        stage="care",
        rule=one.id,
        version=one.version,
        lane="care",
        severity=one.severity,  # type: ignore[arg-type]
        span=reading.span(first),
        note=one.note,
        topic=one.topic,  # type: ignore[arg-type]
    )
