"""Sentences for people, in their language: gettext with the language of the visit.

Every string that a person reads goes through `_`, in templates and in Python, so that a catalogue added
later translates the house without touching a page. Without a catalogue the English source is shown.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path

DOMAIN = "kith"
SOURCE_LANGUAGE = "en"
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})

_plain = gettext.NullTranslations()
_spoken: ContextVar[gettext.NullTranslations] = ContextVar("kith_words", default=_plain)


class Catalogues:
    """The translations found in one folder (`<language>/LC_MESSAGES/kith.mo`)."""

    def __init__(self, folder: Path | None = None) -> None:
        self._by_language: Mapping[str, gettext.NullTranslations] = dict(_read(folder)) if folder else {}

    def speak(self, language: str) -> str:
        """Let `_` answer in this language for the rest of the running task; answers the one chosen."""
        for candidate in (language, language.partition("-")[0]):
            if candidate in self._by_language:
                _spoken.set(self._by_language[candidate])
                return candidate
        _spoken.set(_plain)
        return SOURCE_LANGUAGE


def _read(folder: Path) -> list[tuple[str, gettext.NullTranslations]]:
    found: list[tuple[str, gettext.NullTranslations]] = []
    for catalogue in sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")):
        with catalogue.open("rb") as file:
            found.append((catalogue.parent.parent.name, gettext.GNUTranslations(file)))
    return found


def _(text: str) -> str:
    """The sentence in the visitor's language."""
    return _spoken.get().gettext(text) if text else text


def several(one: str, many: str, n: int) -> str:
    """The right plural of a sentence, in the visitor's language."""
    return _spoken.get().ngettext(one, many, n)


def direction(language: str) -> str:
    """`rtl` or `ltr`, for the page's `dir`."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
