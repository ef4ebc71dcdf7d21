"""What a reader wants to see less of: muted words, content warnings; and a break they take from the place.

Pure. It only changes what its owner sees: nobody is told, nothing is sent less, no moderator decides by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from community.errors import FieldError, Invalid
from community.web.words import _

WORDS_MAX = 100
WORD_CHARS_MAX = 60
BREAK_DAYS_MAX = 366

WARNINGS: tuple[str, ...] = (
    "self-harm",
    "suicide",
    "food and weight",
    "alcohol and drugs",
    "violence or abuse",
    "medical detail",
    "death and loss",
)
"""The content warnings of the list that writers choose from, in rooms and in the forum."""

Sight = Literal["open", "warned", "word", "hidden"]
"""How a message stands before its reader: open; folded behind its warning; folded for a muted word; away."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """One reader's own. The default is what everyone starts with: warnings folded, nothing muted."""

    words: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    break_until: datetime | None = None

    def sight(self, text: str, warnings: Iterable[str] = ()) -> Sight:
        """How this message stands before the reader. One's own words are never veiled: ask only for others'."""
        given = set(warnings)
        if given & set(self.hidden):
            return "hidden"
        if self.words and _pattern(self.words).search(_plain(text)):
            return "word"
        return "warned" if given - set(self.opened) else "open"

    @property
    def is_plain(self) -> bool:
        """Nothing was chosen that changes how messages stand."""
        return not (self.words or self.opened or self.hidden)

    def is_away(self, now: datetime) -> bool:
        """Whether they are on a break: nothing is sent to them until it ends."""
        return self.break_until is not None and self.break_until > now


def check_words(text: str) -> tuple[str, ...]:
    """Muted words from lines or commas, each once, as typed. Raises Invalid."""
    found = [" ".join(part.split()) for part in re.split(r"[\n,]", text)]
    words = tuple(dict.fromkeys(word for word in found if word.strip("* ")))
    if len(words) > WORDS_MAX:
        raise _invalid("words", _("At most 100 words, please."))
    if any(len(word) > WORD_CHARS_MAX for word in words):
        raise _invalid("words", _("Each of them can have at most 60 characters."))
    return words


def check_warnings(given: Iterable[str]) -> tuple[str, ...]:
    """Those of `given` that are warnings of the list, each once."""
    wanted = set(given)
    return tuple(name for name in WARNINGS if name in wanted)


def check_break(until: datetime, now: datetime) -> datetime:
    """The end of a break. Raises Invalid for one in the past or too far away."""
    if until.tzinfo is None:
        raise _invalid("until", _("A time needs its offset from UTC."))
    if until <= now:
        raise _invalid("until", _("Please choose a day that is still to come."))
    if until > now + timedelta(days=BREAK_DAYS_MAX):
        raise _invalid("until", _("At most a year. You can always take another one."))
    return until


@lru_cache(maxsize=512)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, in any case; a star at the end stands for any ending. veil.js builds the same."""
    parts = []
    for word in words:
        folded = _plain(word)
        stem = folded.rstrip("*")
        parts.append(re.escape(stem) + ("" if folded.endswith("*") else r"(?!\w)"))
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + ")")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def _invalid(field: str, say: str) -> Invalid:
    return Invalid(say, fields=(FieldError(field, say),))
