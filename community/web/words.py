"""Sentences for people, in their language: gettext with the language of the visit.

Every string that a person reads goes through `_`, in templates and in Python. Catalogues stand in
`community/locales/<language>/LC_MESSAGES`; bench/catalogues.py extracts, merges and compiles them. What no
catalogue holds is shown in English. A catalogue that no person has reviewed says so on every page.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

DOMAIN = "kith"
SOURCE_LANGUAGE = "en"
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})
LOCALES = Path(__file__).resolve().parent.parent / "locales"
DRAFT = "machine draft"
"""The Last-Translator of a catalogue that no native speaker has read; a reviewer puts their name there instead."""
WANTED_MAX = 10

_plain = gettext.NullTranslations()
_spoken: ContextVar[tuple[str, gettext.NullTranslations]] = ContextVar(
    "kith_words", default=(SOURCE_LANGUAGE, _plain)
)


class Catalogues:
    """The translations found in one folder (`<language>/LC_MESSAGES/kith.mo`), each read at its first use."""

    def __init__(self, folder: Path | None = None) -> None:
        found = folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo") if folder else ()
        self._files = {file.parent.parent.name: file for file in sorted(found)}
        self._read: dict[str, gettext.NullTranslations] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that pages can be shown in, the source first."""
        return (SOURCE_LANGUAGE, *self._files)

    def choose(self, wanted: Iterable[str]) -> str:
        """The first of these languages that there is; `pt-BR` is content with `pt`. The source if there is none."""
        for language in wanted:
            for candidate in (language, language.partition("-")[0]):
                if candidate == SOURCE_LANGUAGE or candidate in self._files:
                    return candidate
        return SOURCE_LANGUAGE

    def speak(self, language: str) -> str:
        """Let `_` answer in this language for the rest of the running task; answers the one chosen."""
        chosen = self.choose([language])
        _spoken.set((chosen, self._catalogue(chosen)))
        return chosen

    def is_draft(self, language: str) -> bool:
        """Whether no person has reviewed this translation yet."""
        return (
            language in self._files
            and self._catalogue(language).info().get("last-translator", DRAFT) == DRAFT
        )

    def _catalogue(self, language: str) -> gettext.NullTranslations:
        if language not in self._files:
            return _plain
        if language not in self._read:
            with self._files[language].open("rb") as file:
                self._read[language] = gettext.GNUTranslations(file)
        return self._read[language]


@cache
def shipped() -> Catalogues:
    """The catalogues that come with Kith."""
    return Catalogues(LOCALES)


@contextmanager
def speaking(language: str) -> Iterator[str]:
    """Within this block `_` answers in that language; for letters and jobs, which serve many people in turn."""
    before = _spoken.get()
    try:
        yield shipped().speak(language)
    finally:
        _spoken.set(before)


def spoken() -> str:
    """The language that `_` answers in."""
    return _spoken.get()[0]


def asked_for(accept_language: str) -> list[str]:
    """The languages of an Accept-Language header, the dearest first; what can't be read is left out."""
    weighed: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:WANTED_MAX]:
        tag, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        if tag and tag != "*" and weight > 0:
            weighed.append((-weight, tag.strip().lower()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]


def _(text: str) -> str:
    """The sentence in the visitor's language."""
    return _spoken.get()[1].gettext(text) if text else text


def several(one: str, many: str, n: int) -> str:
    """The right plural of a sentence, in the visitor's language."""
    return _spoken.get()[1].ngettext(one, many, n)


def direction(language: str) -> str:
    """`rtl` or `ltr`, for the page's `dir`."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
