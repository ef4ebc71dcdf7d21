"""Whose, when, negated: asked about a place in a text."""

from __future__ import annotations

import pytest

from moderation.pipeline.fold import fold
from moderation.pipeline.rules import shipped
from moderation.pipeline.structure import Structure, negated, past, read_structure, subject
from moderation.pipeline.tokens import Tokens, scan


def read(text: str, word: str) -> tuple[Tokens, Structure, int]:
    tokens = scan(fold(text), shipped().lexicons.vocabulary)
    return tokens, read_structure(tokens), tokens.words.index(word)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("I want to die", "i"),
        ("want to die", "none"),
        ("my son says he wants to die", "they"),
        ("you want to die", "you"),
        ("my friend wants to die", "they"),
        ("I told my mum I want to die", "i"),
        ("I love my kids but want to die", "i"),
    ],
)
def test_the_subject_is_the_nearest_one(text: str, person: str) -> None:
    tokens, structure, at = read(text, "want")
    assert subject(tokens, structure, at, at + 1) == person


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("if anyone is up, want to die", "none"),
        ("in case someone reads, want to die", "none"),
        ("if anyone is awake I want to die", "i"),
        ("someone told me, people want to die", "they"),
        ("if she leaves, wants to die", "they"),
    ],
)
def test_a_clause_to_whoever_reads_lends_no_subject(text: str, person: str) -> None:
    tokens, structure, at = read(text, "want")
    assert subject(tokens, structure, at, at + 1) == person


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("I don't want to die", True),
        ("I never want to die", True),
        ("I can't stop thinking I want to die", False),
        ("not sure if I want to die", False),
        ("no, I want to die", False),
    ],
)
def test_a_negation_reaches_its_own_clause(text: str, denied: bool) -> None:
    tokens, structure, at = read(text, "want")
    assert negated(tokens, structure, at) is denied


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I wanted to die", True),
        ("I used to want to die", True),
        ("I have wanted to die for years", False),
        ("I want to die", False),
        ("I was wanting to die", True),
    ],
)
def test_the_past_is_told_from_now(text: str, told: bool) -> None:
    tokens, structure, at = read(text, "want")
    assert past(tokens, structure, at, at + 3, spellings=shipped().lexicons.vocabulary.past) is told


def test_quoted_words_and_lines_are_known() -> None:
    tokens, structure, at = read('she said "I want out" and left', "want")
    assert at in structure.quoted
    tokens, structure, at = read("> I want out\nwhat do you think", "want")
    assert at in structure.quoted
    assert tokens.words.index("think") not in structure.quoted


def test_a_question_is_asked() -> None:
    _, structure, at = read("hello. do you want tea?", "want")
    assert structure.sentence[at] in structure.asked
