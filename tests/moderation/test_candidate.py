"""A folder that somebody is editing: it loads, or each mistake is a line, and nothing else ever comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.gate.candidate import BadRules, load_candidate
from moderation.pipeline import lexicons
from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules, Submission, Tier
from tests.candidates import HEARD, OMEN, candidate


def test_a_copy_with_one_more_rule_loads_and_has_a_version_of_its_own(tmp_path: Path) -> None:
    rules = load_candidate(candidate(tmp_path))
    submission = Submission(OMEN, group=GroupRules(opinion=False))
    assert rules.version != shipped().version
    assert judge(submission, shipped()).tier is Tier.green
    assert judge(submission, rules).tier is Tier.red


@pytest.mark.parametrize(
    ("adding", "said"),
    [
        ("\n[[entry]\n", r"care_ideation\.toml:\d+: .*line \d+"),
        ("\n[[entry]]\nnote = 'x'\n", r"care_ideation\.toml:\d+: an entry without id"),
        (HEARD.replace("note", "notes"), r"care_ideation\.toml:\d+: unknown key notes"),
        (
            HEARD.replace('"red"', '"purple"'),
            r"care_ideation\.toml:\d+: .*gloaming: tier 'purple' is none of",
        ),
        (
            HEARD.replace('"suicide"', '"cats"'),
            r"care_ideation\.toml:\d+: .*gloaming: topic 'cats' is none of",
        ),
        (
            HEARD.replace("gloaming lantern", "NOTHERE x"),
            r"care_ideation\.toml:\d+: .*NOTHERE is not defined",
        ),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, adding: str, said: str) -> None:
    with pytest.raises(BadRules, match=said):
        load_candidate(candidate(tmp_path, adding=adding))


def test_the_line_is_the_one_of_the_mistake(tmp_path: Path) -> None:
    folder = candidate(tmp_path, adding=HEARD.replace('"red"', '"purple"'))
    with pytest.raises(BadRules) as caught:
        load_candidate(folder)
    number = int(caught.value.problems[0].split(":")[1])
    assert "gloaming" in (folder / "care_ideation.toml").read_text("utf-8").splitlines()[number - 1]


def test_a_mistake_in_a_class_names_the_file_that_defines_it(tmp_path: Path) -> None:
    folder = candidate(tmp_path, adding="", to="classes.toml")
    file = folder / "classes.toml"
    words = "\n[classes]\nOMENS = '''\ngloaming NOTHERE\n'''\n"
    file.write_text(file.read_text("utf-8").replace("\n[classes]\n", words, 1), "utf-8")
    with pytest.raises(BadRules, match=r"classes\.toml:\d+: class OMENS: "):
        load_candidate(folder)


def test_every_broken_file_is_named_at_once(tmp_path: Path) -> None:
    folder = candidate(tmp_path)
    (folder / "safety.toml").write_text("entry = 3\n")
    (folder / "frames.toml").write_text("[[\n")
    (folder / "care_child.toml").unlink()
    (folder / "care_mine.toml").write_text("version = 1\n")
    with pytest.raises(BadRules) as caught:
        load_candidate(folder)
    said = "\n".join(caught.value.problems)
    assert "safety.toml:1: entry must be written as [[entry]]" in said
    assert "frames.toml:1: " in said
    assert "care_child.toml:1: missing" in said
    assert "care_mine.toml:1: no detector reads" in said


def test_a_folder_that_isn_t_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match="there is no such folder"):
        load_candidate(tmp_path / "none")


def test_a_file_that_isn_t_text_is_said(tmp_path: Path) -> None:
    folder = candidate(tmp_path)
    (folder / "safety.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadRules, match=r"safety\.toml:1: "):
        load_candidate(folder)


def test_whatever_the_compiler_throws_is_bad_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> None:
        raise RecursionError("gloaming lantern")

    monkeypatch.setattr(lexicons, "load", broken)
    with pytest.raises(BadRules, match=r"can't be compiled \(RecursionError\)") as caught:
        load_candidate(candidate(tmp_path))
    assert "lantern" not in str(caught.value)
