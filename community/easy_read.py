"""Guidelines in Easy Read: one short idea a line, each with a picture, and hard words explained. Pure.

For people who read with effort: learning difficulties, a foggy day, a second language. It stands beside the
guidelines and never instead of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from community.errors import FieldError, Invalid
from community.web.words import _

LINES_MAX: Final = 24
LINE_CHARS_MAX: Final = 160
WORDS_MAX: Final = 8
WORD_CHARS_MAX: Final = 40
LONG_LINE_WORDS: Final = 12
"""A line with more words is one that the owner is asked about (our own value, from the usual 10 to 15)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One idea and the name of its picture."""

    picture: str
    text: str


@dataclass(frozen=True, slots=True)
class HardWord:
    word: str
    means: str


@dataclass(frozen=True, slots=True)
class EasyRead:
    """What is shown. `is_offered`: members see it; otherwise it is the owner's draft."""

    lines: tuple[Line, ...]
    words: tuple[HardWord, ...] = ()
    is_offered: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as it is read: cut where hard words begin and end, and the words first met in it, explained."""

    picture: str
    parts: tuple[tuple[str, bool], ...]
    explained: tuple[HardWord, ...]


def pictures() -> list[tuple[str, str]]:
    """Every picture of ours with its name for the owner, in the order of the list."""
    return [
        ("people", _("People together")),
        ("me", _("One person")),
        ("talk", _("Talking")),
        ("listen", _("Listening")),
        ("kind", _("A heart")),
        ("ask", _("A question")),
        ("secret", _("A lock")),
        ("happy", _("A happy face")),
        ("worried", _("A worried face")),
        ("press", _("Pressing a button")),
        ("help", _("A lifebelt")),
        ("phone", _("A telephone")),
        ("medicine", _("Medicine")),
        ("doctor", _("A doctor")),
        ("numbers", _("Numbers, crossed out")),
        ("stop", _("A hand: stop")),
        ("rest", _("A cup: rest")),
        ("read", _("A book")),
        ("time", _("A clock")),
        ("leave", _("A door")),
        ("guard", _("A shield")),
        ("good", _("A tick")),
    ]


def template() -> EasyRead:
    """What an owner starts from, in their language. It says what our guidelines say from the start."""
    lines = (
        Line("people", _("These are the rules of our group.")),
        Line("me", _("Talk about your own life.")),
        Line("ask", _("What helps you may not help others.")),
        Line("secret", _("What people say here stays here.")),
        Line("stop", _("Do not tell it to people outside.")),
        Line("kind", _("Be kind to each other.")),
        Line("listen", _("Listen first. Then ask: would you like advice?")),
        Line("happy", _("All feelings are allowed here.")),
        Line("numbers", _("Do not write numbers that can hurt others.")),
        Line("stop", _("Do not write about ways to hurt yourself.")),
        Line("medicine", _("Do not tell others to stop their medicine.")),
        Line("doctor", _("Their doctor helps them with that.")),
        Line("worried", _("Are you worried about someone?")),
        Line("press", _("Press: “I’m worried about them”.")),
        Line("good", _("They will not get into trouble.")),
        Line("help", _("Are you in danger? Press: “I need help now”.")),
        Line("rest", _("You can stop reading at any time.")),
    )
    words = (
        HardWord(_("rules"), _("What everyone here does and does not do.")),
        HardWord(_("advice"), _("Saying what somebody could do.")),
        HardWord(_("numbers"), _("For example how much somebody weighs, or how many tablets they took.")),
    )
    return EasyRead(lines, words, is_offered=False)


def checked(lines: Sequence[tuple[str, str]], words: Sequence[tuple[str, str]]) -> EasyRead:
    """What a form sent as (picture, text) and (word, meaning), without its empty lines. Raises Invalid, naming
    each field that needs mending."""
    wrong: list[FieldError] = []
    known = {name for name, _words in pictures()}
    kept = []
    for n, (picture, text) in enumerate(lines):
        clean = " ".join(text.split())
        if len(clean) > LINE_CHARS_MAX or not clean.isprintable():
            wrong.append(FieldError(f"text-{n}", _("This line is too long. Please make two of it.")))
        if clean:
            kept.append(Line(picture if picture in known else "good", clean))
    hard = []
    for n, (word, means) in enumerate(words):
        clean, meaning = " ".join(word.split()), " ".join(means.split())
        if bool(clean) != bool(meaning):
            wrong.append(
                FieldError(f"means-{n}", _("A hard word needs its meaning, and a meaning its word."))
            )
        if len(clean) > WORD_CHARS_MAX or len(meaning) > LINE_CHARS_MAX:
            wrong.append(FieldError(f"means-{n}", _("This is too long. Please say it shorter.")))
        if clean and meaning:
            hard.append(HardWord(clean, meaning))
    if not kept:
        wrong.append(FieldError("text-0", _("Please write at least one line.")))
    if len(kept) > LINES_MAX or len(hard) > WORDS_MAX:
        wrong.append(FieldError("text-0", _("That is more than people can take in. Please leave some out.")))
    if wrong:
        raise Invalid(fields=tuple(wrong))
    return EasyRead(tuple(kept), tuple(hard))


def long_lines(easy: EasyRead) -> list[str]:
    """Lines that may hold more than one idea, for the owner to look at again."""
    return [line.text for line in easy.lines if len(line.text.split()) > LONG_LINE_WORDS]


def laid_out(easy: EasyRead) -> list[Shown]:
    """Each line with its hard words marked; a word is explained where it is first met. Words that no line has
    are explained after the last."""
    shown: list[Shown] = []
    waiting = list(easy.words)
    for n, line in enumerate(easy.lines):
        parts = _parts(line.text, easy.words)
        met = [w for w in waiting if any(is_hard and _same(text, w.word) for text, is_hard in parts)]
        waiting = [w for w in waiting if w not in met]
        last = n == len(easy.lines) - 1
        shown.append(Shown(line.picture, parts, (*met, *(waiting if last else ()))))
    return shown


def _parts(text: str, words: Sequence[HardWord]) -> tuple[tuple[str, bool], ...]:
    if not words:
        return ((text, False),)
    either = "|".join(re.escape(w.word) for w in sorted(words, key=lambda w: -len(w.word)))
    cut = re.split(rf"(?<!\w)({either})(?!\w)", text, flags=re.IGNORECASE)
    return tuple((part, n % 2 == 1) for n, part in enumerate(cut) if part)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
