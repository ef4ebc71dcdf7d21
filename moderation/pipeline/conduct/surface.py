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
) | {chr(code) for code in range(0xE0000, 0xE0080)}
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_DIGITS = [code for code in (*range(0x80, 0x10000), *range(0x1D7CE, 0x1D800)) if chr(code).isdecimal()]
_PLAIN: dict[int, str] = (
    {ord(char): "-" for char in _DASHES}
    | {ord(char): " " for char in _SPACES}
    | {0x2024: ".", 0x3002: ".", 0xFF61: "."}
    | {code: str(unicodedata.decimal(chr(code))) for code in _DIGITS}
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # fullwidth forms
)
"""Characters that look like plain ones, one for one."""
_LOOKALIKES = frozenset(map(chr, _PLAIN))


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
    """Costs one scan; only text with invisible characters is taken apart."""
    if text.isascii():
        return Surface(text, text.lower(), None)
    origin: tuple[int, ...] | None = None
    if not _INVISIBLE.isdisjoint(text):
        origin = tuple(i for i, char in enumerate(text) if char not in _INVISIBLE)
        text = "".join([text[i] for i in origin])
    clear = text if _LOOKALIKES.isdisjoint(text) else text.translate(_PLAIN)
    low = clear.lower()
    if len(low) != len(clear):  # lower-casing may lengthen ("İ"); a counterpart must stay one character
        low = "".join([small if len(small := char.lower()) == 1 else char for char in clear])
    return Surface(clear, low, origin)
