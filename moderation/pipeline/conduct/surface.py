"""A view of the text for contact details: plain digits, signs and spaces, with the way back.

The idea: folding letters (leet, look-alikes) would destroy numbers, so details are looked for on this
lighter copy, in which every character but the invisible ones has exactly one counterpart.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from moderation.pipeline.types import Span

_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_SIGNS = (
    {ord(c): "-" for c in _DASHES} | {ord(c): " " for c in _SPACES} | {0x2024: ".", 0x3002: ".", 0xFF61: "."}
)


@dataclass(frozen=True, slots=True)
class Surface:
    """`text` to scan, `low` the same in lower case (same length), `origin[i]` the place of text[i] in the
    original, or None where both are the same."""

    text: str
    low: str
    origin: tuple[int, ...] | None

    def span(self, start: int, end: int) -> Span:
        """The original's half-open span for text[start:end] (never empty)."""
        if self.origin is None:
            return Span(start, end)
        return Span(self.origin[start], self.origin[end - 1] + 1)


def surface(text: str) -> Surface:
    """Costs one scan for plain text; only text beyond ASCII is rebuilt."""
    if text.isascii():
        return Surface(text, text.lower(), None)
    kept = [
        i for i, char in enumerate(text) if char not in _INVISIBLE and not 0xE0000 <= ord(char) <= 0xE007F
    ]
    clear = "".join(_plain(text[i]) for i in kept)
    low = "".join(_lower(char) for char in clear)
    return Surface(clear, low, tuple(kept) if len(kept) < len(text) else None)


def _plain(char: str) -> str:
    code = ord(char)
    if code < 0x80:
        return char
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    sign = _SIGNS.get(code)
    if sign is not None:
        return sign
    digit = unicodedata.decimal(char, None)
    return str(digit) if digit is not None else char


def _lower(char: str) -> str:
    # Lower-casing may lengthen ("İ"); a counterpart must stay one character.
    low = char.lower()
    return low if len(low) == 1 else char
