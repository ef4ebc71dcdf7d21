"""Stage six: the rule pack that a group's preset switches on, and the group's own settings.

The idea: the same words help in one room and harm in the next. A pack is a set of lexicons read only where a
group asked for it; a group's own terms ask for a look, and a language that nobody here reads asks for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from moderation.pipeline.conduct import contact, frames
from moderation.pipeline.conduct.wordlists import plain
from moderation.pipeline.fold import fold
from moderation.pipeline.lexicons import HERE
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading, finding
from moderation.pipeline.types import Finding, GroupRules, Preset, Span

PACKS_VERSION = "packs-1"
"""Raise when the code of this module changes a verdict."""

PRESETS: dict[Preset, tuple[str, ...]] = {
    "chronic-illness": (),
    "mental-health": (),
    "addiction-and-recovery": ("pack_recovery",),
    "eating-disorder": ("pack_eating_disorder",),
    "carers": (),
    "bereavement": (),
    "young-people": ("pack_young_people",),
}
"""Which lexicons each preset reads on top of those for everybody."""

LANGUAGES = ("en", "es", "fr", "de", "pt")
"""Languages with a crisis lexicon. English is deep; the others are a first reviewed set."""

_LANGUAGE_FILE = "pack_languages.toml"
_WORDS_MIN = 4
"""Shorter messages ("ok danke") don't tell their language."""
_WORDS_MAX = 40
"""Words that tell a language; more would only cost time."""
_SMALL_SHARE = 6
"""One word in six is a small one in running text of every covered language."""
_DAYS = frozenset(
    ["day", "days", "week", "weeks", "month", "months", "year", "years", "hour", "hours", "age", "aged"]
)


def preset_findings(reading: Reading) -> Iterable[Finding]:
    """Findings `pack.*` of the preset's lexicons; counts of days are never masked."""
    for lexicon in PRESETS[reading.submission.group.preset]:
        for hit in _longest(reading.of(lexicon)):
            if frames.quoted(reading, hit) and hit.entry.severity != "mask":
                continue
            if hit.entry.mask and _tells_days(reading, hit):
                continue
            yield finding(reading, hit, stage="pack")


def minors_contacts(reading: Reading) -> Iterable[Finding]:
    """Among young people contact details are masked whatever the group's own setting says."""
    group = reading.submission.group
    if group.preset == "young-people" and group.contact_details != "mask":
        for found in contact.contact_details(reading.submission.text, replace(group, contact_details="mask")):
            yield replace(found, stage="pack")


def own_terms(reading: Reading) -> Iterable[Finding]:
    """`pack.own_term`: words that the moderators of this group want to look at."""
    for words in _folded_terms(reading.submission.group.own_terms):
        span = _find(reading, words)
        if span is not None:
            yield Finding(
                "pack", "pack.own_term", "1", "conduct", "look", span, "A word this group watches for."
            )


def language(reading: Reading) -> Iterable[Finding]:
    """`pack.language.unread`: no rule here understands this language, so people must."""
    if len(reading.tokens) >= _WORDS_MIN and spoken(reading) is None and _lettered(reading):
        yield Finding(
            stage="pack",
            rule="pack.language.unread",
            version="1",
            lane="conduct",
            severity="look",
            span=None,
            note="A language without a rule pack: no rule has understood this message, a person must read it.",
        )


DETECTORS: tuple[Callable[[Reading], Iterable[Finding]], ...] = (
    preset_findings,
    minors_contacts,
    own_terms,
    language,
)


def unread_languages(group: GroupRules) -> tuple[str, ...]:
    """Languages of a group that no lexicon covers: its page says so and more goes to people."""
    return tuple(code for code in group.languages if code.partition("-")[0] not in LANGUAGES)


def spoken(reading: Reading) -> str | None:
    """The covered language of a text: by its small words, else English by its common words; None for a
    language that no lexicon covers."""
    raw = [word for word in reading.tokens.raw[:_WORDS_MAX] if word.isalpha()]
    best, most = None, 0
    for code in LANGUAGES:
        small = plain(code, _LANGUAGE_FILE)
        count = sum([word in small for word in raw])
        if code == "en" and count * _SMALL_SHARE >= len(raw) and reading.folded.original.isascii():
            return code
        if count > most:
            best, most = code, count
    if most * _SMALL_SHARE >= len(raw):
        return best
    return "en" if sum(word in _english() for word in raw) * 2 >= len(raw) else None


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    return frozenset((HERE / "common_words.txt").read_text("utf-8").split())


def _lettered(reading: Reading) -> bool:
    """Mostly words, not numbers, links or laughter."""
    raw = reading.tokens.raw[:_WORDS_MAX]
    return sum(len(word) >= 3 and word.isalpha() for word in raw) >= _WORDS_MIN and "http" not in raw


def _longest(hits: list[Hit]) -> Iterable[Hit]:
    """Of hits that overlap, the longest: one finding a place."""
    end = -1
    for hit in sorted(hits, key=lambda h: (h.first, -h.end)):
        if hit.first >= end:
            yield hit
            end = hit.end


def _tells_days(reading: Reading, hit: Hit) -> bool:
    """ "100 days", "17 years old": a count of time, not of a body. "500 a day" counts something else."""
    words = reading.tokens.words
    return any(
        word in _DAYS and words[i - 1].isdigit()
        for i, word in enumerate(words[: hit.end + 1])
        if i > hit.first
    )


@lru_cache(maxsize=256)
def _folded_terms(terms: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(fold(term).text.split()) for term in terms if term.strip())


def _find(reading: Reading, words: tuple[str, ...]) -> Span | None:
    """Where the words stand one after another, as written or as repaired."""
    tokens, size = reading.tokens, len(words)
    for i in range(len(tokens) - size + 1):
        if all(word in (tokens.raw[i + k], tokens.words[i + k]) for k, word in enumerate(words)):
            return tokens.span(i, i + size)
    return None
