"""Templates for letters, by language, and whether one was made the writer's own before it was sent.

Somebody in despair hears a form letter at once; so a template goes out only with words that answer this person.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("phrases.toml")
OWN_WORDS_MIN = 5
"""So many words that aren't the template's make it this person's letter (our own value)."""


class Phrase(msgspec.Struct, frozen=True):
    """One beginning. `when`: first, asking, danger, after, repair. `draft`: a machine's words, not yet checked."""

    id: str
    language: str
    when: str
    text: str
    draft: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    phrase: list[Phrase]


@cache
def phrases() -> tuple[Phrase, ...]:
    """All of them, in the file's order. Raises at the first call when the file can't be read."""
    with FILE.open("rb") as opened:
        return tuple(msgspec.convert(tomllib.load(opened), _File).phrase)


def offered(language: str) -> list[Phrase]:
    """Those in the member's language, and the English ones of every id that it lacks."""
    base = language.partition("-")[0].lower()
    own = [p for p in phrases() if p.language == base]
    have = {p.id for p in own}
    return own + [p for p in phrases() if p.language == "en" and p.id not in have]


def find(id: str, language: str) -> Phrase | None:
    return next((p for p in offered(language) if p.id == id), None)


def is_personal(body: str) -> bool:
    """Whether a letter says more than the template it begins with, in whatever language it is: at least five words
    of its own, and no gap left open."""
    if re.search(r"[\[{]\s*\w[^\]}]{0,40}[\]}]", body):
        return False
    begun = [phrase for phrase in phrases() if _same(body, phrase.text)]
    shipped = {word for phrase in begun for word in _words(phrase.text)}
    return not begun or sum(word not in shipped for word in _words(body)) >= OWN_WORDS_MIN


def _same(body: str, template: str) -> bool:
    """Whether most of the letter is that template."""
    said, given = set(_words(body)), set(_words(template))
    return bool(given) and len(said & given) / len(given) > 0.7


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
