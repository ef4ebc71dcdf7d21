"""Plain word lists of the conduct detectors: lexicon/conduct_contact.toml and conduct_frames.toml.

The idea: what a detector listens for is reviewed data with a reason; the code holds only shapes.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import msgspec

CONTACT = "conduct_contact.toml"


class WordList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table: literal words or small google-re2 patterns, and why they are there."""

    note: str
    source: str
    words: tuple[str, ...]


@lru_cache(maxsize=8)
def wordlists(file: str = CONTACT) -> dict[str, WordList]:
    """All tables of a file by name, read once. A malformed file raises msgspec.ValidationError with the path to the
    wrong value: it is part of the program, and the tests read it."""
    raw = (resources.files("moderation.pipeline") / "lexicon" / file).read_bytes()
    return msgspec.toml.decode(raw, type=dict[str, WordList])


def either(name: str) -> str:
    """The words of a table as one alternation without a capturing group."""
    return "(?:" + "|".join(wordlists()[name].words) + ")"


@lru_cache(maxsize=64)
def plain(name: str, file: str = CONTACT) -> frozenset[str]:
    """The words of a table that are compared as they stand."""
    return frozenset(wordlists(file)[name].words)
