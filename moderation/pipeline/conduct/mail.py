"""E-mail addresses, written or spelled out ("jane dot doe at gmail dot com").

The idea: an address with @ is read outward from the sign; a spelled one needs a known provider or a spoken
"dot" and something that makes its first half a name, so that "look at amazon.com" stays a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from moderation.pipeline.conduct.surface import Surface
from moderation.pipeline.conduct.triggers import Trigger
from moderation.pipeline.conduct.wordlists import either

VERSION = "1"

LOCAL_CHARS_MAX = 64
DOMAIN_CHARS_MAX = 190
"""RFC 5321, section 4.5.3.1, a little less for the domain."""

_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._%+-'")
_DOMAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")
_END = either("mail_ends") + r"\b"
_POINT = r"(?:dot|d0t|punkt|punto|ponto|point)"
_SAID_DOT = r"(?:\s?[(\[{<]\s?(?:" + _POINT + r"|\.)\s?[)\]}>]\s?|\s" + _POINT + r"\s)"
_DOT = r"(?:\s?\.\s?|" + _SAID_DOT + r")"
_SIGN = r"(?:at|@|ät|arroba|arobase)"
_BOXED_AT = r"\s?[(\[{<]\s?" + _SIGN + r"\s?[)\]}>]\s?"
_AT = r"(?:" + _BOXED_AT + r"|\s" + _SIGN + r"\s)"
_PART = r"[a-z0-9][a-z0-9_+\-]{0,40}"
_NAME = _PART + r"(?:(?:" + _DOT + r"|\s?(?:underscore|dash|hyphen)\s?)" + _PART + r"){0,4}"
_BOXED = re2.compile(r"(?i)" + _NAME + _BOXED_AT + _PART + _DOT + _END)
_SPOKEN = re2.compile(r"(?i)(" + _NAME + r")" + _AT + _PART + _SAID_DOT + _END)
_PROVIDED = re2.compile(r"(?i)(" + _NAME + r")\s" + _SIGN + r"\s" + either("mail_providers") + _DOT + _END)
_BARE = re2.compile(
    r"(?i)(" + _PART + r"(?:\s(?:dot|underscore)\s" + _PART + r"){0,3})\s(?:at|@)\s"
    r"(?:gmail|hotmail|icloud|protonmail|outlook)\b"
)  # fmt: skip
_CUE = re2.compile(r"\b" + either("mail_cues") + r"\b")


def mails(view: Surface, bits: int) -> Iterator[tuple[int, int]]:
    """Places of addresses on the surface."""
    if "@" in view.text:
        yield from _written(view)
    if not bits & Trigger.SPELLED_AT:
        return
    for match in _BOXED.finditer(view.text):
        yield match.start(), match.end()
    for pattern in (_SPOKEN, _PROVIDED, _BARE):
        for match in pattern.finditer(view.text):
            sure = "arroba" in match.group().lower() or "arobase" in match.group().lower()
            if sure or _is_name(match.group(1).lower()) or _announced(view, match.start()):
                yield match.start(), match.end()


def _is_name(local: str) -> bool:
    """A spoken dot, a digit, a point or an underscore makes a word a name; "look" is none."""
    return " dot " in local or " underscore" in local or any(char.isdigit() or char in "._" for char in local)


def _announced(view: Surface, start: int) -> bool:
    return _CUE.search(view.low[max(0, start - 40) : start + 12]) is not None


def _written(view: Surface) -> Iterator[tuple[int, int]]:
    low = view.low
    at = low.find("@")
    while at >= 0:
        start, end = _reach(low, at)
        if start < at and _is_domain(low[at + 1 : end]):
            yield start, end
        at = low.find("@", max(end, at + 1))


def _reach(low: str, at: int) -> tuple[int, int]:
    start, end = at, at + 1
    while start > 0 and low[start - 1] in _LOCAL and at - start < LOCAL_CHARS_MAX:
        start -= 1
    while end < len(low) and low[end] in _DOMAIN and end - at < DOMAIN_CHARS_MAX:
        end += 1
    while end > at + 1 and low[end - 1] in ".-":
        end -= 1
    while start < at and low[start] in ".-'%+":
        start += 1
    return start, end


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return len(labels) >= 2 and all(labels) and labels[-1].isalpha() and len(labels[-1]) >= 2
