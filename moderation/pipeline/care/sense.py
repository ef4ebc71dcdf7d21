"""What a danger word means where it stands: whose it is, when, whether it is denied, quoted, joked about.

Every detector asks `sense` about a hit and then decides for its own kind of danger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading
from moderation.pipeline.structure import Person, negated, past, subject
from moderation.pipeline.surroundings import AGAIN

When = Literal["now", "recent", "past", "long_past"]
NEARBY = 1
"""Sentences around a hit in which a time or a recovery is said of it."""

_SAME = frozenset("hit cut hurt beat put let shut".split())
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
    story: bool  # told of others in a book, a play, a film
    joking: bool  # laughed at, beside something trivial
    laughing: bool
    recovered: bool
    returned: bool  # what was past is said to be here again


def sense(reading: Reading, hit: Hit) -> Sense:
    """The sense of a hit."""
    tokens, structure, around = reading.tokens, reading.structure, reading.around
    here = structure.sentence[hit.first]
    serious = "serious" in reading.frames
    person = subject(tokens, structure, hit.first, hit.end)
    returned = around.framed("returned", here, reach=NEARBY)
    trivial = any(around.toned(tone, here) for tone in ("GAMEWORD", "TRIVIAL", "FUNNY"))
    return Sense(
        person=person,
        when=_when(reading, hit, here, returned=returned),
        denied="neg" not in hit.entry.flags and negated(tokens, structure, hit.first),
        asked=here in structure.asked,
        quoted=hit.first in structure.quoted,
        shielded=any(i in around.covered for i in range(hit.first, hit.end))
        or around.framed("helpline", here)
        or around.framed("clinical", here)
        or (person != "i" and around.framed("addressed", here)),
        media=around.framed("media", here) and "identified" not in reading.frames,
        story=_story(reading, hit, here),
        joking=not serious and (trivial or "joking" in reading.frames),
        laughing=not serious and around.toned("LAUGH", here),
        recovered=not returned and around.framed("recovery", here, reach=2),
        returned=returned,
    )


def _when(reading: Reading, hit: Hit, here: int, *, returned: bool) -> When:
    """When a hit is said to be: a past that has come back is recent."""
    around = reading.around
    if "present" in hit.entry.flags:
        return "now"
    told = around.framed("told_back", here) or past(
        reading.tokens, reading.structure, hit.first, hit.end, spellings=reading.spellings
    )
    if returned and (told or around.framed("past_long", here)):
        return "recent"
    if around.framed("past_long", here):
        told = told or hit.entry.kind == "attempted" or _told_before(reading, hit, here)
        return "long_past" if told or around.framed("recovery", here, reach=3) else "now"
    if not told and not (_unmarked(reading, hit) and around.framed("recovery", here, reach=2)):
        return "now"
    if around.framed("past_recent", here) or here in around.tones.get(AGAIN, ()):
        return "recent"
    if around.framed("past_long", here, reach=NEARBY):
        return "long_past"
    return "past"


def _told_before(reading: Reading, hit: Hit, here: int) -> bool:
    """Whether the sentence up to the end of the hit tells in the past: "took the wrong pen once in 2016"."""
    raw, sentence = reading.tokens.raw, reading.structure.sentence
    first = hit.first
    while first and sentence[first - 1] == here:
        first -= 1
    told = reading.spellings.intersection(raw[first : hit.end])
    return _unmarked(reading, hit) or (bool(told) and "have" not in reading.tokens.words[first : hit.end])


def _unmarked(reading: Reading, hit: Hit) -> bool:
    """A verb in the hit looks the same in the past ("hit"), and no perfect stands before it."""
    words = reading.tokens.words
    return (
        bool(_SAME.intersection(reading.tokens.raw[hit.first : hit.end]))
        and "have" not in words[max(0, hit.first - 2) : hit.end]
    )


STORY_REACH = 5
"""Sentences after a book or a film is named that may still retell it."""
_FIRST = frozenset("i me my myself we us our mine".split())


def _story(reading: Reading, hit: Hit, here: int) -> bool:
    """Whether a book or film is retold here: one is named near, and the sentence says nothing of the writer."""
    if "literature" not in reading.frames or "identified" in reading.frames:
        return False
    if not reading.around.framed("literature", here, reach=STORY_REACH):
        return False
    sentence, words = reading.structure.sentence, reading.tokens.words
    first, end = hit.first, hit.end
    while first and sentence[first - 1] == here:
        first -= 1
    while end < len(words) and sentence[end] == here:
        end += 1
    return _FIRST.isdisjoint(words[first:end])


def generic(reading: Reading, hit: Hit) -> bool:
    """Whether a third person is nobody in particular ("people who want to die")."""
    words = reading.tokens.words
    return any(word in _GENERIC for word in words[max(0, hit.first - 4) : hit.first])


def words_in(reading: Reading, names: Sequence[str]) -> bool:
    """Whether any word or unit of the text belongs to one of these classes."""
    return any(name in reading.around.classes for name in names)
