"""Trade, advice against medicine, outreach: said, not reported or refused."""

from __future__ import annotations

from moderation.pipeline.types import Outcome
from tests.pipeline.conduct_help import rules_of, verdict


def test_sourcing_is_held_and_recovery_is_heard() -> None:
    assert verdict("anyone got spare diazepam they want to sell?").outcome is Outcome.hold
    assert rules_of("I used to buy pills from a dealer, two years clean") == set()


def test_stop_your_medicine_is_flagged_and_stays_readable() -> None:
    seen = verdict("you should stop taking your antidepressants")
    assert seen.outcome is Outcome.publish
    assert "conduct.medicine.stop_medicine" in {f.rule for f in seen.findings}
    assert rules_of("never stop your meds suddenly, ask your doctor") == set()
    assert rules_of("my doctor told me to stop taking ibuprofen") == set()


def test_research_recruits_and_reading_about_research_does_not() -> None:
    assert rules_of("please fill in my survey about lupus") == {"conduct.outreach.research"}
    assert rules_of("I took part in a trial years ago") == set()


def test_drawing_somebody_into_secrecy_is_held() -> None:
    assert verdict("this is our secret, send me a nude").outcome is Outcome.hold
