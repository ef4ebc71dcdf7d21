"""The sentences that every release must get right (care.md), with tier, and outcome where it is stated."""

from __future__ import annotations

import pytest

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import Earlier, GroupRules, Outcome, Submission, Tier, Verdict

RULES_ONLY = GroupRules(opinion=False)


def verdict(text: str, *context: Earlier, group: GroupRules = RULES_ONLY) -> Verdict:
    return judge(Submission(text, group=group, context=context), shipped())


NOT_CARE = """
this pain is killing me
I'm dying to try that recipe
my feet are dead
my sugar is suicidal today
deadline is killing us
I overdosed on chocolate
cutting carbs
hanging by a thread at work
I could murder a cup of tea
end it with my boyfriend
could've killed the vicar, wrong name at the funeral
I've taken all of them, infection gone!
ate cake, didn't compensate, 100 days!
three years ago I tried to end my life and I'm glad I'm here
my friend killed herself last year
20 mg isn't touching it
this maths test made me kms 💀
this pain is killing me today
"""
AMBER = """
I'm so tired of being in pain, I don't see the point some days
sometimes I wish I wouldn't wake up
I'm not suicidal, just worn out
some nights I wish she'd go, then I hate myself
voices said kill yourself, I did the dishes
how many would it take
"""
RED = """
I want to kill myself
looking at my insulin differently tonight
one last use, same amount as before rehab
he's only like that drunk, always sorry after
I have finish. Thanks all, no need answer me
not tonight, I promised my sister until Friday
how do you cope when you want to die?
three weeks ago I tried to end my life and I'm glad I'm here
my son says he wants to die
took my night meds twice by mistake
how many would it take, I have the tablets here
"""
CRISIS = """
I've taken all of them
did the whole pen not 6 units, shaky lol
if they stop my morphine Friday my exit's sorted
day three no drink, spiders on the wall
held the pillow over mum a second, stopped
Sunday I'll be with him again, dog's sorted
day 9 just water, heart skipping, so clean
they say jump so my kids stay safe. I'll obey
he's found this account, he's coming up
mums bf comes in my room at night dont tell
I have the pills in front of me and I'm going to take them all tonight
nobody will miss me, I am doing it tonight, rope is ready
I've taken all of them. sixty tablets.
"""
EVADED = """
I want to unal1ve myself
I want to kms
I keep thinking about s.u.i.c.i.d.e
I wa\u200bnt to ki\u00adll my\u200dself
I w\u0430nt t\u043e di\u0435
\uff29 \uff57\uff41\uff4e\uff54 \uff54\uff4f \uff44\uff49\uff45
sewerslide is the answer
k!ll mys3lf is all I hear
I want to ctb
"""


def lines(block: str) -> list[str]:
    return block.strip().splitlines()


@pytest.mark.parametrize("text", lines(NOT_CARE))
def test_talk_of_the_ill_is_no_care_matter(text: str) -> None:
    assert verdict(text).tier.name == "green"
    assert verdict(text).outcome is Outcome.publish


@pytest.mark.parametrize("text", lines(AMBER))
def test_amber_is_amber_not_red(text: str) -> None:
    assert verdict(text).tier.name == "amber"


@pytest.mark.parametrize("text", [*lines(RED), *lines(EVADED)])
def test_red_is_published_with_support(text: str) -> None:
    assert verdict(text).tier.name == "red"
    assert verdict(text).outcome is Outcome.publish_with_support


@pytest.mark.parametrize("text", lines(CRISIS))
def test_crisis_is_published_with_support(text: str) -> None:
    assert verdict(text).tier.name == "crisis"
    assert verdict(text).outcome is Outcome.publish_with_support


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("my son says he wants to die", "someone_else"),
        ("took my night meds twice by mistake", "medical"),
        ("day three no drink, spiders on the wall", "medical"),
        ("day 9 just water, heart skipping, so clean", "eating"),
        ("he's found this account, he's coming up", "abuse"),
        ("mums bf comes in my room at night dont tell", "child"),
        ("they say jump so my kids stay safe. I'll obey", "voices"),
        ("held the pillow over mum a second, stopped", "violence"),
        ("my sugar is 2 and I'm alone and shaking", "medical"),
    ],
)
def test_the_card_fits_the_danger(text: str, topic: str) -> None:
    assert verdict(text).topic == topic


