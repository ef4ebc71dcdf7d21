"""The words that the rules know, and how a written word is read as one of them.

A form is a lemma and its symbols (the lemma, its classes, its exact spelling where a rule asks for it);
one written word may stand for several forms ("dont" is do, not) or for none (fillers).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Form = tuple[str, tuple[str, ...], str]
"""A word as rules see it: lemma, symbols, and its spelling after repair, for questions of tense. A plain tuple,
since every word of every text is taken apart into its three."""


NUMBER, YEAR = "NUM", "YEAR"
"""Classes of every number written in digits, and of numbers that can be a year of a life."""


def number(word: str) -> Form:
    """A number written in digits."""
    if len(word) == 4 and word[:2] in ("19", "20"):
        return word, (word, NUMBER, YEAR), word
    return word, (word, NUMBER), word


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`forms` reads a written word; `known` are ordinary words that must never be "corrected"; `near`
    finds a rule's word behind one slip of the finger; `past` are spellings of a past tense."""

    forms: dict[str, tuple[Form, ...]]
    known: frozenset[str]
    near: dict[str, list[str]] = field(default_factory=dict)
    past: frozenset[str] = frozenset()

    def knows(self, word: str) -> bool:
        """Whether a word needs no repair."""
        return word in self.forms or word in self.known

    def read(self, word: str) -> tuple[Form, ...]:
        """The forms of a word that needs no repair."""
        found = self.forms.get(word)
        if found is not None:
            return found
        return ((word, (word,), word),)


def deletions(word: str) -> list[str]:
    """The word with one letter left out, its first letter excepted: people rarely miss that one."""
    return [word[:i] + word[i + 1 :] for i in range(1, len(word))]


NEAR_LENGTH_MIN = 4
"""Shorter words have too many neighbours to guess a slip."""


def near_index(words: Iterable[str], known: frozenset[str]) -> dict[str, list[str]]:
    """Every spelling one letter short of a word, to the words it may stand for, in the order given: pass
    the more telling first. Ordinary words are left out."""
    index: dict[str, list[str]] = {}
    for word in words:
        if len(word) < NEAR_LENGTH_MIN or not word.isalpha():
            continue
        index.setdefault(word, []).append(word)
        for shorter in deletions(word):
            if len(shorter) >= NEAR_LENGTH_MIN - 1 and shorter not in known:
                index.setdefault(shorter, []).append(word)
    return index


def one_slip(a: str, b: str) -> bool:
    """Whether a becomes b by one letter added, left out, replaced or swapped with its neighbour."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return a == b
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    if len(a) == len(b):
        return a[i + 1 :] == b[i + 1 :] or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])
    return a[i + 1 :] == b[i:] if len(a) > len(b) else a[i:] == b[i + 1 :]
