"""Check digits: published examples pass, one digit off never does."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct import checksums

GOOD = [
    (checksums.card, "4012888888881881"),
    (checksums.card, "378282246310005"),
    (checksums.nhs, "9434765919"),
    (checksums.cpf, "52998224725"),
    (checksums.nir, "255081416802538"),
    (checksums.pesel, "44051401359"),
    (checksums.bsn, "111222333"),
    (checksums.nif, "123456789"),
    (checksums.steuer_id, "86095742719"),
    (checksums.aadhaar, "234123412346"),
    (checksums.luhn, "79927398713"),
]


@pytest.mark.parametrize(("check", "digits"), GOOD, ids=lambda value: getattr(value, "__name__", value))
def test_a_published_number_passes_and_no_neighbour_of_its_last_digit_does(check, digits: str) -> None:
    assert check(digits)
    others = [digits[:-1] + last for last in "0123456789" if last != digits[-1]]
    assert not any(check(other) for other in others)


def test_an_iban_passes_with_its_country_length_only() -> None:
    assert checksums.iban("GB82WEST12345698765432")
    assert not checksums.iban("GB82WEST1234569876543")
    assert not checksums.iban("GB83WEST12345698765432")
    assert not checksums.iban("ZZ82WEST12345698765432")


def test_a_spanish_number_needs_its_letter() -> None:
    assert checksums.dni("12345678Z")
    assert checksums.dni("X1234567L")
    assert not checksums.dni("12345678A")


def test_a_social_security_number_has_no_empty_part() -> None:
    assert checksums.ssn("123456789")
    for bad in ("000456789", "666456789", "900456789", "123006789", "123450000"):
        assert not checksums.ssn(bad)


def test_one_digit_repeated_is_no_card() -> None:
    assert not checksums.card("0" * 16)
