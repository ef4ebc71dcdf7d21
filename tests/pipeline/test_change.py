"""Changing rules safely."""

from __future__ import annotations

import shutil
from pathlib import Path

from moderation.pipeline.change import corpus, differ, replay, shadow, tally
from moderation.pipeline.judge import judge
from moderation.pipeline.lexicons import HERE
from moderation.pipeline.rules import Rules, load, shipped
from moderation.pipeline.types import GroupRules, Submission, Tier

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
    texts = [("a", CRY), ("b", Submission("hello"))]
    assert list(replay(texts, shipped(), shipped())) == []
    assert tally(texts, shipped(), shipped()).compared == 2


def test_a_candidate_in_the_shadow_leaves_the_live_verdict(tmp_path: Path) -> None:
    live = judge(CRY, shipped())
    found = shadow(CRY, live, without_hanging(tmp_path))
    assert found is not None and found.old is live
    assert shadow(CRY, live, shipped()) is None


def test_the_corpus_names_its_sentences_without_quoting_them() -> None:
    names = [name for name, _ in corpus(CORPUS)]
    assert len(names) >= 1500
    assert len(set(names)) == len(names)
