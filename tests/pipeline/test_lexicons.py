"""Lexicons as reviewed data: what is wrong is said with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from moderation.pipeline import lexicons
from moderation.pipeline.lexicons import HERE, LexiconError, load
from moderation.pipeline.rules import shipped


def folder(tmp_path: Path, text: str) -> Path:
    for name in ("forms.toml", "classes.toml", "common_words.txt"):
        shutil.copy(HERE / name, tmp_path / name)
    (tmp_path / "care_test.toml").write_text(text, "utf-8")
    return tmp_path


ENTRY = '\n[[entry]]\nid = "one"\nnote = "A test."\ntier = "red"\npatterns = """\n{}\n"""\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = 1" + ENTRY.format("i NOSUCH you"), "care_test.toml:7: .*NOSUCH is not defined"),
        ("version = 1" + ENTRY.format("(a|b"), "care_test.toml:7: .*never closes it"),
        ("version = 1" + ENTRY.format("a b") * 2, "there twice"),
        ('version = 1\n[[entry]]\nid = "one"\npatterns = "a"', "needs a note"),
        ('version = 1\n[[entry]]\nid = "one"\nnote = "x"\ncolour = "red"', "unknown key colour"),
        ("version = ", "care_test.toml: .*neighbouring files"),
        ('version = 1\n[classes]\nlower = "a"', "must be UPPER-CASE"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(LexiconError, match=says):
        load(folder(tmp_path, text))


def test_every_entry_says_why_it_is_there() -> None:
    assert all(entry.note for entry in shipped().lexicons.entries.values())
    assert len(shipped().lexicons.entries) > 80


def test_care_entries_argue_for_a_tier_and_name_a_topic() -> None:
    for entry in shipped().lexicons.entries.values():
        if entry.lexicon.startswith("care_"):
            assert entry.severity in ("green", "amber", "red", "crisis"), entry.id
            assert entry.topic, entry.id


def test_the_version_changes_with_the_words(tmp_path: Path) -> None:
    first = load(folder(tmp_path, "version = 1" + ENTRY.format("a b"))).version
    second = load(folder(tmp_path, "version = 1" + ENTRY.format("a c"))).version
    assert first != second


def test_the_shipped_folder_is_inside_the_package() -> None:
    assert lexicons.HERE.name == "lexicon"
