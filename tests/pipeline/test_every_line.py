"""Every alternative of every lexicon line can be heard: a line that never matches is a promise not kept."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation.pipeline.fold import fold
from moderation.pipeline.lexicons import HERE
from moderation.pipeline.patterns import expand
from moderation.pipeline.rules import shipped
from moderation.pipeline.structure import read_structure
from moderation.pipeline.tokens import scan

FILES = sorted(path for path in HERE.glob("*.toml") if path.stem not in ("forms", "classes"))
CLASSES: dict[str, list[str]] = {"NUM": ["7"], "YEAR": ["2019"]}
for _path in sorted(HERE.glob("*.toml")):
    for _name, _words in tomllib.loads(_path.read_text("utf-8")).get("classes", {}).items():
        CLASSES.setdefault(_name, []).extend(
            member.strip() for line in _words.splitlines() for member in line.split("|") if member.strip()
        )


def spoken(word: str) -> str:
    """A word of a pattern as a text may say it; a class by its first member."""
    word = word.lstrip("=")
    return " ".join(spoken(part) for part in CLASSES[word][0].split()) if word in CLASSES else word


def texts(line: str) -> Iterator[str]:
    """A text for each alternative of a line, the other places filled with their first."""
    for sequence in expand(line):
        ways = [
            [spoken(choice) for choice in element.split("|")]
            for element in sequence
            if element not in ("*", "**", "^", "$")
        ]
        for place, choices in enumerate(ways):
            for choice in choices if place == 0 else choices[1:]:
                yield " ".join(choice if at == place else way[0] for at, way in enumerate(ways))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_alternative_of_every_line_can_be_heard(path: Path) -> None:
    data = tomllib.loads(path.read_text("utf-8"))
    lexicons = shipped().lexicons
    lane = path.stem.partition("_")[0]
    silent = []
    for entry in data.get("entry", ()):
        kind = entry.get("kind", data.get("kind", path.stem.partition("_")[2]))
        name = f"{lane}.{kind}.{entry['id']}"
        for line in entry.get("patterns", "").splitlines():
            plain = line.partition("#")[0].strip()
            for text in texts(plain) if plain else ():
                tokens = scan(fold(text), lexicons.vocabulary)
                hits, _, _ = lexicons.find(tokens, read_structure(tokens))
                if not any(hit.entry.id == name for hit in hits):
                    silent.append(f"{entry['id']}: {plain!r} says nothing to {text!r}")
    assert not silent, "\n".join(silent)
