"""Runs of digits in a text, cut into groups, with what stands around them.

The idea: one linear scan finds every run once; cards, accounts, identity numbers and phones all look at
the same runs, so that a text without digits costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import re2

from moderation.pipeline.conduct.checksums import IBAN_LENGTHS
from moderation.pipeline.conduct.surface import Surface
from moderation.pipeline.conduct.wordlists import either

GROUPS_MAX = 10
"""A longer row of groups is cut: no number of a person has more, and windows over groups stay bounded."""
RUNS_MAX = 64
"""Runs looked at in one text; a text with more is a table, not a contact."""

CODE_CHARS_MAX = 64
CARD_DIGITS_MAX = 19
"""ISO/IEC 7812: no card number is longer, and no phone number (ITU-T E.164: 15)."""

_RUN = re2.compile(r"[+(]{0,2}\d(?:[ .()/\-]{0,3}\d){4,}")
_UNIT = re2.compile(r"^\s?" + either("units") + r"(?:\b|$)")


@dataclass(frozen=True, slots=True)
class Group:
    """Digits without a separator, at [start, end) of the surface."""

    digits: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """Groups in a row; `signs[i]` is what stands between group i and i + 1; `plus` before the first."""

    groups: tuple[Group, ...]
    signs: tuple[str, ...]
    plus: bool
    opened: bool  # "(" before the first group

    def digits(self, first: int, last: int) -> str:
        """All digits of groups first to last, without separators."""
        return "".join(group.digits for group in self.groups[first:last])


def runs(view: Surface) -> list[Run]:
    """Runs of at least five digits, dates and years apart, in order."""
    found: list[Run] = []
    for match in _RUN.finditer(view.text):
        if _is_of_a_machine(view.text, match.start(), match.end()):
            continue
        found.extend(_cut(view.text, match.start(), match.end()))
        if len(found) >= RUNS_MAX:
            break
    return found[:RUNS_MAX]


_HEX = frozenset("0123456789abcdefABCDEF")


def _hexadecimal(text: str, start: int, end: int, left: int, right: int) -> bool:
    """Whether digits in groups are a part of hexadecimal groups ("ab02 7501 042f", a UUID): letters a to f
    glued to them, or a neighbour of four and more that mixes digits with such letters."""
    glued = text[left:start] + text[end:right]
    grouped = not text[start:end].isdigit()  # "AB123456C" may be someone's number
    if grouped and glued.islower() and _HEX.issuperset(glued):
        return True
    before = text[max(0, left - CODE_CHARS_MAX) : left].rstrip("- :").replace("-", " ").replace(":", " ")
    after = text[right : right + CODE_CHARS_MAX].lstrip("- :").replace("-", " ").replace(":", " ")
    neighbours = [*before.split(" ")[-1:], *after.split(" ")[:1]]
    return any(_mixed(word) for word in neighbours)


def _mixed(word: str) -> bool:
    """Hexadecimal with both digits and letters, four characters and more."""
    return len(word) >= 4 and _HEX.issuperset(word) and not word.isdigit() and not word.isalpha()


def _is_of_a_machine(text: str, start: int, end: int) -> bool:
    """Whether the digits stand inside a code that no person dials: longer than any card without a break,
    or letters and digits by turns, as in hexadecimal ids, hashes and order numbers."""
    left, right = start, end
    while (
        left > 0 and start - left < CODE_CHARS_MAX and text[left - 1].isascii() and text[left - 1].isalnum()
    ):
        left -= 1
    while (
        right < len(text) and right - end < CODE_CHARS_MAX and text[right].isascii() and text[right].isalnum()
    ):
        right += 1
    account = text[left : left + 2].upper() in IBAN_LENGTHS and text[left + 2 : left + 4].isdigit()
    if not account and _hexadecimal(text, start, end, left, right):
        return True
    code = text[left:right]
    if not code.isalnum():  # separators inside: a person grouped these
        return False
    if code.isdigit():
        return len(code) > CARD_DIGITS_MAX
    if account:
        return False  # perhaps: its check digits decide
    turns = sum(a.isdigit() != b.isdigit() for a, b in pairwise(code))
    return turns >= 3


def before(view: Surface, start: int, chars: int = 40) -> str:
    """The lower-case text just before a place, one line at most."""
    return view.low[max(0, start - chars) : start]


def measured(view: Surface, run: Run) -> bool:
    """Whether the run is an amount: money before it or a unit after it."""
    start, end = run.groups[0].start, run.groups[-1].end
    lead = view.text[max(0, start - 3) : start]
    return any(sign in lead for sign in "£$€¥#") or _UNIT.search(view.low[end : end + 12]) is not None


def _cut(text: str, start: int, end: int) -> list[Run]:
    groups, signs = _groups(text, start, end)
    plus = "+" in text[start : groups[0].start]
    opened = "(" in text[start : groups[0].start]
    pieces: list[Run] = []
    first = 0
    while first < len(groups) and len(pieces) < RUNS_MAX:
        size = _date_at(groups, signs, first)
        if size:
            first += size
            continue
        last = first + 1
        while last < len(groups) and last - first < GROUPS_MAX and not _date_at(groups, signs, last):
            last += 1
        pieces.append(
            Run(tuple(groups[first:last]), tuple(signs[first : last - 1]), plus and first == 0, opened)
        )
        first = last
    return pieces


def _groups(text: str, start: int, end: int) -> tuple[list[Group], list[str]]:
    groups: list[Group] = []
    signs: list[str] = []
    at = start
    while at < end:
        if not text[at].isdigit():
            at += 1
            continue
        stop = at
        while stop < end and text[stop].isdigit():
            stop += 1
        if groups:
            signs.append(text[groups[-1].end : at])
        groups.append(Group(text[at:stop], at, stop))
        at = stop
    return groups, signs


def _date_at(groups: list[Group], signs: list[str], first: int) -> int:
    """How many groups from `first` are a date or a range of years: 0, 2 or 3."""
    here = groups[first : first + 3]
    if len(here) == 3 and signs[first] == signs[first + 1] and signs[first] in "/-.":
        sizes = tuple(len(group.digits) for group in here)
        day, month, year = (int(group.digits) for group in here)
        if sizes[0] == 4 and 1 <= month <= 12 and 1 <= year <= 31:
            return 3
        if sizes[2] in (2, 4) and max(sizes[:2]) <= 2 and 1 <= day <= 31 and 1 <= month <= 31:
            known = signs[first] == "/" or sizes[2] == 4
            return 3 if known and (day <= 12 or month <= 12) else 0
    if len(here) >= 2 and signs[first] in ("-", "/", " - ") and all(_year(g.digits) for g in here[:2]):
        return 2
    return 0


def _year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in ("18", "19", "20")
