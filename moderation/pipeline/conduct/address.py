"""Street addresses of many countries, post boxes and military mail.

The idea: a street shows itself by its kind (Street, -straße, rue, ulica), by a flat or box number beside it,
or by a sentence that announces a place to live or meet; a number and a name alone stay a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from moderation.pipeline.conduct.surface import Surface
from moderation.pipeline.conduct.triggers import Trigger
from moderation.pipeline.conduct.wordlists import either, plain

VERSION = "1"

_NO_CASE = r"(?i:"
_CAP = r"[\p{Lu}\p{N}][\p{L}\p{M}\p{N}'’.\-]*"
_WORD = r"(?:" + _CAP + r"|de|la|le|les|des|du|del|dos|das|da|do|di|van|der|den|of|the|y|e)"
_AFTER = re2.compile(
    r"\b(\d{1,5}[a-zA-Z]?,?\s(?:\d{1,5}\s)?(?:" + _CAP + r"\s){1,3}"
    + _NO_CASE + either("street_kinds") + r"))\b\.?"
)  # fmt: skip
_LOWER = re2.compile(
    r"(?i)\b\d{1,5}[a-z]?,?\s(?:[\p{L}'’]+\s){1,2}(?:street|road|avenue|lane|crescent|boulevard|drive)\b"
)
_BEFORE = re2.compile(
    r"\b(?:\d{1,5}\s?(?:bis|ter)?,?\s)?" + _NO_CASE + either("street_kinds_before") + r")\s"
    r"(?:" + _WORD + r"\s){0,5}" + _CAP + r"(?:[ ,]+(?:n[º°o.]?\s?)?\d{1,5}[a-z]?\b)?"
)  # fmt: skip
_END = re2.compile(r"(?i)\b[\p{L}\-]{2,}" + either("street_ends") + r"\s\d{1,4}\s?[a-z]?\b")
_OWN_WORD = re2.compile(
    r"\b(?:" + _CAP + r"\s){1,3}" + _NO_CASE + either("street_kinds_own_word") + r")\s\d{1,4}\b"
)
_BOX = re2.compile(
    r"(?i)\b(?:p\.?\s?o\.?\s?box|postbox|postfach|boîte postale|apartado(?: de correos)?|caixa postal|psc)"
    r"\s?,?\s?\d{2,6}\b|\bunit\s\d{3,5}\sbox\s\d{2,5}\b|\b(?:apo|fpo|dpo)\s(?:aa|ae|ap)\s\d{5}\b"
)
_FLAT = re2.compile(
    r"\b(?:\d{1,5}\s){0,2}(?:" + _CAP + r"\s|\p{Lu}\.\s){1,5}(?:\d{1,5}\.?\s)?[,\s>]{0,6}"
    r"(?i:apt\.?|apartment|suite|flat|ste|unit)\s?#?\d{1,4}\b"
)  # fmt: skip
_FLAT_FIRST = re2.compile(r"\b(?i:flat|apartment|apt\.?|unit)\s?\d{1,4}[a-z]?,?\s(?:" + _CAP + r",?\s){1,4}")
_POSTCODE = re2.compile(
    r"\b\d{1,4}[a-zA-Z]?,?\s(?:" + _CAP + r",?\s){1,6}[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[A-Za-z]{2}\b"
)  # a house number, names, and a British postcode
_CUE = re2.compile(r"(?i)\b" + either("place_cues") + r"\b")
_ANNOUNCED = re2.compile(
    r"^[\s:,?>'\"]{0,8}(?:is |it is |it'?s |they are |here )?(?:the corner of |at |in )?[\s:]{0,6}(?:"
    r"\d{1,5}[a-zA-Z]?,?\s(?:\d{1,5}[a-zA-Z]?\s)?(?:" + _WORD + r"\s?){1,5}(?:\s?\d{1,5}\b)?"
    r"|(?:" + _WORD + r"\s){1,4}\d{1,5}\b)"
)  # fmt: skip
_MONTH = (
    r"january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_AMOUNT = re2.compile(
    r"(?i)^\s?\d{1,5}\s(?:mg|ml|am|pm|a\.m|p\.m|o'?clock|years?|days?|weeks?|months?|hours?|minutes?|people|percent|"
    + _MONTH + r")\b"
)  # fmt: skip
_YEAR_LAST = re2.compile(r"(?:^|\D)(?:19|20)\d\d\s?$")
_COUNTED = plain("counted_things")
_LOOSE = plain("street_kinds_loose")
_UNITS = frozenset({"mg", "ml", "kg", "mcg"})
_CUE_CHARS = 40
_ANNOUNCED_CHARS = 90


def addresses(view: Surface, bits: int) -> Iterator[tuple[int, int]]:
    """Places on the surface that tell where somebody lives or is. Call it only for texts with a digit.
    Capitals tell nothing in a text that is all capitals: there only unmistakable forms are read."""
    text = view.text
    for trigger, pattern in _SURE:
        if bits & trigger:
            for match in pattern.finditer(text):
                yield match.start(), match.end()
    if bits & Trigger.STREET_BEFORE:
        for match in _BEFORE.finditer(text):
            if any(char.isdigit() for char in match.group()):
                yield match.start(), match.end()
    if text.isupper():
        return
    yield from _named_streets(view, bits)
    if bits & Trigger.PLACE:
        for match in _CUE.finditer(text):
            yield from _announced(text, match.end())
    if "\n" in text or bits & (Trigger.PLACE | Trigger.STREET_AFTER):
        for match in _POSTCODE.finditer(text):
            yield match.start(), match.end()


def _named_streets(view: Surface, bits: int) -> Iterator[tuple[int, int]]:
    text = view.text
    if bits & Trigger.STREET_AFTER:
        for match in _AFTER.finditer(text):
            if _streetlike(match.group(1)):
                yield match.start(), match.end()
        if bits & Trigger.PLACE:
            for match in _LOWER.finditer(text):
                if _CUE.search(text[max(0, match.start() - _CUE_CHARS) : match.start()]) is not None:
                    yield match.start(), match.end()
    if bits & Trigger.FLAT:
        for pattern in (_FLAT, _FLAT_FIRST):
            for match in pattern.finditer(text):
                yield match.start(), match.end()


_SURE = ((Trigger.STREET_END, _END), (Trigger.STREET_OWN, _OWN_WORD), (Trigger.BOX, _BOX))


def _streetlike(found: str) -> bool:
    """A loose kind ("way", "hill", "dr") needs every word before it capitalised, and so itself."""
    words = found.replace(",", " ").replace(".", " ").split()
    names = words[1:-1]
    if any(word.lower() in _UNITS or (word.isdigit() and len(words) < 4) for word in names):
        return False
    if words[-1].lower() in _LOOSE:
        return all(word[:1].isupper() or word.isdigit() for word in names) and words[-1][:1].isupper()
    return True


def _announced(text: str, end: int) -> Iterator[tuple[int, int]]:
    rest = text[end : end + _ANNOUNCED_CHARS]
    found = _ANNOUNCED.search(rest)
    if found is None or _AMOUNT.search(rest) is not None:
        return
    piece = found.group()
    names = [word for word in piece.split() if word[:1].isupper() and word.isalpha() and len(word) > 2]
    names = [word for word in names if word.lower() not in _COUNTED]
    if names and _YEAR_LAST.search(piece) is None and any(char.isdigit() for char in piece):
        yield end + len(piece) - len(piece.lstrip(" :,?>\n'\"")), end + found.end()
