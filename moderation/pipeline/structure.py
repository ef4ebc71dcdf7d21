"""How a text is built: sentences, clauses, quotations, questions; and for a place in it: whose act, when,
negated or not.

Small pure functions over tokens. None of them knows a danger word: detectors ask them about a hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from moderation.pipeline.tokens import CLAUSE, SENTENCE, Tokens

Person = Literal["i", "you", "they", "none"]

LOOK_BACK = 8
"""Words before a hit in which its subject is looked for."""
NEGATION_REACH = 4
"""Words before a hit in which a negation still governs it."""

_PERSONS: dict[str, Person] = {
    "i": "i", "me": "i", "my": "i", "myself": "i", "we": "i", "mine": "i",
    "you": "you", "your": "you", "yourself": "you", "yourselves": "you",
    "he": "they", "she": "they", "they": "they", "someone": "they", "somebody": "they", "anyone": "they",
    "himself": "they", "herself": "they", "themselves": "they", "themself": "they", "theirself": "they",
    "people": "they", "who": "they", "everyone": "they", "nobody": "they", "his": "they", "their": "they",
}  # fmt: skip
_SUBJECTS = frozenset("i we you he she they someone somebody anyone people who everyone nobody".split())
_ANYONE = frozenset("someone somebody anyone everyone you who nobody".split())
_OPENING = frozenset("if case when whenever be do".split())
"""Words that open a clause about whoever may read: what follows it without a subject is said of oneself."""
_REFLEXIVES = frozenset("myself yourself yourselves himself herself themselves themself theirself".split())
_LINKS = frozenset("but and so because or cause then plus yet".split())
_NEGATORS = frozenset("not never no neither nor without nt aint hardly".split())
_TOLD = frozenset("used had was were did didnt".split())
_OPENERS = frozenset(
    "me suicidal idea know sure stop help care only wait tell understand matter believe deny lie forget mind".split()
)
"""After these a negation doesn't reach on: "can't stop thinking", "don't know if", "can't wait to"."""


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


def subject(tokens: Tokens, structure: Structure, first: int, end: int) -> Person:
    """Whose act words [first, end) tell of. A reflexive inside decides; then a pronoun inside; then the
    nearest subject before, within the sentence. "none" is an omitted subject, mostly "I" in chat."""
    for i in range(first, end):
        if tokens.words[i] in _REFLEXIVES:
            return _PERSONS[tokens.words[i]]
    inside = _first_person_inside(tokens.words, first, end)
    return inside if inside is not None else subject_before(tokens, structure, first)


def subject_before(tokens: Tokens, structure: Structure, first: int) -> Person:
    """The nearest subject before a word, within its sentence."""
    words = tokens.words
    linked = False
    fallback: Person = "none"
    for i in range(first - 1, max(-1, first - 1 - LOOK_BACK), -1):
        if structure.sentence[i] != structure.sentence[first]:
            break
        word = words[i]
        if word in _SUBJECTS:
            opener = linked and word in _ANYONE and i > 0 and words[i - 1] in _OPENING
            return "none" if opener else _PERSONS[word]  # "if anyone is up, about to jump"
        if word in _LINKS or tokens.breaks[i + 1] >= CLAUSE:
            linked = True
        if not linked and "PERSON" in tokens.symbols[i] and fallback == "none":
            fallback = "they"
            if i and words[i - 1] in ("to", "with", "for", "of", "by", "from", "on"):
                fallback = "none"
            else:
                return fallback
    return fallback


def _first_person_inside(words: list[str], first: int, end: int) -> Person | None:
    """A first person inside a hit decides; "you" inside is mostly the one spoken to ("see you all")."""
    third: Person | None = None
    for i in range(first, end):
        person = _PERSONS.get(words[i])
        if person == "i":
            return "i"
        if person == "they" and third is None and words[i] not in ("everyone", "nobody", "people", "anyone"):
            third = "they"
    return third


def negated(tokens: Tokens, structure: Structure, first: int) -> bool:
    """Whether a negation before a hit governs it: the same clause, a few words back, not used up by a
    verb like stop or know."""
    odd = False
    for i in range(first - 1, max(-1, first - 1 - NEGATION_REACH), -1):
        if structure.sentence[i] != structure.sentence[first] or tokens.breaks[i + 1] >= CLAUSE:
            break
        word = tokens.words[i]
        if word in _OPENERS or word in ("but", "because", "so", "and"):
            break
        if word in _NEGATORS:
            odd = not odd
    return odd


def past(tokens: Tokens, structure: Structure, first: int, end: int, *, spellings: frozenset[str]) -> bool:
    """Whether the act is told in the past: a past form inside, or was/did/used before it; a perfect
    ("have taken") counts as now."""
    words, raw = tokens.words, tokens.raw
    perfect = False
    for i in range(max(0, first - 3), end):
        if structure.sentence[i] != structure.sentence[first]:
            continue
        if i < first and tokens.breaks[i + 1] >= CLAUSE:
            perfect = False
            continue
        word = words[i]
        if word == "have" and raw[i] != "had":
            perfect = True
        elif raw[i] in spellings and i + 2 == first and words[i + 1] == "to":
            return True
        elif raw[i] in _TOLD or (
            i >= first and not perfect and raw[i] in spellings and not _state_before(words, raw, i)
        ):
            return not _wish_before(words, i)
    return False


def _state_before(words: list[str], raw: list[str], at: int) -> bool:
    """ "am isolated", "feel trapped": a participle after a present be or feel is a state of now."""
    return any(
        words[i] in ("be", "feel", "get")
        and raw[i] not in ("was", "were", "felt", "got", "wasn't", "weren't")
        for i in range(max(0, at - 3), at)
    )


def _wish_before(words: list[str], at: int) -> bool:
    """ "wish I was dead", "if I died" are not told in the past."""
    return any(word in ("wish", "if", "hope", "rather", "like") for word in words[max(0, at - 3) : at])


def _quoted(tokens: Tokens) -> frozenset[int]:
    """Words between double quotation marks, and in lines that begin with >."""
    text = tokens.folded.text
    inside: set[int] = set()
    marks = tokens.quotes
    # A text that is one quotation is someone's own words for emphasis.
    whole = len(marks) == 2 and (
        not tokens.starts or (marks[0] < tokens.starts[0] and marks[1] > tokens.starts[-1])
    )
    if len(marks) >= 2 and not whole:
        pair = 0
        for i, start in enumerate(tokens.starts):
            while pair + 1 < len(marks) and marks[pair + 1] < start:
                pair += 2
            if pair + 1 < len(marks) and marks[pair] < start:
                inside.add(i)
    if ">" in text:
        _quoted_lines(tokens, text, inside)
    return frozenset(inside)


def _quoted_lines(tokens: Tokens, text: str, inside: set[int]) -> None:
    line_start, quoted = -1, False
    for i, start in enumerate(tokens.starts):
        line = text.rfind("\n", max(line_start, 0), start) + 1 or max(line_start, 0)
        if line > line_start:
            line_start = line
            quoted = text[line : line + 4].lstrip().startswith(">")
        if quoted:
            inside.add(i)
