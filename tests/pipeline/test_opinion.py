"""The second opinion: raises to amber or asks for a look, never more; can be switched off."""

from __future__ import annotations

import pytest

from moderation.pipeline.opinion import HEADS, OFF, detect, scores
from moderation.pipeline.opinion.features import (
    BITS,
    CARE_BITS,
    CARE_WORDS_MAX,
    PIECES_MAX,
    WORDS_MAX,
    buckets,
    care_buckets,
    spoken,
    words_of,
)
from moderation.pipeline.opinion.model import shipped
from moderation.pipeline.types import Outcome, Tier
from tests.pipeline.conduct_help import reading, verdict

SPAM = "hey guys please check my new mixtape video and subscribe to the page, free download"


def test_it_asks_for_a_look_or_amber_and_nothing_else() -> None:
    for text in (SPAM, "these hoes aint loyal", "there is nothing left in me and I cannot go on", "kys"):
        for found in detect(reading(text)):
            assert (found.lane, found.severity) in {("care", "amber"), ("conduct", "look")}
            assert found.span is None and not found.mask


def test_alone_it_changes_no_outcome() -> None:
    with_opinion = verdict(SPAM, opinion=True)
    without = verdict(SPAM, opinion=False)
    assert with_opinion.outcome is without.outcome
    assert with_opinion.masks == without.masks
    assert with_opinion.scores.spam >= without.scores.spam


def test_the_groups_switch_and_the_environment_turn_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(detect(reading(SPAM)))
    assert not list(detect(reading(SPAM, opinion=False)))
    monkeypatch.setenv(OFF, "1")
    assert not list(detect(reading(SPAM)))


def test_scores_are_probabilities_and_a_single_word_has_none() -> None:
    assert scores(reading("hello")) == (0.0,) * len(HEADS)
    assert all(0.0 <= score <= 1.0 for score in scores(reading("thank you all for last night")))


def test_kind_everyday_talk_is_left_alone() -> None:
    for text in (
        "thank you all for last night",
        "my blood sugar was 7.2 this morning",
        "fuck cancer, scan was clear",
    ):
        assert verdict(text, opinion=True).outcome is Outcome.publish
        assert not list(detect(reading(text)))


def test_a_long_text_costs_no_more_than_its_first_and_last_words() -> None:
    read = reading("word after word and more words " * 500)
    assert len(words_of(read.tokens.raw, read.tokens.words)) == WORDS_MAX
    assert len(buckets(read)) <= WORDS_MAX * (PIECES_MAX + 2) + 40
    assert len(care_buckets(read)) <= 2 * CARE_WORDS_MAX + 1


def test_distress_is_read_as_it_was_said() -> None:
    said = spoken(reading("I've stopped, haven't I? Took 12 of them").tokens)
    assert said == ["i", "have", "stopped", ",", "have", "not", "i", "?", "took", "00", "of", "them"]


def test_the_order_of_words_counts_and_marks_are_words() -> None:
    assert care_buckets(reading("he left me")) != care_buckets(reading("me left he"))
    assert care_buckets(reading("fine. not")) != care_buckets(reading("fine not"))


def test_the_weights_are_small_and_fit_their_card() -> None:
    model = shipped()
    assert tuple(model.card.heads) == HEADS
    assert [len(row) for row in model.weights.values()] == [1 << BITS, 1 << BITS, 1 << CARE_BITS]
    assert sum(len(row) for row in model.weights.values()) <= 1_000_000


def test_an_outcome_never_falls_with_the_opinion_on() -> None:
    for text in ("I want to kill myself", "you are pathetic", SPAM, "sometimes I wish I wouldn't wake up"):
        on, off = verdict(text, opinion=True), verdict(text, opinion=False)
        assert on.tier >= off.tier
        assert on.outcome is off.outcome or on.outcome > off.outcome or on.tier > off.tier


def test_three_heads_answer_in_order() -> None:
    assert HEADS == ("abuse", "spam", "care")
    assert len(scores(reading(SPAM))) == 3
    assert max(scores(reading(SPAM))) == scores(reading(SPAM))[1]
    assert Outcome.publish is verdict("thanks", opinion=True).outcome


DISTANT = (
    "My sister came round with the shopping again and put it all away because I hadn't moved from the sofa since "
    "Sunday. I told her I was resting. The truth is that I can't see the point of eating any of it, or of anything "
    "that comes after this week. The neighbours have a new puppy and the bins go out on Tuesday now."
)
"""Our own: a long post in which no phrase is one that rules list."""


def test_what_it_hears_in_a_long_post_is_not_put_into_measure_away() -> None:
    raised = [found for found in verdict(DISTANT, opinion=True).findings if found.rule == "opinion.care"]
    assert [found.severity for found in raised] == ["amber"]
    assert verdict(DISTANT, opinion=True).tier >= Tier.amber
