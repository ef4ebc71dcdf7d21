"""A folder of lexicons that isn't the release's own: loaded, or said what is wrong with it as file:line.

Somebody is editing these files, so everything may be wrong with them, and no way of being wrong may reach the
live rules: this is a border.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from moderation.pipeline.lexicons import HERE, LexiconError
from moderation.pipeline.rules import Rules, load
from moderation.pipeline.types import Severity, Topic

SHIPPED = "shipped"
"""In place of a folder: this release's own lexicons."""


class BadRules(Exception):
    """Rules that can't be used; each problem is one line, file:line: what, and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_candidate(folder: Path) -> Rules:
    """Compile a folder of lexicons. Raises BadRules and nothing else, whatever is in it."""
    if not folder.is_dir():
        raise BadRules([f"{folder}: there is no such folder"])
    problems = list(_shapes(folder))
    if problems:
        raise BadRules(problems)
    try:
        rules = load(folder)
    except LexiconError as error:
        raise BadRules([_placed(str(error), folder)]) from error
    except OSError as error:
        raise BadRules([f"{error.filename or folder}: {error.strerror}"]) from error
    except Exception as error:  # border: files that a person is editing; tests/moderation/test_candidate.py
        why = f"can't be compiled ({type(error).__name__}); compare with the release's files"
        raise BadRules([f"{folder}: {why}"]) from error
    problems = list(_senses(rules, folder))
    if problems:
        raise BadRules(problems)
    return rules


def _shapes(folder: Path) -> Iterator[str]:
    """Files that aren't TOML or UTF-8, files that nobody reads, and files that are missing."""
    known = {path.name for path in HERE.glob("*.toml")} | {"common_words.txt"}
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            say = str(error)
            line = say.rpartition("at line ")[2].partition(",")[0]
            yield f"{path.name}:{line if line.isdigit() else 1}: {say}"
            continue
        if path.name not in known:
            yield f"{path.name}:1: no detector reads a file of this name; put its entries into one that is read"
        for name in ("entry",):
            if not isinstance(data.get(name, []), list):
                yield f"{path.name}:{line_of(path, name)}: {name} must be written as [[{name}]]"
        for name in ("classes", "forms"):
            if not isinstance(data.get(name, {}), dict):
                yield f"{path.name}:{line_of(path, name)}: {name} must be written as [{name}]"
    for name in sorted(known - {path.name for path in folder.iterdir()}):
        yield f"{name}:1: missing, and with it everything that reads it; start from a copy of {SHIPPED}"


def _senses(rules: Rules, folder: Path) -> Iterator[str]:
    """Entries that compile and mean nothing to those who weigh them."""
    severities, topics = get_args(Severity), get_args(Topic)
    for entry in rules.lexicons.entries.values():
        path = folder / f"{entry.lexicon}.toml"
        where = f"{path.name}:{line_of(path, entry.id.rpartition('.')[2])}"
        if entry.severity not in severities:
            yield f"{where}: {entry.id}: tier {entry.severity!r} is none of {', '.join(severities)}"
        if entry.topic is not None and entry.topic not in topics:
            yield f"{where}: {entry.id}: topic {entry.topic!r} is none of {', '.join(topics)}"


def _placed(say: str, folder: Path) -> str:
    """An error about a class names no file: look for the one that defines it."""
    name = say.removeprefix("class ").partition(":")[0]
    if not say.startswith("class "):
        return say
    for path in sorted(folder.glob("*.toml")):
        if (line := line_of(path, f"{name} =")) > 1:
            return f"{path.name}:{line}: {say}"
    return say


def line_of(path: Path, near: str) -> int:
    """The first line with these characters; 1 when there is none."""
    lines = path.read_text("utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if near in line), 1)
