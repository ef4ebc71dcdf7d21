"""Phone numbers of many countries, in digits or in words; helplines are nobody's private number.

The idea: a number that announces itself ("ring me on …") needs only its shape; one that stands alone must
also be valid by the countries' own numbering plans (phonenumberslite), so that doses and scores pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import phonenumbers
import re2

from moderation.pipeline.conduct.figures import Run, before, measured, runs
from moderation.pipeline.conduct.surface import Surface
from moderation.pipeline.conduct.wordlists import either

VERSION = "1"

_CUE = re2.compile(r"\b" + either("phone_cues") + r"\b[^\n]{0,28}$")
_HELP = re2.compile(r"\b" + either("helpline_cues") + r"\b")
_TOLL_FREE_US = frozenset({"800", "888", "877", "866", "855", "844", "833", "822"})
_NATIONAL = (
    "GB",
    "FR",
    "DE",
    "CH",
    "IE",
    "NL",
    "BE",
    "AT",
    "IT",
    "SE",
    "AU",
    "NZ",
    "ZA",
    "PK",
    "IN",
    "JP",
    "BR",
)
_ASKED_MAX = 6
"""Numbers checked against numbering plans in one text (about 30 µs a country)."""

_SPOKEN = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "nil": "0", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_WORD = re2.compile(r"[a-z]+|\d+|\n")


def phones(view: Surface, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Places of phone numbers on the surface, those inside `taken` (cards, accounts) apart."""
    asked = 0
    for run in runs(view):
        if any(a < run.groups[-1].end and run.groups[0].start < b for a, b in taken):
            continue
        cue = _CUE.search(before(view, run.groups[0].start)) is not None
        if _HELP.search(before(view, run.groups[0].start, 60)) is not None or measured(view, run):
            continue
        if _helpline(run.digits(0, len(run.groups))):
            continue
        for first, last in _windows(run):
            shape = _shaped(run, first, last, cue)
            if shape == "ask" and asked < _ASKED_MAX:
                asked += 1
                shape = "yes" if _valid(run, first, last) else "no"
            if shape == "yes":
                yield run.groups[first].start - _lead(run, first), run.groups[last - 1].end
                break


def spoken(view: Surface) -> Iterator[tuple[int, int]]:
    """Numbers told digit by digit in words; counting ("one two three four …") is not one."""
    digits, words, start, end = "", 0, 0, 0
    times = 1
    for match in _WORD.finditer(view.low + "\n"):
        word = match.group()
        if word in _TIMES:
            times = _TIMES[word]
            start = start if digits else match.start()
            continue
        value = _SPOKEN.get(word) or (word if word.isdigit() and len(word) <= 5 else "")
        if value and (not digits or match.start() - end <= 3 or times > 1):
            start = start if digits or times > 1 else match.start()
            digits, end = digits + value * times, match.end()
            words += word in _SPOKEN
        else:
            if _told(view, digits, words, start):
                yield start, end
            digits, words = (value, int(word in _SPOKEN)) if value else ("", 0)
            start, end = match.start(), match.end()
        times = 1


def _told(view: Surface, digits: str, words: int, start: int) -> bool:
    if not 7 <= len(digits) <= 15 or words < 3 or _helpline(digits):
        return False
    steps = sum(abs(int(b) - int(a)) == 1 for a, b in pairwise(digits))
    return _CUE.search(before(view, start)) is not None or steps * 2 < len(digits)


def _windows(run: Run) -> Iterator[tuple[int, int]]:
    """Stretches of groups, longest first, that hold as many digits as a phone number may."""
    count = len(run.groups)
    for size in range(min(count, 7), 0, -1):
        for first in range(count - size + 1):
            if 7 <= sum(len(group.digits) for group in run.groups[first : first + size]) <= 15:
                yield first, first + size


def _shaped(run: Run, first: int, last: int, cue: bool) -> str:
    """yes, no, or ask the numbering plans."""
    digits = run.digits(first, last)
    sizes = [len(group.digits) for group in run.groups[first:last]]
    signs = run.signs[first : last - 1]
    plus = run.plus and first == 0
    if _helpline(digits) or len(set(digits)) < 3 or _decimals(sizes, signs):
        return "no"
    if plus or digits.startswith("00"):
        return "ask" if len(digits) >= 8 else "no"
    if cue:
        small = min(sizes[1:] or sizes) < 2 or (max(sizes) < 3 and len(sizes) < 4)
        halves = digits[0] != "0" and any("/" in sign for sign in signs)
        return "no" if small or halves else "yes"
    if digits[0] == "0" and 9 <= len(digits) <= 11:
        return "ask" if min(sizes) >= 2 and (len(sizes) > 1 or len(digits) >= 10) else "no"
    if _north_american(run, first, last):
        return "ask"
    if run.opened and first == 0 and len(digits) in (10, 11) and ")" in "".join(signs[:1]):
        return "ask"
    return "no"


def _north_american(run: Run, first: int, last: int) -> bool:
    sizes = [len(group.digits) for group in run.groups[first:last]]
    if sizes[:1] == [1] and run.groups[first].digits == "1":
        sizes, first = sizes[1:], first + 1
    digits = run.digits(first, last)
    return sizes == [3, 3, 4] and digits[0] in "23456789" and digits[3] in "23456789"


def _decimals(sizes: list[int], signs: tuple[str, ...]) -> bool:
    """Points between short groups are fractions (4.51 12.3), unless every sign is one (01.84.17.61.18)."""
    points = sum(sign == "." for sign in signs)
    return 0 < points < len(signs) or (points == 1 and len(sizes) == 2)


def _helpline(digits: str) -> bool:
    """Free numbers and the European 116 range belong to organisations, never to a person."""
    digits = digits.removeprefix("00").removeprefix("44") if len(digits) > 11 else digits
    national = digits.removeprefix("1") if len(digits) == 11 else digits
    if len(national) == 10 and national[:3] in _TOLL_FREE_US:
        return True
    return digits.startswith(("0800", "0808", "1800", "116", "0300", "0345", "131114", "1300", "800"))


def _valid(run: Run, first: int, last: int) -> bool:
    digits = run.digits(first, last)
    if run.plus and first == 0:
        return _valid_in("+" + digits, None)
    if digits.startswith("00"):
        return _valid_in("+" + digits[2:], None)
    if digits[0] == "0":
        return any(_valid_in(digits, region) for region in _NATIONAL)
    return _valid_in(digits, "US") or (run.opened and _valid_in(digits, "BR"))


def _valid_in(number: str, region: str | None) -> bool:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    if region is None:
        return bool(phonenumbers.is_possible_number(parsed))
    return bool(phonenumbers.is_valid_number(parsed))


def _lead(run: Run, first: int) -> int:
    """How many signs before the first group belong to the number."""
    return (int(run.plus) + int(run.opened)) if first == 0 else 0
