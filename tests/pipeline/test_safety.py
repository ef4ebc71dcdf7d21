"""Reader safety: method masked, feeling kept; urging, pacts and sourcing held."""

from __future__ import annotations

import pytest

from moderation.pipeline.explain import masked
from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules, Outcome, Submission, Tier, Verdict


def verdict(text: str) -> Verdict:
    return judge(Submission(text, group=GroupRules(opinion=False)), shipped())


def test_an_amount_is_masked_and_the_feeling_stays() -> None:
    text = "I've taken all of them. sixty tablets. I'm so scared"
    assert masked(text, verdict(text)) == "I've taken all of them. […]. I'm so scared"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("I want to die, I could take 40 paracetamol", "40 paracetamol"),
        ("going to jump off the humber bridge tonight", "bridge"),
        ("how many would it take", "how many would it take"),
    ],
)
def test_method_detail_is_hidden_beside_danger(text: str, hidden: str) -> None:
    assert hidden not in masked(text, verdict(text))


@pytest.mark.parametrize(
    "text",
    [
        "pharmacist says 2 tablets of 500 mg every six hours",
        "I take 20 units of insulin at night",
        "picked up sixty tablets at the pharmacy",
        "took my night meds twice by mistake, that's 80 mg",
        "walked over the bridge to the clinic",
    ],
)
def test_clinical_doses_and_places_stay_readable_in_ordinary_talk(text: str) -> None:
    assert verdict(text).masks == ()


@pytest.mark.parametrize(
    "text",
    [
        "kill yourself",
        "go kill yourself, nobody wants you",
        "you should just die",
        "anyone want to die with me? we could do it together",
        "looking for a suicide pact partner",
        "where can I buy sodium nitrite",
        "kys",
    ],
)
def test_urging_pacts_and_sourcing_are_held_with_a_care_tier(text: str) -> None:
    found = verdict(text)
    assert found.outcome is Outcome.hold
    assert found.tier >= Tier.red


@pytest.mark.parametrize(
    "text",
    [
        "please don't kill yourself",
        "he told me to kill myself and I'm so hurt",
        "voices said kill yourself, I did the dishes",
        "if you feel like you want to die, call 988",
    ],
)
def test_support_and_reports_are_not_held(text: str) -> None:
    assert verdict(text).outcome is not Outcome.hold


def test_a_promise_of_two_of_whom_one_has_died_is_no_pact() -> None:
    mourned = verdict(
        "we always said we'd die together, holding hands. He died in March and I do his crossword"
    )
    assert mourned.outcome == Outcome.publish
    kept = verdict("we promised we'd die together and he died in March. I want to keep my promise")
    assert kept.outcome == Outcome.hold
