"""Contact details and identities in one text, each once, as findings that mask their span.

The idea: a room is read by strangers; a number shared in warmth finds its way to somebody else. Numbers
that move money or prove identity are masked whatever a group allows; ways to meet follow its setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moderation.pipeline.conduct.address import addresses
from moderation.pipeline.conduct.handles import handles
from moderation.pipeline.conduct.identity import Found, identities, network
from moderation.pipeline.conduct.mail import mails
from moderation.pipeline.conduct.people import clinicians, wards
from moderation.pipeline.conduct.phones import phones, spoken
from moderation.pipeline.conduct.surface import Surface, surface
from moderation.pipeline.conduct.triggers import Trigger, triggers
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, GroupRules, Severity

VERSION = "1"

_NOTES = {
    "email": "an e-mail address, written or spelled out",
    "phone": "a phone number that is not a helpline's",
    "address": "a street address or a place where somebody can be found",
    "handle": "a name or page on another network",
    "ip": "a network address",
    "card": "a payment card number with a right check digit",
    "iban": "a bank account number with a right check sum",
    "ssn": "a social security number",
    "national_id": "an identity, health or document number",
    "clinician": "somebody's clinician by name",
    "ward": "the ward or unit where somebody is",
}
_ALWAYS = frozenset({"card", "iban", "ssn", "national_id"})
_RANK = {kind: rank for rank, kind in enumerate(_NOTES)}
_DIGITS = "0123456789"
_NUMBER_MIN = 5
"""Fewer digits in a whole text are no phone number, card or account."""
_PEOPLE = frozenset({"clinician", "ward"})


def detect(reading: Reading) -> Iterable[Finding]:
    """The detector: details in the text as it was written, numbers not folded."""
    return contact_details(reading.submission.text, reading.submission.group)


def contact_details(text: str, group: GroupRules) -> list[Finding]:
    """Findings in the order of the text, none overlapping another: `conduct.pii.KIND` for what reaches or
    identifies a person, `conduct.people.KIND` for a clinician or a ward by name."""
    view = surface(text)
    found = _apart(sorted(_all(view), key=lambda f: (f[1], -f[2], _RANK[f[0]])))
    findings = []
    for kind, start, end in found:
        severity = _severity(kind, group)
        if severity is not None:
            findings.append(
                Finding(
                    stage="conduct",
                    rule=f"conduct.{'people' if kind in _PEOPLE else 'pii'}.{kind}",
                    version=VERSION,
                    lane="conduct",
                    severity=severity,
                    span=view.span(start, end),
                    note=f"Here stands {_NOTES[kind]}.",
                    mask=severity == "mask",
                )
            )
    return findings


def _severity(kind: str, group: GroupRules) -> Severity | None:
    if kind in _ALWAYS or group.contact_details == "mask":
        return "mask"
    if group.contact_details == "ask_to_edit":
        return "ask_to_edit"
    return None


def _all(view: Surface) -> Iterator[Found]:
    bits = triggers(view.low)
    digits = sum(map(view.text.count, _DIGITS))
    taken: list[tuple[int, int]] = []
    if digits >= _NUMBER_MIN:
        for kind, start, end in identities(view, bits):
            taken.append((start, end))
            yield kind, start, end
    for kind, start, end in network(view, numbers=bool(digits)):
        taken.append((start, end))
        yield kind, start, end
    if digits:
        yield from (("address", start, end) for start, end in addresses(view, bits))
    if digits >= _NUMBER_MIN:
        yield from (("phone", start, end) for start, end in phones(view, taken))
    if bits & Trigger.SPOKEN:
        yield from (("phone", start, end) for start, end in spoken(view))
    for name, finder in _FINDERS:
        yield from ((name, start, end) for start, end in finder(view, bits))


_FINDERS = (("email", mails), ("handle", handles), ("clinician", clinicians), ("ward", wards))


def _apart(found: list[Found]) -> list[Found]:
    """Of overlapping finds the first and longest stays, stretched to the end of what it touches."""
    apart: list[Found] = []
    for kind, start, end in found:
        if apart and start < apart[-1][2]:
            first = apart[-1]
            apart[-1] = (min(first[0], kind, key=_RANK.__getitem__), first[1], max(first[2], end))
        else:
            apart.append((kind, start, end))
    return apart
