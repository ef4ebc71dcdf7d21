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

SINGLES_MIN = 3
"""Single letters in a row from which they may spell a word."""
CLAUSE, SENTENCE = 1, 2
"""How strong a break before a word is."""

_BREAKS = {
    ".": 2, "?": 2, "!": 2, "\n": 2, ",": 1, ";": 1, ":": 1, "(": 1, ")": 1, '"': 1, "[": 1, "]": 1,
    "{": 1, "}": 1, "<": 1, ">": 1, "\u2013": 1, "\u2014": 1, "\u2026": 2, "\u201c": 1, "\u201d": 1,
    "\u00ab": 1, "\u00bb": 1, "\u00bf": 1, "\u00a1": 1, "\u3002": 2, "-": 0, "/": 0, "&": 0, "=": 0,
}  # fmt: skip
_SPACED = tuple(_BREAKS)
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
    folded: Folded

    def __len__(self) -> int:
        return len(self.words)

    def span(self, first: int, end: int) -> Span:
        """The original slice of words [first, end)."""
        return self.folded.span(self.starts[first], self.ends[end - 1])


def scan(folded: Folded, vocabulary: Vocabulary) -> Tokens:
    """Cut a folded text into words; linear in its length."""
    text = _dress(folded.text)
    out = Tokens([], [], [], [], [], [], [], [], folded)
    raws, words, symbols, starts, ends, breaks = (
        out.raw, out.words, out.symbols, out.starts, out.ends, out.breaks,
    )  # fmt: skip
    forms = vocabulary.forms
    cursor = shift = singles = longest = 0
    brk = SENTENCE
    for raw in _spaced(text).split(" "):
        if not raw:
            cursor += 1
            continue
        start = cursor - shift
        cursor += len(raw) + 1
        form = forms.get(raw)
        if form is None:
            strength = _BREAKS.get(raw)
            if strength is not None:
                brk = _mark(out, raw, start - 1, brk, strength)
                shift += 2
                continue
            form = vocabulary.read(raw) if raw in vocabulary.known else read_unknown(raw, vocabulary)
        end = start + len(raw)
        if end == start + 1:
            singles += 1
            longest = singles if singles > longest else longest
        else:
            singles = 0
        for lemma, syms, written in form:
            raws.append(written)
            words.append(lemma)
            symbols.append(syms)
            starts.append(start)
            ends.append(end)
            breaks.append(brk)
            brk = 0
    if longest >= SINGLES_MIN:
        return _join_singles(out, vocabulary)
    return out


def _spaced(text: str) -> str:
    """The text with a space on either side of every mark (two characters more for each)."""
    for mark in _SPACED:
        if mark in text:
            text = text.replace(mark, f" {mark} ")
    for space in "\t\r\x0b\x0c\x85\u2028\u2029":
        if space in text:
            text = text.replace(space, " ")
    return text


def _dress(text: str) -> str:
    """An exclamation mark inside a word is a letter ("k!ll"); elsewhere it ends a sentence."""
    at = text.find("!")
    if at < 0:
        return text
    chars: list[str] | None = None
    last = len(text) - 1
    while 0 <= at < last:
        if text[at + 1] in _IN_WORD and (at == 0 or text[at - 1] == " " or text[at - 1] in _IN_WORD):
            chars = chars or list(text)
            chars[at] = "i"
        at = text.find("!", at + 1)
    return text if chars is None else "".join(chars)


def _mark(out: Tokens, raw: str, start: int, brk: int, strength: int) -> int:
    """Note a punctuation mark; gives the break strength before the next word."""
    if raw == "?" and out.words:
        out.questions.append(len(out.words) - 1)
    elif raw in '"\u201c\u201d\u00ab\u00bb':
        out.quotes.append(start)
    elif raw == "." and _inside_number(out.folded.text, start):
        return brk
    elif raw == "-" and out.folded.text[start - 1 : start] == " ":
        return max(brk, CLAUSE)
    return max(brk, strength)


def _inside_number(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit()


def _join_singles(out: Tokens, vocabulary: Vocabulary) -> Tokens:
    """Replace runs of three and more single letters by the words they spell."""
    joined = Tokens([], [], [], [], [], [], [], out.quotes, out.folded)
    asked = set(out.questions)
    at, size = 0, len(out.words)
    while at < size:
        end = at
        while (
            end < size and _is_letter(out, end) and not (end > at and out.starts[end] - out.ends[end - 1] > 2)
        ):
            end += 1
        run = [i for i in range(at, end) if out.raw[i] != "'"]
        words = split_joined("".join(_letter(out, i) for i in run), vocabulary) if len(run) >= 3 else None
        end = end if len(run) >= 3 else at + 1
        if words is None:
            _copy(out, joined, at, end)
        else:
            _spell(out, joined, run, words, vocabulary)
        if any(i in asked for i in range(at, end)) and joined.words:
            joined.questions.append(len(joined.words) - 1)
        at = end
    return joined


def _is_letter(out: Tokens, i: int) -> bool:
    return out.ends[i] - out.starts[i] == 1 and (_letter(out, i).isalnum() or _letter(out, i) == "'")


def _letter(out: Tokens, i: int) -> str:
    return out.folded.text[out.starts[i]]


def _copy(source: Tokens, into: Tokens, at: int, end: int) -> None:
    into.raw.extend(source.raw[at:end])
    into.words.extend(source.words[at:end])
    into.symbols.extend(source.symbols[at:end])
    into.starts.extend(source.starts[at:end])
    into.ends.extend(source.ends[at:end])
    into.breaks.extend(source.breaks[at:end])


def _spell(source: Tokens, into: Tokens, run: list[int], words: list[str], vocabulary: Vocabulary) -> None:
    """Append spelled words over the places of their letters (`run` holds one token a letter)."""
    brk, at = source.breaks[run[0]], 0
    for word in words:
        for lemma, syms, written in vocabulary.read(word):
            into.raw.append(written)
            into.words.append(lemma)
            into.symbols.append(syms)
            into.starts.append(source.starts[run[at]])
            into.ends.append(source.ends[run[at + len(word) - 1]])
            into.breaks.append(brk)
            brk = 0
        at += len(word)
