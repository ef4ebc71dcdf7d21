"""Swearing as its own mild matter: a finding only where the group asked for one.

The idea: "fuck cancer" is sayable. The seed is better-profanity's word file, read as data (its code is never
imported), minus our reviewed list of words that a health community needs, in one Aho-Corasick automaton.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import ahocorasick

from moderation.pipeline.conduct.wordlists import plain
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, Span

VERSION = "1"
SEED = "better_profanity"
SEED_FILE = "profanity_wordlist.txt"


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings `conduct.profanity`, one for each place; none in a group that allows swearing."""
    setting = reading.submission.group.profanity
    if setting == "allow":
        return
    for span in places(reading):
        yield Finding(
            stage="conduct",
            rule="conduct.profanity",
            version=VERSION,
            lane="conduct",
            severity=setting,
            span=span,
            note="A swear word; this group asked not to show them.",
            mask=setting == "mask",
        )


def places(reading: Reading) -> list[Span]:
    """Where swear words stand, as written or as repaired by the reader; ascending, disjoint."""
    found: set[Span] = set()
    text = reading.folded.text
    for last, size in automaton().iter(text):
        first = last - size + 1
        if _apart(text, first - 1) and _apart(text, last + 1):
            found.add(reading.folded.span(first, last + 1))
    words = swear_words()
    for i, word in enumerate(reading.tokens.words):
        if word in words and word != reading.tokens.raw[i]:
            found.add(reading.tokens.span(i, i + 1))
    return _disjoint(sorted(found))


def _apart(text: str, at: int) -> bool:
    return not 0 <= at < len(text) or not text[at].isalnum()


def _disjoint(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if kept and span.start < kept[-1].end:
            kept[-1] = Span(kept[-1].start, max(kept[-1].end, span.end))
        else:
            kept.append(span)
    return kept


@lru_cache(maxsize=1)
def swear_words() -> frozenset[str]:
    """The seed minus the reviewed exclusions, lower case. Raises LookupError when the seed's package is
    not installed: the judge turns that into a finding, so that the lack is seen."""
    spec = importlib.util.find_spec(SEED)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"the package {SEED}, whose word file is the profanity seed, is not installed")
    seed = Path(next(iter(spec.submodule_search_locations))) / SEED_FILE
    words = {line.strip().lower() for line in seed.read_text("utf-8").splitlines() if line.strip()}
    return frozenset(words - plain("not_profane", "conduct_profanity.toml"))


@lru_cache(maxsize=1)
def automaton() -> ahocorasick.Automaton:
    """One automaton over all swear words; its values are their lengths."""
    built = ahocorasick.Automaton()
    for word in swear_words():
        built.add_word(word, len(word))
    built.make_automaton()
    return built
