"""Spam and scam: cues weighed together with links, premium numbers, amounts, shouting and repetition.

The idea: each sign is harmless alone ("I tried CBD oil", "see my thread"); an advertisement needs several in
one message. The sum asks for a look, a flag, or a hold; a newcomer's link is held by the group's setting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import re2

from moderation.pipeline.conduct.links import Link, links
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, Severity, Span

VERSION = "1"
LEXICON = "conduct_spam"

LOOK, FLAG, HOLD = 3.0, 4.0, 7.0
"""Sums of weights, our own starting values: at LOOK a person may look, at FLAG it is spam, at HOLD it waits."""

_PREMIUM = re2.compile(r"\b0(?:9\d{2}|87\d|84[45]|70\d)[ .\-]?\d{3}[ .\-]?\d{2,5}\b")
_FREEPHONE = re2.compile(r"\b0(?:800|808)[ .\-]?\d{3}[ .\-]?\d{3,4}\b")
_SHORTCODE = re2.compile(
    r"\b(?:to|2|text|txt|send|on|call|reply|sms|end|stop|code|at|no|from|for) ?\.?:? ?\d{5}\b|\b[6-8]\d{4}\b"
)
_RATE = re2.compile(
    r"\b\d{1,3}p(?:pm|/min|/msg|/m\b|/| per| a | ?msg|\b)|£ ?\d[\d.]*/?(?:min|wk|week|month|msg|day| per)|\bppm ?\d"
    r"|\d ?gbp|\b\d+ ?p(?:er|/) ?(?:min|msg|txt|text|wk)"
)
_HELP = re2.compile(
    r"\b(?:samaritans|childline|papyrus|crisis|suicid\w*|lifeline|116 ?123|988|85258|741741)\b"
)
"""Who shares a helpline's short code advertises nothing."""
_MONEY = re2.compile(r"[£$€] ?\d[\d,.]*k?|\b\d[\d,.]* ?(?:pounds?|gbp|usd|dollars?|euros?|cash)\b")
_DIGITS = frozenset("0123456789")
_CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AROUND_CHARS_MAX = 16
"""A link with less than a few words beside it says nothing to anyone."""

_WEIGHTS = {"w1": 1.0, "w2": 2.0, "w3": 3.0, "w4": 4.0}


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason for thinking of spam."""

    name: str
    weight: float
    span: Span | None = None


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings `conduct.spam.*`: at most one for the sum, one for links, one for repetition."""
    found = links(reading.folded.text)
    signs = signs_of(reading, found)
    total = weigh(reading, signs)
    severity = _severity(total)
    if severity is not None and _HELP.search(reading.folded.text) is None:
        yield _finding(
            "advert",
            severity,
            signs[0].span,
            "Several signs of advertising or a scam: " + _names(signs) + ".",
        )
    yield from _linked(reading, found)
    if _repeated(reading):
        yield _finding(
            "repetition", "flag", None, "The same words again and again, here or in the last messages."
        )


def signs_of(reading: Reading, found: list[Link]) -> list[Sign]:
    """Every sign in a text, each name once; `found` are its links."""
    return [*_cues(reading), *_numbers(reading), *_shape(reading, found)]


def weigh(reading: Reading, signs: list[Sign]) -> float:
    """The sum of the signs' weights, less in a long text."""
    return sum(sign.weight for sign in signs) / _spread(len(reading.tokens))


def _spread(words: int) -> float:
    """Cues far apart in a long story are talk: beyond sixty words a sum counts for less."""
    return 1.0 + max(0, words - 60) / 40


def _severity(total: float) -> Severity | None:
    if total >= HOLD:
        return "hold"
    if total >= FLAG:
        return "flag"
    return "look" if total >= LOOK else None


