"""A candidate in the shadow counts and does nothing else, whatever it does."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest

from community.clock import ManualClock
from community.database import Database
from moderation.gate.candidate import load_candidate
from moderation.gate.deciding import Decider, Facts, Parts
from moderation.gate.shadowing import Shadow, shadow_of
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules
from server.settings import Pipeline, Settings
from tests.candidates import OMEN, candidate
from tests.home import CRY, easy, living

FACTS = Facts("room", GroupRules(opinion=False))
MONOTONIC = ManualClock().monotonic


def heard(tmp_path: Path, **more: Any) -> Shadow:
    return Shadow(Decider(load_candidate(candidate(tmp_path)), MONOTONIC), **more)


def test_a_candidate_is_counted_and_the_live_verdict_stays(tmp_path: Path) -> None:
    shadow = heard(tmp_path)
    live = Decider(shipped(), MONOTONIC)
    both = Decider(shipped(), MONOTONIC, beside=shadow)
    for text in ("good morning", OMEN, CRY):
        assert both.decide(Parts(text), FACTS) == live.decide(Parts(text), FACTS)
    counts = shadow.counts
    assert (counts.compared, counts.same, counts.raised, counts.lowered) == (3, 2, 1, 0)
    assert counts.tiers == {("green", "red"): 1}
    assert list(counts.gained) == ["care.ideation.gloaming"]


class Throws:
    """A decider that can't."""

    rules = shipped()

    def decide(self, parts: Parts, facts: Facts) -> Any:
        raise KeyError(parts.body)


def test_a_candidate_that_throws_never_reaches_the_live_verdict(caplog: pytest.LogCaptureFixture) -> None:
    shadow = Shadow(Throws())  # type: ignore[arg-type]
    live = Decider(shipped(), MONOTONIC)
    both = Decider(shipped(), MONOTONIC, beside=shadow)
    for _ in range(3):
        assert both.decide(Parts(CRY), FACTS) == live.decide(Parts(CRY), FACTS)
    assert (shadow.failed, shadow.counts.compared) == (3, 0)
    [said] = [r for r in caplog.records if r.name == "kith.shadow"]  # once, not a line for every message
    assert said.why == "KeyError"  # type: ignore[attr-defined]
    assert CRY not in str(said.__dict__)


def test_the_log_gets_one_line_for_so_many_messages(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kith.shadow")
    both = Decider(shipped(), MONOTONIC, beside=heard(tmp_path, log_every=2))
    for text in ("good morning", OMEN, "hello", "hello again", "and you"):
        both.decide(Parts(text), FACTS)
    said = [r.__dict__ for r in caplog.records if r.msg == "shadow"]
    assert [(line["compared"], line["same"], line["raised"]) for line in said] == [(2, 1, 1), (4, 3, 1)]
    assert "lantern" not in str(said)


def test_no_name_is_no_shadow_and_bad_rules_are_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert shadow_of("", tmp_path, MONOTONIC) is None
    assert shadow_of("none", tmp_path, MONOTONIC) is None
    assert [r.msg for r in caplog.records] == ["shadow_rules_unusable"]
    candidate(tmp_path)
    found = shadow_of("candidate", tmp_path, MONOTONIC)
    assert found is not None and found.version != shipped().version


async def test_metrics_show_a_candidates_counts_without_words(database: Database, tmp_path: Path) -> None:
    folder = str(candidate(tmp_path))
    settings = msgspec.structs.replace(easy(Settings()), pipeline=Pipeline(shadow=folder))
    async with living(database, tmp_path / "data", settings=settings) as home:
        _, room, (ann, _) = await home.community()
        sent = (await ann.say(room, OMEN)).json()
        assert sent["outcome"] == "publish"
        metrics = (await home.http.get("/metrics")).text
    assert 'kith_shadow_rules_total{change="gained",rule="care.ideation.gloaming"} 1.0' in metrics
    assert 'kith_shadow_moves_total{kind="tier",new="red",old="green"} 1.0' in metrics
    assert 'change="failed"' in metrics
    assert "lantern" not in metrics


async def test_without_a_candidate_metrics_say_nothing_of_one(database: Database, tmp_path: Path) -> None:
    async with living(database, tmp_path) as home:
        assert "kith_shadow" not in (await home.http.get("/metrics")).text
