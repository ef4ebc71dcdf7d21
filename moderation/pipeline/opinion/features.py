"""What the second opinion sees of a text: hashed words, pairs of words and pieces of words.

The idea: the reader's words (already folded and repaired) carry the meaning, pieces of words carry what repair
didn't reach, and what the conduct rules saw counts as a word too; all are bounded, so that a long post costs no
more than a short essay.
"""

from __future__ import annotations

from binascii import crc32
from bisect import bisect
from collections.abc import Iterable, Sequence

from moderation.pipeline.conduct import spam
from moderation.pipeline.conduct.links import links
from moderation.pipeline.reading import Reading

BITS = 17
MASK = (1 << BITS) - 1
WORDS_MAX = 100
"""Words read of one text: the first two thirds and the last third of that many."""
_LENGTHS = (5, 10, 21, 51)
PIECE = 3
PIECES_FROM = 3
PIECES_MAX = 14
"""Words of at least three letters are also read in pieces of three, fourteen at most."""


def buckets(reading: Reading) -> set[int]:
    """The buckets of a text: its words and the signs that the conduct rules saw."""
    return features(words_of(reading.tokens.raw, reading.tokens.words), signs(reading))


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
    if len(words) > WORDS_MAX:
        head = 2 * WORDS_MAX // 3
        tail = WORDS_MAX - head
        raw = [*raw[:head], *raw[-tail:]]
        words = [*words[:head], *words[-tail:]]
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


def _shape(written: str, word: str) -> str:
    """Figures become their length: "07700900461" is 00000000000, "£1000" is £0000."""
    if word.isdigit():
        return "0" * min(len(word), 12)
    if any(char.isdigit() for char in written) and word == written:
        return "".join("0" if char.isdigit() else char for char in written[:24])
    return word