def _cues(reading: Reading) -> list[Sign]:
    """Each cue at its weight, half of it again for a second place, never more than double; quoted ones not."""
    seen: dict[str, Sign] = {}
    for hit in reading.of(LEXICON):
        if hit.first in reading.structure.quoted:
            continue
        weight = max((_WEIGHTS.get(flag, 0.0) for flag in hit.entry.flags), default=1.0)
        name = hit.entry.id.rpartition(".")[2]
        before = seen.get(name)
        if before is None:
            seen[name] = Sign(name, weight, reading.span(hit))
        else:
            seen[name] = Sign(name, min(before.weight + weight / 2, 2 * weight), before.span)
    return list(seen.values())


def _numbers(reading: Reading) -> list[Sign]:
    text = reading.folded.text
    if _DIGITS.isdisjoint(text):
        return []
    signs = []
    for name, weight, pattern in (
        ("premium number", 3.5, _PREMIUM),
        ("freephone number", 2.0, _FREEPHONE),
        ("short code", 2.0, _SHORTCODE),
        ("price of a call", 2.5, _RATE),
        ("amount of money", 1.0, _MONEY),
    ):
        match = pattern.search(text)
        if match is not None:
            signs.append(Sign(name, weight, reading.folded.span(match.start(), match.end())))
    return signs


def _shape(reading: Reading, found: list[Link]) -> list[Sign]:
    """Links, shouting and exclamation marks; nothing here is enough alone."""
    original = reading.submission.text
    signs = []
    if found:
        span = reading.folded.span(found[0].start, found[0].end)
        around = len(original) - sum(link.end - link.start for link in found)
        if around <= AROUND_CHARS_MAX and not all(link.helps for link in found):
            signs.append(Sign("nothing but a link", 4.0, span))
        else:
            signs.append(Sign("link", 2.0 + 2.0 * any(link.sells for link in found), span))
    if _shouts(original):
        signs.append(Sign("shouting", 0.5))
    if original.count("!") >= 3:
        signs.append(Sign("many exclamation marks", 0.5))
    return signs


def _shouts(text: str) -> bool:
    """Six letters in ten are capitals, in at least twenty; a sample tells most texts apart."""
    sample = text[::7]
    if _capitals(sample) * 3 < len(sample):
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= 20 and _capitals(text) * 10 >= letters * 6


def _capitals(text: str) -> int:
    """How many capitals a text has; those of ASCII are counted as bytes, which takes a tenth of the time."""
    if text.isascii():
        return len(text) - len(text.encode().translate(None, _CAPITALS))
    return sum(map(str.isupper, text))


def _linked(reading: Reading, found: list[Link]) -> Iterable[Finding]:
    group = reading.submission.group
    if not found:
        return
    span = reading.folded.span(found[0].start, found[0].end)
    if any(link.dangerous for link in found):
        yield _finding("malware", "refuse", span, "A link that hides a program or its real address.")
    elif all(link.helps for link in found):
        return
    elif group.links == "hold":
        yield _finding("link", "hold", span, "This group looks at every link first.")
    elif group.links == "newcomers_held" and reading.submission.newcomer:
        yield _finding("newcomer_link", "hold", span, "A newcomer's link; this group looks at those first.")


def _repeated(reading: Reading) -> bool:
    """The same text as two of the author's last messages, or one line five times in this one."""
    folded = reading.folded.text.strip()
    if len(folded) < 8:
        return False
    same = sum(who == "same" and past.folded.text.strip() == folded for who, past in reading.earlier)
    if same >= 2:
        return True
    lines = [line.strip() for line in folded.split("\n") if len(line.strip()) >= 8]
    return len(lines) >= 5 and len(set(lines)) * 5 <= len(lines)


def _finding(name: str, severity: Severity, span: Span | None, note: str) -> Finding:
    return Finding("conduct", f"conduct.spam.{name}", VERSION, "conduct", severity, span, note)


def _names(signs: list[Sign]) -> str:
    return ", ".join(sign.name.replace("_", " ") for sign in signs[:6])
