"""What stands around a place in a text, gathered once a text: frames, tones and covered words by sentence.

Detectors ask about every hit; asking again and again over the whole text would cost its square.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from moderation.pipeline.patterns import Hit
from moderation.pipeline.structure import Structure
from moderation.pipeline.tokens import Tokens

AGAIN = "again"
_TONES = ("LAUGH", "GAMEWORD", "TRIVIAL", "FUNNY", AGAIN)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`frames` and `tones` name the sentences in which each stands; `covered` are words inside an idiom or a count
    of days without; `bag` holds every word, `classes` every class of the text."""

    frames: Mapping[str, frozenset[int]] = field(default_factory=dict)
    tones: Mapping[str, frozenset[int]] = field(default_factory=dict)
    covered: frozenset[int] = frozenset()
    bag: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    def framed(self, name: str, sentence: int, *, reach: int = 0) -> bool:
        """Whether a frame stands in a sentence or within `reach` sentences of it."""
        found = self.frames.get(name)
        return found is not None and any(sentence + i in found for i in range(-reach, reach + 1))

    def toned(self, name: str, sentence: int) -> bool:
        """Whether a tone is struck in a sentence or the next one."""
        found = self.tones.get(name)
        return found is not None and (sentence in found or sentence + 1 in found)


def look_around(
    tokens: Tokens,
    structure: Structure,
    frames: Mapping[str, Sequence[Hit]],
    *,
    places: Mapping[str, Sequence[int]],
) -> Surroundings:
    """Gather the surroundings of a text; linear in its words and frames. `places` tells where each word and
    class stands."""
    sentence = structure.sentence
    return Surroundings(
        frames={name: frozenset(sentence[hit.first] for hit in hits) for name, hits in frames.items()},
        tones={tone: frozenset(sentence[at] for at in places[tone]) for tone in _TONES if tone in places},
        covered=_words_of((*frames.get("idiom", ()), *frames.get("abstinent", ()))),
        bag=frozenset(tokens.words),
        classes=frozenset(places),
    )


def _words_of(hits: Iterable[Hit]) -> frozenset[int]:
    return frozenset(i for hit in hits for i in range(hit.first, hit.end))
