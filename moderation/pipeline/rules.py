"""The rule set: every lexicon compiled, every detector listed, one version over all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from moderation.pipeline import lexicons
from moderation.pipeline.care import CARE_VERSION
from moderation.pipeline.conduct import CONDUCT_VERSION
from moderation.pipeline.lexicons import Lexicons
from moderation.pipeline.opinion import OPINION_VERSION
from moderation.pipeline.packs import PACKS_VERSION
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding

Detector = Callable[[Reading], Iterable[Finding]]

CODE_VERSIONS: tuple[str, ...] = (CARE_VERSION, CONDUCT_VERSION, PACKS_VERSION, OPINION_VERSION)
"""Versions of the rules that live in code, one a package; raise one when its verdicts change."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that judge() needs; immutable, shareable between threads."""

    lexicons: Lexicons
    version: str


def load(folder: Path = lexicons.HERE) -> Rules:
    """Compile the lexicons of a folder (about 0.2 s); raises LexiconError as file:line with a hint."""
    compiled = lexicons.load(folder)
    digest = hashlib.sha256(" ".join((compiled.version, *CODE_VERSIONS)).encode()).hexdigest()
    return Rules(compiled, digest[:12])


@lru_cache(maxsize=1)
def shipped() -> Rules:
    """The rule set of this release, loaded once a process."""
    return load()
