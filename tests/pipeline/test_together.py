"""Signs that are nothing alone and danger together."""

from __future__ import annotations

import pytest

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from moderation.pipeline.types import GroupRules, Submission, Tier


def tier(text: str) -> Tier:
    return judge(Submission(text, group=GroupRules(opinion=False)), shipped()).tier


@pytest.mark.parametrize(
    ("alone", "also"),
    [
        ("sat by the weir.", "tell my brother he can have the bike."),
        ("the bottle's empty.", "going all sleepy and warm."),
        ("my chest is so heavy.", "my jaw aches and i'm sweating."),
        ("my neighbour is 12.", "he says it's our secret."),
    ],
)
def test_two_signs_mean_what_one_does_not(alone: str, also: str) -> None:
    assert tier(f"{alone} {also}") >= Tier.red
    assert tier(alone) < Tier.red


def test_a_sign_in_a_long_post_counts_as_in_a_line() -> None:
    filler = "We had soup at the church hall and the children sang, and I bought a plant for the porch. " * 4
    said = "I keep working out how I'd do it so that nobody finds me."
    assert tier(said) >= Tier.red
    assert tier(filler + said + " " + filler) >= Tier.red


def test_a_plain_reason_takes_a_farewell_away() -> None:
    assert tier("picked the date, it's the 9th, see you all at the registry office") == Tier.green


def test_what_is_over_is_no_emergency() -> None:
    assert tier("chest pain and sweating last week, they said it was reflux, all clear") < Tier.red


def test_one_phrase_heard_twice_is_not_two_signs() -> None:
    filler = (
        "The garden was lovely and we ate outside, and my sister came over with the twins and a cake. " * 3
    )
    assert tier(filler + "My dad never hit me or anything, he was only strict.") == Tier.green


def test_a_pharmacist_that_closes_is_no_throat_that_closes() -> None:
    assert (
        tier("can you take hay fever tablets with an antibiotic, chemist is closed till nine") == Tier.green
    )
    assert tier("her throat is swelling and there's hives all over her") == Tier.crisis
