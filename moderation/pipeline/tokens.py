"""Words with their places: the sequence that every rule reads.

Cut without a regular expression (translate and split), read through the vocabulary, repaired only where
a word is unknown. Fillers vanish, contractions become several words over the same place.
"""

from __future__ import annotations

from dataclasses import dataclass

from moderation.pipeline.fold import Folded
from moderation.pipeline.types import Span
from moderation.pipeline.unmask import read_unknown, split_joined
from moderation.pipeline.vocabulary import Vocabulary

CLAUSE, SENTENCE = 1, 2
"""How strong a break before a word is."""

_BREAKS = {
    ".": 2, "?": 2, "!": 2, "\n": 2, ",": 1, ";": 1, ":": 1, "(": 1, ")": 1, '"': 1, "[": 1, "]": 1,
    "{": 1, "}": 1, "<": 1, ">": 1, "\u2013": 1, "\u2014": 1, "\u2026": 2, "\u201c": 1, "\u201d": 1,
    "\u00ab": 1, "\u00bb": 1, "\u00bf": 1, "\u00a1": 1, "\u3002": 2,
}  # fmt: skip
_SPACING: dict[int, str] = {ord(mark): f" {mark} " for mark in [*_BREAKS, "-", "/", "&", "="]}
_SPACING |= {ord(space): " " for space in "\t\r\x0b\x0c\x85\u2028\u2029"}
_IN_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789@$+'")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Parallel lists over words: `raw` as written (folded), `words` lemmas, `symbols` what rules match,
    `starts`/`ends` in the folded text, `breaks` before each word. `questions` are indices of the last
    word before a question mark; `quotes` the folded offsets of double quotation marks."""

    raw: list[str]
    words: list[str]
    symbols: list[tuple[str, ...]]
    starts: list[int]
    ends: list[int]
    breaks: list[int]
    questions: list[int]
    quotes: list[int]
    repaired: int
    folded: Folded

    def __len__(self) -> int:
        return len(self.words)

    def span(self, first: int, end: int) -> Span:
        """The original slice of words [first, end)."""
        return self.folded.span(self.starts[first], self.ends[end - 1])


def scan(folded: Folded, vocabulary: Vocabulary) -> Tokens:
    """Cut a folded text into words; linear in its length."""
    text = _dress(folded.text)
    out = Tokens([], [], [], [], [], [], [], [], 0, folded)
    raws, words, symbols, starts, ends, breaks = (
        out.raw, out.words, out.symbols, out.starts, out.ends, out.breaks,
    )  # fmt: skip
    forms = vocabulary.forms
    find = text.find
    at = brk = singles = 0
    brk = SENTENCE
    for raw in text.translate(_SPACING).split(" "):
        if not raw:
            continue
        start = find(raw, at)
        at = start + len(raw)
        strength = _BREAKS.get(raw)
        if strength is not None:
            brk = _mark(out, raw, start, brk, strength)
            continue
        form = forms.get(raw)
        if form is None:
            if raw in "-/&=":
                brk = max(brk, CLAUSE) if raw == "-" and text[start - 1 : start] == " " else brk
                continue
            form = vocabulary.read(raw) if raw in vocabulary.known else read_unknown(raw, vocabulary)
        if len(raw) == 1:
            singles += 1
        for lemma, syms in form:
            raws.append(raw)
            words.append(lemma)
            symbols.append(syms)
            starts.append(start)
            ends.append(at)
            breaks.append(brk)
            brk = 0
        if raw[-1] == "!":
            brk = SENTENCE
    if singles >= 3:
        return _join_singles(out, text, vocabulary)
    return out


def _dress(text: str) -> str:
    """An exclamation mark inside a word is a letter ("k!ll"); elsewhere it ends a sentence."""
    if "!" not in text:
        return text
    chars = list(text)
    last = len(chars) - 1
    for i, char in enumerate(chars):
        if (
            char == "!"
            and i < last
            and chars[i + 1] in _IN_WORD
            and (i == 0 or chars[i - 1] in _IN_WORD or chars[i - 1] == " ")
        ):
            chars[i] = "i"
    return "".join(chars)


def _mark(out: Tokens, raw: str, start: int, brk: int, strength: int) -> int:
    """Note a punctuation mark; gives the break strength before the next word."""
    if raw == "?" and out.words:
        out.questions.append(len(out.words) - 1)
    elif raw in '"\u201c\u201d\u00ab\u00bb':
        out.quotes.append(start)
    elif raw == "." and _inside_number(out.folded.text, start):
        return brk
    return max(brk, strength)


def _inside_number(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit()


def _join_singles(out: Tokens, text: str, vocabulary: Vocabulary) -> Tokens:
    """Replace runs of three and more single letters by the words they spell."""
    joined = Tokens([], [], [], [], [], [], list(out.questions), out.quotes, out.repaired + 1, out.folded)
    at, size = 0, len(out.words)
    while at < size:
        end = at
        while (
            end < size
            and out.ends[end] - out.starts[end] == 1
            and out.raw[end].isalnum()
            and not (end > at and out.starts[end] - out.ends[end - 1] > 2)
        ):
            end += 1
        words = split_joined("".join(out.raw[at:end]), vocabulary) if end - at >= 3 else None
        if words is None:
            end = max(end, at + 1) if end - at >= 3 else at + 1
            _copy(out, joined, at, end)
        else:
            _spell(out, joined, at, words, vocabulary)
        at = end
    return joined


def _copy(source: Tokens, into: Tokens, at: int, end: int) -> None:
    into.raw.extend(source.raw[at:end])
    into.words.extend(source.words[at:end])
    into.symbols.extend(source.symbols[at:end])
    into.starts.extend(source.starts[at:end])
    into.ends.extend(source.ends[at:end])
    into.breaks.extend(source.breaks[at:end])


def _spell(source: Tokens, into: Tokens, at: int, words: list[str], vocabulary: Vocabulary) -> None:
    """Append spelled words over the places of their letters (one letter, one token)."""
    brk = source.breaks[at]
    for word in words:
        for lemma, syms in vocabulary.read(word):
            into.raw.append(word)
            into.words.append(lemma)
            into.symbols.append(syms)
            into.starts.append(source.starts[at])
            into.ends.append(source.ends[at + len(word) - 1])
            into.breaks.append(brk)
            brk = 0
        at += len(word)
