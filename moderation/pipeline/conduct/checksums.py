"""Check digits of cards, accounts and national identity numbers.

The idea: a number with a check digit is told from a random one by arithmetic, so that doses, dates and
order numbers are left alone. Each function takes digits (or letters and digits) without separators.
"""

from __future__ import annotations

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24,
    "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21,
    "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27,
    "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24,
    "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Lengths from the SWIFT IBAN registry."""

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def luhn(digits: str) -> bool:
    """ISO/IEC 7812: cards, Canadian SIN, Swedish personal numbers."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = ord(char) - 48
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def card(digits: str) -> bool:
    """Luhn, 12 to 19 digits, an issuer's first digits, and not one digit repeated."""
    if not 12 <= len(digits) <= 19 or len(set(digits)) < 2 or not luhn(digits):
        return False
    if digits[0] == "4":
        return len(digits) in (13, 16, 19)
    if digits[:2] in ("34", "37"):
        return len(digits) == 15
    if digits[:4] in ("2131", "1800"):
        return len(digits) == 15
    if digits[:2] in ("30", "36", "38", "39"):
        return 14 <= len(digits) <= 19
    if "51" <= digits[:2] <= "55" or "2221" <= digits[:4] <= "2720":
        return len(digits) == 16
    if digits[:2] in ("35", "62", "65", "60", "64"):
        return 16 <= len(digits) <= 19
    return digits[:2] in ("50", "56", "57", "58", "59", "61", "63", "66", "67", "68", "69")


def iban(text: str) -> bool:
    """ISO 13616: country length and mod 97."""
    if IBAN_LENGTHS.get(text[:2]) != len(text):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def nhs(digits: str) -> bool:
    """England's NHS number: ten digits, weights 10 to 2, modulus 11."""
    rest = 11 - sum((10 - i) * int(d) for i, d in enumerate(digits[:9])) % 11
    return len(digits) == 10 and rest != 10 and int(digits[9]) == (0 if rest == 11 else rest)


def ssn(digits: str) -> bool:
    """US social security number: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    return len(digits) == 9 and digits[:3] not in ("000", "666") and digits[0] != "9" and (
        digits[3:5] != "00" and digits[5:] != "0000"
    )  # fmt: skip


def cpf(digits: str) -> bool:
    """Brazil's CPF: two check digits, modulus 11."""
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    for size in (9, 10):
        rest = sum((size + 1 - i) * int(d) for i, d in enumerate(digits[:size])) * 10 % 11 % 10
        if rest != int(digits[size]):
            return False
    return True


def dni(text: str) -> bool:
    """Spain's DNI and NIE: eight digits (X, Y, Z for the first of a NIE) and a letter by modulus 23."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(text[0], text[0]) + text[1:-1]
    return len(text) == 9 and number.isdecimal() and _DNI_LETTERS[int(number) % 23] == text[-1]


def nir(digits: str) -> bool:
    """France's NIR with key: fifteen digits, 97 minus the rest; first digit 1 or 2, month plausible."""
    return (
        len(digits) == 15
        and digits[0] in "12"
        and ("01" <= digits[3:5] <= "12" or "20" <= digits[3:5] <= "42")
        and 97 - int(digits[:13]) % 97 == int(digits[13:])
    )


def pesel(digits: str) -> bool:
    """Poland's PESEL: eleven digits, weights 1 3 7 9."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    total = sum(w * int(d) for w, d in zip(weights, digits, strict=False))
    return len(digits) == 11 and (10 - total % 10) % 10 == int(digits[10])


def bsn(digits: str) -> bool:
    """The Netherlands' BSN: nine digits, the eleven test."""
    if len(digits) != 9:
        return False
    return (sum((9 - i) * int(d) for i, d in enumerate(digits[:8])) - int(digits[8])) % 11 == 0


def nif(digits: str) -> bool:
    """Portugal's NIF: nine digits, modulus 11."""
    if len(digits) != 9:
        return False
    rest = sum((9 - i) * int(d) for i, d in enumerate(digits[:8])) % 11
    return int(digits[8]) == (0 if rest < 2 else 11 - rest)


def steuer_id(digits: str) -> bool:
    """Germany's tax id: eleven digits, ISO 7064 MOD 11,10, not beginning with 0."""
    if len(digits) != 11 or digits[0] == "0":
        return False
    product = 10
    for char in digits[:10]:
        total = (int(char) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def aadhaar(digits: str) -> bool:
    """India's Aadhaar: twelve digits, Verhoeff, first digit 2 to 9."""
    if len(digits) != 12 or digits[0] in "01":
        return False
    check = 0
    for place, char in enumerate(reversed(digits)):
        check = _dihedral(check, _permuted(place % 8, int(char)))
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """Multiplication in the dihedral group of ten, which Verhoeff's scheme is built on."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5


def _permuted(times: int, digit: int) -> int:
    table = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    for _ in range(times):
        digit = table[digit]
    return digit
