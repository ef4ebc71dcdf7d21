"""What a danger word means where it stands: whose it is, when, whether it is denied, quoted, joked about.

Every detector asks `sense` about a hit and then decides for its own kind of danger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading
from moderation.pipeline.structure import Person, negated, past, subject

When = Literal["now", "recent", "past", "long_past"]
NEARBY = 1
"""Sentences around a hit in which a time or a recovery is said of it."""

_GENERIC = frozenset("people who anyone anybody someone somebody everyone nobody".split())


@dataclass(frozen=True, slots=True)
class Sense:
    """How a hit is meant."""

    person: Person
    when: When
    denied: bool
    asked: bool
    quoted: bool
    shielded: bool  # an idiom, a helpline, clinical or supportive talk covers it
    media: bool
    joking: bool  # laughed at, beside something trivial
    laughing: bool
    recovered: bool


def sense(reading: Reading, hit: Hit) -> Sense:
    """The sense of a hit."""
    tokens, structure = reading.tokens, reading.structure
    here = structure.sentence[hit.first]
    person = subject(tokens, structure, hit.first, hit.end)
    laughing = _says(reading, here, "LAUGH")
    trivial = _says(reading, here, "GAMEWORD") or _says(reading, here, "TRIVIAL") or _says(reading, here, "FUNNY")
    serious = "serious" in reading.frames
    return Sense(
        person=person,
        when=_when(reading, hit, here),
        denied="neg" not in hit.entry.flags and negated(tokens, structure, hit.first),
        asked=here in structure.asked,
        quoted=hit.first in structure.quoted,
        shielded=_covered(hit, reading.frames.get("idiom", ()))
        or _near(reading, here, "helpline", reach=0)
        or _near(reading, here, "clinical", reach=0),
        media=_near(reading, here, "media", reach=0),
        joking=not serious and (trivial or "joking" in reading.frames),
        laughing=not serious and laughing,
        recovered=_near(reading, here, "recovery", reach=2),
    )


def _when(reading: Reading, hit: Hit, here: int) -> When:
    told = past(
        reading.tokens, reading.structure, hit.first, hit.end, spellings=reading.spellings
    )
    if _near(reading, here, "past_long", reach=0):
        told = told or hit.entry.kind == "attempted"
        return "long_past" if told or _near(reading, here, "recovery", reach=2) else "now"
    if not told:
        return "now"
    if _near(reading, here, "past_recent", reach=0) or _says_again(reading, here):
        return "recent"
    if _near(reading, here, "past_long", reach=NEARBY):
        return "long_past"
    return "past"


def _says_again(reading: Reading, here: int) -> bool:
    """"again" makes a past a present matter."""
    return any(w == "again" and reading.structure.sentence[i] == here for i, w in enumerate(reading.tokens.words))


def _covered(hit: Hit, shields: Iterable[Hit]) -> bool:
    """Whether an idiom overlaps the end or the whole of a hit."""
    return any(shield.first < hit.end and shield.end > hit.first for shield in shields)


def _near(reading: Reading, here: int, frame: str, *, reach: int) -> bool:
    """Whether a frame stands in the hit's sentence or within `reach` sentences of it."""
    sentence = reading.structure.sentence
    return any(abs(sentence[hit.first] - here) <= reach for hit in reading.frames.get(frame, ()))


def _says(reading: Reading, here: int, name: str) -> bool:
    """Whether a word of a class stands in the hit's sentence or the next one."""
    sentence = reading.structure.sentence
    return any(
        name in symbols and here <= sentence[i] <= here + 1 for i, symbols in enumerate(reading.tokens.symbols)
    )


def generic(reading: Reading, hit: Hit) -> bool:
    """Whether a third person is nobody in particular ("people who want to die")."""
    words = reading.tokens.words
    return any(word in _GENERIC for word in words[max(0, hit.first - 4) : hit.first])


def words_in(reading: Reading, names: Sequence[str]) -> bool:
    """Whether any word of the text belongs to one of these classes."""
    return any(name in symbols for symbols in reading.tokens.symbols for name in names)
