"""Packs: the preset decides what harms; a group's own words and languages ask for people."""

from __future__ import annotations

import pytest

from moderation.pipeline.packs import LANGUAGES, PRESETS, spoken, unread_languages
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules, Outcome
from tests.pipeline.conduct_help import reading, rules_of, verdict


def test_numbers_are_masked_where_they_harm_and_welcome_where_they_help() -> None:
    seen = verdict("I weigh 45kg now", preset="eating-disorder")
    assert seen.outcome is Outcome.mask
    assert seen.masks == ((2, 12),)
    assert rules_of("I weigh 45kg now") == set()


@pytest.mark.parametrize("text", ["100 days!", "100 days binge free", "I'm 17 years old", "3 meals a day"])
def test_days_and_ages_are_never_masked(text: str) -> None:
    assert verdict(text, preset="eating-disorder").masks == ()


def test_young_people_are_masked_whatever_the_group_allows() -> None:
    seen = verdict("ring me on 07700 900123", preset="young-people", contact_details="allow")
    assert seen.outcome is Outcome.mask


def test_a_groups_own_term_asks_for_a_look_only() -> None:
    seen = verdict("the blue lagoon meets again", own_terms=("Blue Lagoon",))
    assert seen.outcome is Outcome.publish
    assert "pack.own_term" in {f.rule for f in seen.findings}
    assert "pack.own_term" not in {f.rule for f in verdict("blue sky", own_terms=("Blue Lagoon",)).findings}


def test_every_preset_names_lexicons_that_exist() -> None:
    known = {entry.lexicon for entry in shipped().lexicons.entries.values()}
    assert {name for names in PRESETS.values() for name in names} <= known


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I am so tired of all this", "en"),
        ("quiero dormir pero no puedo más", "es"),
        ("je suis fatiguée et je ne dors pas", "fr"),
        ("ich kann heute nicht schlafen", "de"),
        ("estou muito cansada e não durmo", "pt"),
        ("nie mogę spać od trzech dni proszę", None),
    ],
)
def test_the_language_is_told_by_small_words(text: str, code: str | None) -> None:
    assert spoken(reading(text)) == code


def test_a_language_without_a_lexicon_asks_for_a_person() -> None:
    seen = verdict("voglio solo dormire tanto tanto")
    assert "pack.language.unread" in {f.rule for f in seen.findings}
    assert unread_languages(GroupRules(languages=("en", "it", "pt-BR"))) == ("it",)
    assert "en" in LANGUAGES
