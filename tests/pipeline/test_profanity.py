"""Swearing: a finding only where a group asked for one; a health community's words never."""

from __future__ import annotations

import sys

import pytest

from moderation.pipeline.conduct import profanity
from moderation.pipeline.types import Outcome
from tests.pipeline.conduct_help import reading, rules_of, verdict


def test_a_group_that_allows_swearing_hears_nothing_of_it() -> None:
    assert rules_of("fuck cancer") == set()


def test_a_group_may_mask_it_or_ask() -> None:
    assert verdict("fuck cancer", profanity="mask").masks == ((0, 4),)
    assert verdict("fuck cancer", profanity="ask_to_edit").outcome is Outcome.ask_to_edit


@pytest.mark.parametrize(
    "word", ["stroke", "organ", "uterus", "hiv", "heroin", "breasts", "rape", "vomit", "gay"]
)
def test_words_of_illness_and_identity_are_no_swearing(word: str) -> None:
    assert word not in profanity.swear_words()


def test_a_swear_word_inside_another_word_is_none() -> None:
    assert profanity.places(reading("the cockpit of a class A assistant in Scunthorpe")) == []


def test_the_seed_is_read_as_data_without_importing_its_package() -> None:
    assert len(profanity.swear_words()) > 400
    assert "better_profanity" not in sys.modules


def test_a_missing_seed_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profanity, "SEED", "no_such_package")
    profanity.swear_words.cache_clear()
    try:
        with pytest.raises(LookupError, match="no_such_package"):
            profanity.swear_words()
    finally:
        profanity.swear_words.cache_clear()
