"""Changing rules safely."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from moderation.pipeline.change import CorpusError, Counts, Ruled, compare, corpus, differ
from moderation.pipeline.lexicons import HERE
from moderation.pipeline.rules import Rules, load, shipped
from moderation.pipeline.types import GroupRules, Outcome, Submission, Tier

CORPUS = Path(__file__).parent / "corpus"
CRY = Submission("I want to hang myself", group=GroupRules(opinion=False))


def without_hanging(tmp_path: Path) -> Rules:
    folder = tmp_path / "lexicon"
    shutil.copytree(HERE, folder)
    file = folder / "care_ideation.toml"
    file.write_text(file.read_text("utf-8").replace("hang REFL | ", ""), "utf-8")
    return load(folder)


def test_a_difference_tells_what_was_lowered(tmp_path: Path) -> None:
    found = differ("x", CRY, shipped(), without_hanging(tmp_path))
    assert found is not None
    assert found.lowered and not found.raised
    assert (found.old.tier, found.new.tier) == (Tier.red, Tier.green)
    assert found.old.rules_version != found.new.rules_version


def test_equal_rules_differ_nowhere() -> None:
    counts, differences = compare([("a", CRY), ("b", Submission("hello"))], shipped(), shipped())
    assert differences == []
    assert counts == Counts(compared=2, same=2)


def test_a_comparison_counts_what_it_lists(tmp_path: Path) -> None:
    counts, [found] = compare([("a", CRY), ("b", Submission("hello"))], shipped(), without_hanging(tmp_path))
    assert found.name == "a"
    assert (counts.compared, counts.same, counts.lowered, counts.raised) == (2, 1, 1, 0)
    assert counts.tiers == {("red", "green"): 1}
    assert counts.lost and not counts.gained


CALM = Ruled(Tier.green, Outcome.publish, frozenset())


@pytest.mark.parametrize(
    ("new", "masks", "where"),
    [
        (CALM, False, "same"),
        (Ruled(Tier.red, Outcome.hold, frozenset({"a"})), True, "raised"),
        (Ruled(Tier.green, Outcome.hold, frozenset({"a"})), True, "outcome_only"),
        (Ruled(Tier.green, Outcome.publish, frozenset({"a"})), True, "masks_only"),
        (Ruled(Tier.green, Outcome.publish, frozenset({"a"})), False, "rules_only"),
    ],
)
def test_each_text_counts_once_by_its_weightiest_change(new: Ruled, masks: bool, where: str) -> None:
    counts = Counts()
    counts.add(CALM, new, masks=masks)
    kinds = ("same", "raised", "lowered", "outcome_only", "masks_only", "rules_only")
    assert {kind: getattr(counts, kind) for kind in kinds if getattr(counts, kind)} == {where: 1}
    assert set(counts.gained) == new.rules


def test_the_corpus_names_its_sentences_without_quoting_them() -> None:
    names = [name for name, _ in corpus(CORPUS)]
    assert len(names) >= 1500
    assert len(set(names)) == len(names)


def test_a_sentence_of_the_corpus_is_judged_under_its_groups_settings() -> None:
    assert {submission.group.preset for _, submission in corpus(CORPUS)} >= {"eating-disorder"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[group]]\nname = 'x'\n", r"mine\.toml: 'texts'; a corpus file has"),
        ("group = 3\n", r"mine\.toml: .*not iterable"),
        ("[[group]]\nname = 'x'\ntexts = 'y'\npreset = 'cats'\n", r"mine\.toml: .*cats"),
        ("[[group\n", r"mine\.toml: .*line 1"),
    ],
)
def test_a_corpus_that_can_t_be_read_names_its_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(CorpusError, match=said):
        list(corpus(tmp_path))


def test_a_folder_without_a_corpus_is_no_empty_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus here"):
        list(corpus(tmp_path))
