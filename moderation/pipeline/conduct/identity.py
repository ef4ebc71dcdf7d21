"""Cards, bank accounts, national identity numbers and network addresses.

The idea: what has a check digit is believed by arithmetic; what has none must be named ("my passport is …").
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

import re2

from moderation.pipeline.conduct import checksums
from moderation.pipeline.conduct.figures import Run, before, runs
from moderation.pipeline.conduct.surface import Surface
from moderation.pipeline.conduct.triggers import Trigger
from moderation.pipeline.conduct.wordlists import either

VERSION = "1"

_IBAN = re2.compile(r"(?i)\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]{1,4}){3,9}\b")
_NINO = re2.compile(
    r"(?i)\b[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"
)  # GOV.UK: HMRC manual NIM39110
_DNI = re2.compile(r"(?i)\b(?:\d{8}|[XYZ]-?\d{7})[ -]?[A-Z]\b")
_FISCALE = re2.compile(r"(?i)\b[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b")
_NAMED = re2.compile(r"\b" + either("named_numbers") + r"\b[^\n]{0,22}$")
_SOCIAL = re2.compile(r"\b(?:ssn|social security)\b")
_CODE = re2.compile(r"(?i)\b[A-Z]{0,3}\d[A-Z0-9\-]{4,14}\b")
_IPV4 = re2.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
_IPV6 = re2.compile(r"(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}")

_BY_NAME: tuple[Callable[[str], bool], ...] = (
    checksums.nhs,
    checksums.pesel,
    checksums.bsn,
    checksums.nif,
    checksums.steuer_id,
    checksums.aadhaar,
    checksums.ssn,
    checksums.luhn,
)

Found = tuple[str, int, int]
"""Kind, start and end on the surface."""


def identities(view: Surface, bits: int) -> Iterator[Found]:
    """Every number of that kind, in no order; places may touch but not overlap within a kind."""
    found = runs(view)
    if not found and not bits & Trigger.NAMED:
        return
    for run in found:
        yield from _of_run(view, run)
    for match in _IBAN.finditer(view.text):
        plain = "".join(char for char in match.group().upper() if char.isalnum())
        size = checksums.IBAN_LENGTHS.get(plain[:2], 0)
        if size <= len(plain) and size and checksums.iban(plain[:size]):
            yield "iban", match.start(), _end_of(view.text, match.start(), size)
    for pattern, good in ((_NINO, None), (_DNI, checksums.dni), (_FISCALE, None)):
        for match in pattern.finditer(view.text):
            plain = "".join(char for char in match.group().upper() if char.isalnum())
            if good is None or good(plain):
                yield "national_id", match.start(), match.end()
    if bits & Trigger.NAMED:
        yield from _named(view)


def network(view: Surface, *, numbers: bool = True) -> Iterator[Found]:
    """IPv4 and IPv6 addresses; a version number such as 1.2.3.4 and local addresses are let go. `numbers`
    tells whether the text holds a digit."""
    if numbers and view.text.count(".") >= 3:
        for match in _IPV4.finditer(view.text):
            parts = match.group().split(".")
            big = sum(len(part) > 1 for part in parts)
            local = parts[0] in ("127", "0", "255") or parts[:2] == ["192", "168"]
            if big >= 2 and not local and all(int(part) <= 255 and str(int(part)) == part for part in parts):
                yield "ip", match.start(), match.end()
    if view.text.count(":") >= 3:
        for match in _IPV6.finditer(view.text):
            if _is_ipv6(match.group()) and not _of_pairs(view.text, match.start(), match.end()):
                yield "ip", match.start(), match.end()


def _of_pairs(text: str, start: int, end: int) -> bool:
    """Hexadecimal pairs ("32:16:fd:ae:eb:97:57:29") are a key or a piece of hardware, not an address."""
    longer = text[end : end + 1] == ":" or text[max(0, start - 1) : start] == ":"
    return longer or all(len(group) == 2 for group in text[start:end].split(":"))


def _of_run(view: Surface, run: Run) -> Iterator[Found]:
    count = len(run.groups)
    for size in range(min(count, 6), 0, -1):
        for first in range(count - size + 1):
            kind = _kind(view, run, first, first + size)
            if kind:
                yield kind, run.groups[first].start, run.groups[first + size - 1].end
                return


def _kind(view: Surface, run: Run, first: int, last: int) -> str | None:
    digits = run.digits(first, last)
    sizes = tuple(len(group.digits) for group in run.groups[first:last])
    signs = run.signs[first : last - 1]
    if 12 <= len(digits) <= 19 and min(sizes) >= 3 and not run.plus and checksums.card(digits):
        return "card"
    if sizes == (3, 2, 4) and signs[0] in "- ." and signs[0] == signs[1] and checksums.ssn(digits):
        return "ssn" if signs[0] == "-" or _cued(view, run, first) else None
    if sizes == (3, 3, 3, 2) and signs[:2] == (".", ".") and checksums.cpf(digits):
        return "national_id"
    if sizes == (3, 4, 4, 2) and digits.startswith("756"):
        return "national_id"  # Switzerland's AHV number, EAN-13 by law
    spaced = sizes == (3, 3, 4) and set(signs) == {" "} and not run.plus
    if spaced and checksums.nhs(digits):
        return "national_id"
    if len(digits) == 15 and checksums.nir(digits):
        return "national_id"
    if 9 <= len(digits) <= 12 and _cued(view, run, first) and any(good(digits) for good in _BY_NAME):
        social = len(digits) == 9 and checksums.ssn(digits)
        return "ssn" if social and _SOCIAL.search(before(view, run.groups[first].start)) else "national_id"
    return None


def _cued(view: Surface, run: Run, first: int) -> bool:
    return _NAMED.search(before(view, run.groups[first].start)) is not None


def _named(view: Surface) -> Iterator[Found]:
    """Codes without a check digit, right after their name."""
    for match in _CODE.finditer(view.text):
        code = match.group()
        digits = sum(char.isdigit() for char in code)
        if digits >= 6 and _NAMED.search(before(view, match.start(), 32)) is not None:
            yield "national_id", match.start(), match.end()


def _is_ipv6(text: str) -> bool:
    if sum(char in "0123456789abcdefABCDEF" for char in text) < 6:
        return False
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _end_of(text: str, start: int, size: int) -> int:
    """Where the first `size` letters and digits from `start` end."""
    at = start
    while size:
        size -= text[at].isalnum()
        at += 1
    return at
