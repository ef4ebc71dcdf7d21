"""Frames: each predicate alone, on the smallest text that shows it."""

from __future__ import annotations

from moderation.pipeline.conduct import frames
from moderation.pipeline.patterns import Hit
from moderation.pipeline.reading import Reading
from tests.pipeline.conduct_help import reading


def hit(read: Reading, word: str) -> Hit:
    """Any entry laid over one word: frames look at places, not at entries."""
    at = read.tokens.words.index(word)
    entry = next(
        h.entry for hits in reading("you are scum").hits.values() for h in hits if "abuse" in h.entry.id
    )
    return Hit(entry, at, at + 1)


def test_quotation_marks_and_quoted_lines_are_somebody_elses_words() -> None:
    for text in ('she wrote "scum" on it', "> scum\nno"):
        read = reading(text)
        assert frames.quoted(read, hit(read, "scum"))


def test_a_verb_of_saying_makes_a_report() -> None:
    read = reading("they said we are scum")
    assert frames.reported(read, hit(read, "scum"))
    read = reading("they are scum")
    assert not frames.reported(read, hit(read, "scum"))


def test_a_negation_before_refuses_and_another_sentence_does_not() -> None:
    read = reading("you are not scum")
    assert frames.refused(read, hit(read, "scum"))
    read = reading("I will not. You are scum")
    assert not frames.refused(read, hit(read, "scum"))


def test_a_belief_is_no_judgement() -> None:
    read = reading("you think scum")
    assert frames.believed(read, hit(read, "scum"))
