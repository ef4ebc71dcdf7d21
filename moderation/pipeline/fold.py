"""A copy of the text as a reader sees it, with a map back to the characters that were written.

Everything that makes two texts look alike is folded away here, one character cluster at a time, so that
each folded character knows which slice of the original it came from. Words (leetspeak, spaced letters,
stretched letters) need a vocabulary and are undone later, in unmask.py.
"""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from moderation.pipeline.confusables import LATIN
from moderation.pipeline.types import Span

ENTITY_CHARS_MAX = 12
"""Longest HTML entity that is resolved, from & to ;. Longer runs are text."""

_INVISIBLE = frozenset(
    [
        *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0),
        *range(0x180B, 0x180E),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x206A),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE0080),
        *range(0xE0100, 0xE01F0),
    ]
)
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u0060": "'", "\u00b4": "'"})


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is lower case and folded; `begins[i]`/`ends[i]` bound the original slice behind `text[i]`.
    Both are None when folding moved nothing (then positions are the same)."""

    original: str
    text: str
    begins: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> Span:
        """The original slice behind folded [start, end)."""
        if self.begins is None or self.ends is None:
            return Span(start, end)
        if start >= end:
            where = self.begins[start] if start < len(self.begins) else len(self.original)
            return Span(where, where)
        return Span(self.begins[start], self.ends[end - 1])


def unfolded(text: str) -> Folded:
    """The text handed on raw, lower case at most, for when folding failed."""
    lower = text.lower()
    return Folded(text, lower if len(lower) == len(text) else text)


def fold(text: str) -> Folded:
    """Fold a text; linear in its length."""
    if text.isascii() and "&" not in text and "\\" not in text:
        return Folded(text, text.lower().replace("`", "'"))
    plain = _one_to_one(text)
    if plain is not None:
        return Folded(text, plain)
    pieces: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    confuse = _mostly_latin(text)
    at, size = 0, len(text)
    while at < size:
        seen, end = _cluster(text, at, confuse=confuse)
        for char in seen:
            pieces.append(char)
            begins.append(at)
            ends.append(end)
        at = end
    return Folded(text, "".join(pieces), tuple(begins), tuple(ends))


def _one_to_one(text: str) -> str | None:
    """The folded text where every character becomes one (curly quotes, dashes, accents), so that places
    stay as they are; None where that isn't so, or where the alphabet must be judged first."""
    if "&" in text or "\\" in text:
        return None
    table: dict[int, str] = {}
    for char in set(text):
        if char < "\x80":
            continue
        if "\u0370" <= char <= "\u058f" or len(seen := _fold_char(char, True)) != 1:
            return None
        table[ord(char)] = seen
    plain = text.translate(table).lower().replace("`", "'")
    return plain if len(plain) == len(text) else None


def _cluster(text: str, at: int, *, confuse: bool) -> tuple[str, int]:
    """What a reader sees at `at`, and where the next cluster begins."""
    char = text[at]
    if char < "\x80":
        if char == "&":
            return _entity(text, at)
        if char == "\\" and at + 1 < len(text) and text[at + 1] in "\\`*_{}[]()#+-.!|~>":
            return text[at + 1].lower(), at + 2
        return ("'" if char == "`" else char.lower()), at + 1
    return _fold_char(char, confuse), at + 1


def _entity(text: str, at: int) -> tuple[str, int]:
    stop = text.find(";", at, at + ENTITY_CHARS_MAX)
    if stop > at + 1:
        seen = html.unescape(text[at : stop + 1])
        if not seen.startswith("&") or seen == "&":
            return "".join(c.lower() if c < "\x80" else _fold_char(c, True) for c in seen), stop + 1
    return "&", at + 1


@lru_cache(maxsize=8192)
def _fold_char(char: str, confuse: bool) -> str:
    """One character to what it looks like: '' for invisible ones and for combining marks.
    The cache holds single characters, never words."""
    code = ord(char)
    if code in _INVISIBLE:
        return ""
    plain = unicodedata.normalize("NFKD", char)
    if confuse and not plain.isascii() and (latin := LATIN.get(char)):
        return latin
    kept: list[str] = []
    for part in plain:
        if unicodedata.combining(part) or ord(part) in _INVISIBLE:
            continue
        part = LATIN.get(part, part) if confuse else part
        kept.append(part.translate(_QUOTES).lower())
    return "".join(kept)


def _mostly_latin(text: str) -> bool:
    """Look-alike letters are folded unless the text is really written in another alphabet: Russian
    must stay Russian, while a Latin sentence with Cyrillic letters in it is a disguise."""
    latin = other = 0
    for char in text:
        if char.isascii():
            latin += char.isalpha()
        elif char.isalpha():
            if "\uff21" <= char <= "\uff5a" or not ("\u0370" <= char <= "\u058f"):
                latin += char < "\u0370"
            else:
                other += 1
    return other <= 2 * latin + 2
