"""Clinicians and wards: named and tied to somebody or to a place."""

from __future__ import annotations

import pytest

from tests.pipeline.conduct_help import rules_of


@pytest.mark.parametrize(
    "text", ["my GP is Dr Patel", "Dr Okafor at the Royal Infirmary", "my therapist Rowan Blake"]
)
def test_a_clinician_tied_to_somebody_is_masked(text: str) -> None:
    assert rules_of(text) == {"conduct.people.clinician"}


@pytest.mark.parametrize(
    "text", ["Dr Who is on", "my doctor is kind", "MY DOCTOR DR HART", "the ward was noisy"]
)
def test_small_talk_about_doctors_is_not(text: str) -> None:
    assert rules_of(text) == set()


def test_a_ward_with_its_hospital_is_masked() -> None:
    assert rules_of("I'm on Maple Ward at St James") == {"conduct.people.ward"}
