"""What the second opinion sees of a text: hashed words, pairs of words and, for conduct, pieces of words.

The idea: the reader's words (already folded and repaired) carry the meaning; all are bounded, so that a long
post costs no more than a short essay. Distress is in how words follow each other, so the care head sees them
as they were said, with the marks between them; hostility and advertising hide in spelling, so those heads see
lemmas, pieces of words and what the conduct rules saw.
"""

from __future__ import annotations

from binascii import crc32
from bisect import bisect
from collections.abc import Iterable, Sequence

from moderation.pipeline.conduct import spam
from moderation.pipeline.conduct.links import links
from moderation.pipeline.reading import Reading
from moderation.pipeline.tokens import SENTENCE, Tokens

BITS = 17
MASK = (1 << BITS) - 1
CARE_BITS = 18
_CARE_MASK = (1 << CARE_BITS) - 1
WORDS_MAX = 100
"""Words read of one text: the first two thirds and the last third of that many."""
CARE_WORDS_MAX = 210
"""The same for distress, which may stand anywhere in a long post."""
_LENGTHS = (5, 10, 21, 51)
PIECE = 3
PIECES_FROM = 3
PIECES_MAX = 14
"""Words of at least three letters are also read in pieces of three, fourteen at most."""


def buckets(reading: Reading) -> set[int]:
    """The buckets of a text for the conduct heads: its words and the signs that the conduct rules saw."""
    return features(words_of(reading.tokens.raw, reading.tokens.words), signs(reading))


def care_buckets(reading: Reading) -> set[int]:
    """The buckets of a text for the care head: its words as said, and each with the one before it."""
    found: set[int] = set()
    add = found.add
    before = 0
    for said in _ends(spoken(reading.tokens), CARE_WORDS_MAX):
        data = said.encode()
        add(crc32(data) & _CARE_MASK)
        add(crc32(data, before) & _CARE_MASK)
        before = crc32(b" ", crc32(data))
    add(crc32(b"$", before) & _CARE_MASK)
    return found


def spoken(tokens: Tokens) -> list[str]:
    """Words as written, with the marks between them; a contraction by its parts ("i've": i, have)."""
    raw, starts, breaks = tokens.raw, tokens.starts, tokens.breaks
    asked = set(tokens.questions)
    said: list[str] = []
    previous = -1
    last = len(raw) - 1
    for i, word in enumerate(tokens.words):
        start = starts[i]
        following = starts[i + 1] if i < last else -1
        mark = breaks[i]
        if mark and i:
            said.append("?" if i - 1 in asked else "." if mark >= SENTENCE else ",")
        written = raw[i]
        if start in (previous, following) or "'" in written:
            written = word
        said.append(written if written.isalpha() else _shape(written, written))
        previous = start
    if last in asked:
        said.append("?")
    return said


def signs(reading: Reading) -> list[str]:
    """Names of signs, which can't be mistaken for words."""
    found = spam.signs_of(reading, links(reading.folded.text))
    names = [f"§{sign.name}" for sign in found]
    names.append(f"§sum{min(9, int(spam.weigh(reading, found)))}")
    names.append(f"§len{bisect(_LENGTHS, len(reading.tokens))}")
    names.extend({f"§{hit.entry.id}" for hit in reading.of("conduct_abuse")})
    return names


def words_of(raw: Sequence[str], words: Sequence[str]) -> list[str]:
    """The words to look at: lemmas where the reader knew them, figures by their length only."""
    raw, words = _ends(raw, WORDS_MAX), _ends(words, WORDS_MAX)
    return [_shape(written, word) for written, word in zip(raw, words, strict=True)]


def features(words: Sequence[str], named: Iterable[str] = ()) -> set[int]:
    """Buckets of words and of named signs; each counts once."""
    found: set[int] = {crc32(name.encode()) & MASK for name in named}
    add = found.add
    before = "^"
    for word in words:
        add(crc32(word.encode()) & MASK)
        add(crc32((before + " " + word).encode()) & MASK)
        if len(word) >= PIECES_FROM:
            data = ("<" + word + ">").encode()
            for i in range(min(len(data) - PIECE + 1, PIECES_MAX)):
                add(crc32(data[i : i + PIECE], 7) & MASK)
        before = word
    add(crc32((before + " $").encode()) & MASK)
    return found


def _ends(words: Sequence[str], most: int) -> Sequence[str]:
    """The words, or the first two thirds and the last third of the most that are read."""
    if len(words) <= most:
        return words
    head = 2 * most // 3
    return [*words[:head], *words[head - most :]]


def _shape(written: str, word: str) -> str:
    """Figures become their length: "07700900461" is 00000000000, "£1000" is £0000."""
    if word.isdigit():
        return "0" * min(len(word), 12)
    if any(char.isdigit() for char in written) and word == written:
        return "".join("0" if char.isdigit() else char for char in written[:24])
    return word