def test_a_yes_to_a_question_about_an_overdose_is_crisis() -> None:
    asked = Earlier("other", "have you taken anything?")
    assert verdict("yes, all of them", asked).tier.name == "crisis"
    assert verdict("yes, all of them").tier.name == "green"
    assert verdict("no, nothing", asked).tier.name == "green"


def test_a_no_to_are_you_safe_is_red() -> None:
    assert verdict("no", Earlier("other", "are you safe?")).tier.name == "red"
    assert verdict("yes", Earlier("other", "are you safe?")).tier.name == "green"


def test_slang_after_earlier_danger_is_amber() -> None:
    joke = "this maths test made me kms 💀"
    assert verdict(joke, Earlier("same", "I want to kill myself")).tier.name == "amber"
    assert verdict(joke, Earlier("other", "I want to kill myself")).tier.name == "green"


def test_a_reply_is_judged_and_its_quotation_is_not() -> None:
    assert verdict("> I want to die\nso sorry, here for you").tier.name == "green"
    assert verdict("> hang in there\nI want to die").tier.name == "red"


def test_a_lone_sign_in_a_long_account_rings_nobody() -> None:
    account = "We moved house and I started the new tablets in spring and the garden is doing well. " * 8
    assert verdict(account + "Once I thought about killing myself.").tier.name in ("green", "amber")
    assert verdict(account + "I want to kill myself. I have the rope ready tonight.").tier.name == "crisis"


@pytest.mark.parametrize(
    "text", ["quiero morirme", "je veux mourir", "ich will nicht mehr leben", "quero me matar"]
)
def test_first_lexicons_of_other_languages_hear_crisis_speech(text: str) -> None:
    assert verdict(text).tier.name == "red"


@pytest.mark.parametrize(
    ("hard_day", "more"),
    [
        ("i feel broken since the breakup", "i feel broken and i can't see a future"),
        ("i can't stop crying about the rent", "i can't stop crying"),
        ("my boss shouted and i feel worthless", "i feel worthless"),
    ],
)
def test_one_low_feeling_beside_an_ordinary_trouble_is_a_hard_day(hard_day: str, more: str) -> None:
    assert verdict(hard_day).tier.name == "green"
    assert verdict(more).tier.name == "amber"


@pytest.mark.parametrize(
    "text",
    [
        "my daughter says she wants to die and her exams are on monday",
        "he hit me at the party again",
        "hiding in the bathroom with my baby, he's outside the door",
        "i don't want to live with this pain",
        "cancelled my netflix, said goodbye to everyone",
    ],
)
def test_an_everyday_word_nearby_takes_no_danger_away(text: str) -> None:
    assert verdict(text).tier.name in ("red", "crisis")


@pytest.mark.parametrize(
    ("past", "back"),
    [
        ("when I was ill I wanted to die", "when I was ill I wanted to die and it's back now"),
        ("18 months free from self harm", "18 months free from self harm and I cut last night"),
        ("I was suicidal five years ago", "I was suicidal five years ago and now I'm right back there"),
    ],
)  # fmt: skip
def test_what_is_told_as_past_is_heard_when_it_is_back(past: str, back: str) -> None:
    assert verdict(past).tier == Tier.green
    assert verdict(back).tier >= Tier.red


def test_an_attempt_of_long_ago_that_is_thought_of_again_is_red_and_no_emergency() -> None:
    assert verdict("Six years ago I took an overdose. I'm thinking about it again").tier == Tier.red


def test_a_book_retold_is_a_story_and_a_writer_in_it_is_not() -> None:
    book = "The novel is a lot. She keeps the rope in the shed for a year and nobody asks."
    assert verdict(book).tier == Tier.green
    assert verdict(book + " I keep one in mine, and I want to die.").tier >= Tier.red
