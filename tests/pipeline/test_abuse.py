"""Abuse: attacks are found, reports of attacks and a community's own words are not."""

from __future__ import annotations

import pytest

from moderation.pipeline.types import Outcome, Tier
from tests.pipeline.conduct_help import rules_of, verdict


def test_an_insult_asks_to_edit_and_a_threat_waits() -> None:
    assert verdict("you are pathetic").outcome is Outcome.ask_to_edit
    assert verdict("I will find you").outcome is Outcome.hold


def test_the_abused_who_tells_of_it_is_not_the_abuser() -> None:
    assert rules_of("he called me a worthless whore and I left") == set()
    assert rules_of('the note said "you are pathetic"') == set()


def test_a_swear_word_never_hides_a_cry_for_help() -> None:
    seen = verdict("fuck you all, I want to kill myself")
    assert seen.tier >= Tier.red
    assert seen.outcome not in (Outcome.ask_to_edit, Outcome.refuse)


@pytest.mark.parametrize(
    "text", ["you are not worthless", "why do you think you are stupid?", "nobody deserves to be called scum"]
)
def test_kindness_in_hard_words_is_kindness(text: str) -> None:
    assert rules_of(text) == set()


@pytest.mark.parametrize("text", ["we are faggots and proud", "fags like me", "I smoked a fag outside"])
def test_a_communitys_own_word_and_a_plain_sense_are_no_slur(text: str) -> None:
    assert rules_of(text) == set()


@pytest.mark.parametrize("text", ["Gud mrng", "okey doke", "that chik is nice"])
def test_a_short_word_is_never_repaired_into_a_slur(text: str) -> None:
    assert rules_of(text) == set()


def test_a_group_named_before_makes_they_are_scum_hate() -> None:
    assert rules_of("Refugees moved in. They are scum.") >= {"conduct.abuse.they_are"}
    assert rules_of("The midges are back. They are scum.") == set()
