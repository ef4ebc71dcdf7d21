"""The conduct corpus: every sentence of ours gives what the file says, with and without the opinion."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules, Submission

CORPUS = Path(__file__).parent / "corpus" / "conduct.toml"
GROUPS: list[dict[str, Any]] = tomllib.loads(CORPUS.read_text("utf-8"))["group"]


def settings(group: dict[str, Any], *, opinion: bool) -> GroupRules:
    return GroupRules(
        preset=group.get("preset", "chronic-illness"),
        profanity=group.get("profanity", "allow"),
        contact_details=group.get("contact_details", "mask"),
        opinion=opinion,
    )


def complaint(group: dict[str, Any], text: str, *, opinion: bool) -> str | None:
    """What is wrong with a verdict, or None."""
    verdict = judge(Submission(text, group=settings(group, opinion=opinion)), shipped())
    found = [f for f in verdict.findings if f.stage in ("conduct", "pack")]
    for expected in group["expect"]:
        if not any(f.rule.startswith(expected) for f in found):
            return f"{text!r} lacks {expected}"
    if not group["expect"] and any(f.severity != "look" for f in found):
        return f"{text!r} has {[f.rule for f in found]}"
    wanted = group.get("outcome")
    if wanted and not verdict.has_care and verdict.outcome.name != wanted:
        return f"{text!r} ends in {verdict.outcome.name}, not {wanted}"
    return None


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group["name"])
def test_every_sentence_of_the_corpus_gives_what_the_file_says(group: dict[str, Any]) -> None:
    texts = group["texts"].strip().splitlines()
    wrong = [said for text in texts if (said := complaint(group, text, opinion=False))]
    assert not wrong, "\n".join(wrong)


def test_the_second_opinion_changes_no_conduct_outcome_of_the_corpus() -> None:
    wrong = [
        said
        for group in GROUPS
        for text in group["texts"].strip().splitlines()
        if (said := complaint(group, text, opinion=True))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_corpus_is_large_and_has_hard_negatives() -> None:
    texts = [text for group in GROUPS for text in group["texts"].strip().splitlines()]
    negatives = [
        text for group in GROUPS if not group["expect"] for text in group["texts"].strip().splitlines()
    ]
    assert len(texts) >= 500
    assert len(negatives) * 3 >= len(texts)
    assert len(set(texts)) >= len(texts) - 12  # the same words may stand in two presets
