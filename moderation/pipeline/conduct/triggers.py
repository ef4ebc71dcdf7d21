"""One pass that says which contact detectors are worth running on a text.

The idea: most lines hold none of the words that a detector needs, and one Aho-Corasick pass over them costs
about a microsecond, less than a single pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache

import ahocorasick

from moderation.pipeline.conduct.wordlists import wordlists


class Trigger(IntEnum):
    """What stands in the text; a detector runs when its bit is set."""

    SPOKEN = 1
    SPELLED_AT = 2
    NETWORK = 4
    CLINICIAN = 8
    WARD = 16
    FLAT = 32
    STREET_BEFORE = 64
    STREET_END = 128
    STREET_OWN = 256
    STREET_AFTER = 512
    PLACE = 1024
    BOX = 2048
    NAMED = 4096


_LITERAL: dict[Trigger, tuple[str, ...]] = {
    Trigger.SPELLED_AT: (
        " at ", "(at", "[at", "{at", "<at", "( at", "[ at", " @", "(@", "[@", "arroba", "arobase", "ät)",
    ),
    Trigger.CLINICIAN: ("prof", "mr", "ms", "sister", "miss"),
    Trigger.WARD: ("ward", "unit"),
    Trigger.FLAT: ("apt", "suite", "flat", "unit", "apartment", "ste"),
    Trigger.BOX: ("box", "postfach", "postale", "apartado", "caixa", "psc", "apo ", "fpo ", "dpo "),
}  # fmt: skip
_LISTED: dict[Trigger, str] = {
    Trigger.NETWORK: "networks",
    Trigger.CLINICIAN: "clinician_roles",
    Trigger.STREET_BEFORE: "street_kinds_before",
    Trigger.STREET_END: "street_ends",
    Trigger.STREET_OWN: "street_kinds_own_word",
    Trigger.STREET_AFTER: "street_kinds",
    Trigger.PLACE: "place_cues",
    Trigger.NAMED: "named_numbers",
}
_DIGIT_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "zero")
_DIGIT_WORDS_MIN = 3
_DIGIT_WORDS_APART = 24
"""Fewer digits in words, or far apart, are counts and no number told aloud."""
_SPECIAL = "\\[(?.*+|"
_SHORT = 3
"""Words of up to three letters must stand alone, or every "right" would mean "ig" and every "still" a street."""
_BEFORE, _AFTER = " \n(\"'/,.:-@>*_", " \n.,)!?:;'\"@-"


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    bits: dict[str, int] = {}

    def add(word: str, trigger: Trigger) -> None:
        bits[word] = bits.get(word, 0) | trigger

    for trigger, words in _LITERAL.items():
        for word in words:
            add(word, trigger)
    for word in _DIGIT_WORDS:
        for before in _BEFORE:
            for after in _AFTER:
                add(before + word + after, Trigger.SPOKEN)
    for trigger, name in _LISTED.items():
        for word in wordlists()[name].words:
            for stem in _stems(word.lower(), inside=trigger is Trigger.STREET_END):
                add(stem, trigger)
    automaton = ahocorasick.Automaton()
    for word, found in bits.items():
        automaton.add_word(word, found)
    automaton.make_automaton()
    return automaton


def triggers(low: str) -> int:
    """Bits of `Trigger` for a lower-case text."""
    bits = spoken = most = last = 0
    for at, found in _automaton().iter(f" {low} "):
        bits |= found
        if found & Trigger.SPOKEN:
            spoken = spoken + 1 if at - last <= _DIGIT_WORDS_APART else 1
            most, last = max(most, spoken), at
    return bits if most >= _DIGIT_WORDS_MIN else bits & ~Trigger.SPOKEN


def _stems(word: str, *, inside: bool) -> Iterator[str]:
    """Literal beginnings of a small pattern, as they stand in a text."""
    stem = _literal(word)
    if inside or len(stem) > _SHORT:
        yield stem
        return
    for before in _BEFORE:
        if stem != word:  # only a beginning: anything may follow
            yield before + stem
        else:
            yield from (before + stem + after for after in _AFTER)


def _literal(word: str) -> str:
    """The literal beginning of a small pattern; a letter made optional by "?" is not part of it."""
    for at, char in enumerate(word):
        if char in _SPECIAL:
            return word[: max(0, at - 1)] if char == "?" else word[:at]
    return word
