"""How a text is built: sentences, clauses, quotations, questions; and for a place in it: whose act, when,
negated or not.

Small pure functions over tokens. None of them knows a danger word: detectors ask them about a hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from moderation.pipeline.tokens import CLAUSE, SENTENCE, Tokens

Person = Literal["i", "you", "they", "none"]


@dataclass(frozen=True, slots=True)
class Structure:
    """`sentence[i]`, `clause[i]` number the unit of word i; `quoted` are the words inside a quotation;
    `asked` are sentences that end in a question mark."""

    sentence: list[int]
    clause: list[int]
    quoted: frozenset[int] = frozenset()
    asked: frozenset[int] = frozenset()


EMPTY = Structure([], [])


def read_structure(tokens: Tokens) -> Structure:
    """The structure of a text; linear in its words."""
    sentence: list[int] = []
    clause: list[int] = []
    s = c = -1
    for strength in tokens.breaks:
        if strength >= SENTENCE or s < 0:
            s += 1
            c += 1
        elif strength >= CLAUSE:
            c += 1
        sentence.append(s)
        clause.append(c)
    asked = frozenset(sentence[i] for i in tokens.questions if i < len(sentence))
    return Structure(sentence, clause, _quoted(tokens), asked)


def _quoted(tokens: Tokens) -> frozenset[int]:
    """Words between double quotation marks, and in lines that begin with >."""
    text = tokens.folded.text
    inside: set[int] = set()
    marks = tokens.quotes
    if len(marks) >= 2:
        pairs = list(zip(marks[::2], marks[1::2], strict=False))
        for i, start in enumerate(tokens.starts):
            if any(a < start < b for a, b in pairs):
                inside.add(i)
    if ">" in text:
        for i, start in enumerate(tokens.starts):
            line = text.rfind("\n", 0, start) + 1
            if text[line : line + 2].lstrip().startswith(">"):
                inside.add(i)
    return frozenset(inside)
