"""Spam: signs add up, links follow the group's setting, repetition is seen."""

from __future__ import annotations

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import Earlier, GroupRules, Outcome, Submission
from tests.pipeline.conduct_help import conduct, rules_of, verdict


def test_one_sign_is_talk_and_several_are_an_advertisement() -> None:
    assert rules_of("I tried the free trial of a meditation app") == set()
    assert "conduct.spam.advert" in rules_of(
        "FREE trial! Order now at www.slim.example, only £9.99, offer ends today!"
    )


def test_a_newcomers_link_waits_and_a_members_does_not() -> None:
    text = "I wrote about my scan at https://blog.example.org/scan last week, have a read if you like"
    assert verdict(text, newcomer=True).outcome is Outcome.hold
    assert verdict(text).outcome is Outcome.publish


def test_a_link_to_help_never_waits() -> None:
    assert rules_of("please look at https://www.samaritans.org now", newcomer=True) == set()
    assert rules_of("https://findahelpline.com", newcomer=True, links="hold") == set()


def test_a_group_may_hold_every_link() -> None:
    assert (
        verdict("see https://example.org/page about pacing, it helped me", links="hold").outcome
        is Outcome.hold
    )


def test_a_program_behind_a_link_is_refused() -> None:
    assert verdict("get it at http://files.example.com/cure.exe").outcome is Outcome.refuse


def test_a_care_finding_keeps_a_dangerous_link_from_being_refused() -> None:
    seen = verdict("I want to kill myself http://files.example.com/cure.exe")
    assert seen.outcome is not Outcome.refuse


def test_the_same_words_a_third_time_are_repetition() -> None:
    text = "does anyone know about my question"
    earlier = (Earlier("same", text), Earlier("same", text))
    found = judge(Submission(text, group=GroupRules(opinion=False), context=earlier), shipped()).findings
    assert "conduct.spam.repetition" in {f.rule for f in found}


def test_a_long_story_is_not_the_sum_of_its_words() -> None:
    story = "I called the clinic and they were free today so I won a small victory. " * 12
    assert not [f for f in conduct(story) if f.rule == "conduct.spam.advert"]
