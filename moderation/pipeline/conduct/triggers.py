"""One pass that says which contact detectors are worth running on a text.

The idea: most lines hold none of the words that a detector needs, and one Aho-Corasick pass over them costs
about a microsecond, less than a single pattern.
"""

from __future__ import annotations

from enum import IntFlag
from functools import lru_cache

import ahocorasick

from moderation.pipeline.conduct.wordlists import wordlists


class Trigger(IntFlag):
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
    Trigger.SPOKEN: ("two", "three", "four", "five", "six", "seven", "eight", "nine", "zero"),
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
_SPECIAL = "\\[(?.*+|"
_SHORT = 3
"""Stems of up to three letters stand at the beginning of a word, or every "right" would mean "ig"."""


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    bits: dict[str, Trigger] = {}
    for trigger, words in _LITERAL.items():
        for word in words:
            bits[word] = bits.get(word, Trigger(0)) | trigger
    for trigger, name in _LISTED.items():
        for word in wordlists()[name].words:
            stem = _stem(word.lower())
            inside = trigger is Trigger.STREET_END
            stem = stem if inside or len(stem) > _SHORT else " " + stem
            bits[stem] = bits.get(stem, Trigger(0)) | trigger
    automaton = ahocorasick.Automaton()
    for word, found in bits.items():
        automaton.add_word(word, int(found))
    automaton.make_automaton()
    return automaton


def triggers(low: str) -> int:
    """Bits of `Trigger` for a lower-case text; punctuation and line ends count as the space before a word."""
    padded = " " + low.translate(_TO_SPACE)
    bits = 0
    for _, found in _automaton().iter(padded):
        bits |= found
    return bits


_TO_SPACE = {ord(char): " " for char in "\n\t\r,;:.!?\"'>-_*"}


def _stem(word: str) -> str:
    """The literal beginning of a small pattern; a letter made optional by "?" is not part of it."""
    for at, char in enumerate(word):
        if char in _SPECIAL:
            return word[: max(0, at - 1)] if char == "?" else word[:at]
    return word
