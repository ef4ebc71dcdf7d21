"""The care corpus: every sentence of ours gets its tier, and danger never ends in silence."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules, Outcome, Submission, Tier

CORPUS = Path(__file__).parent / "corpus" / "care.toml"
GROUPS: list[dict[str, Any]] = tomllib.loads(CORPUS.read_text("utf-8"))["group"]
RULES_ONLY = GroupRules(opinion=False)


def sentences(group: dict[str, Any]) -> list[str]:
    return str(group["texts"]).strip().splitlines()


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group["name"])
def test_every_sentence_gets_its_tier(group: dict[str, Any]) -> None:
    wrong = []
    for text in sentences(group):
        verdict = judge(Submission(text, group=RULES_ONLY), shipped())
        if verdict.tier.name != group["tier"]:
            rules = [f"{f.rule}:{f.severity}" for f in verdict.findings if f.lane == "care"]
            wrong.append(f"{text!r} is {verdict.tier.name}: {rules}")
    assert not wrong, "\n".join(wrong)


def test_the_corpus_is_large_and_balanced() -> None:
    counts: dict[str, int] = {}
    for group in GROUPS:
        counts[group["tier"]] = counts.get(group["tier"], 0) + len(sentences(group))
    assert sum(counts.values()) >= 1000
    assert all(counts[tier.name] >= 120 for tier in Tier)


def test_red_and_crisis_never_end_in_silence() -> None:
    for group in GROUPS:
        for text in sentences(group):
            verdict = judge(Submission(text), shipped())
            if verdict.tier >= Tier.red:
                assert verdict.outcome in (Outcome.publish_with_support, Outcome.hold), text
                assert verdict.topic is not None, text


def test_the_second_opinion_never_lowers_a_tier() -> None:
    for group in GROUPS:
        for text in sentences(group)[::3]:
            alone = judge(Submission(text, group=RULES_ONLY), shipped())
            together = judge(Submission(text), shipped())
            assert together.tier >= alone.tier, text
            assert alone.tier >= Tier.amber or together.tier <= Tier.amber, text
