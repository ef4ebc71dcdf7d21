"""What a person agrees to when they join: short, versioned, and asked again when the words change."""

from __future__ import annotations

from dataclasses import dataclass

from community.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class Consent:
    """One thing to agree to. A change of meaning raises `version`; older agreements then don't count."""

    id: str
    version: int
    required: bool
    text: str


CONSENTS: tuple[Consent, ...] = (
    Consent("adult", 1, True, "I am 18 or older."),
    Consent(
        "not_emergency",
        1,
        True,
        "I know that this is people helping people. It is not a doctor and not an emergency service.",
    ),
    Consent(
        "reading",
        1,
        True,
        "I know that a program reads every message to keep people safe, private ones too, and that when "
        "someone may be in danger it shows that message to a trained person here.",
    ),
    Consent(
        "health_words",
        1,
        True,
        "What I write may say something about my health. I agree that it is kept here until I delete it.",
    ),
    Consent("follow_up", 1, False, "After a hard day, someone here may ask me how I am."),
)


def check(given: dict[str, int]) -> dict[str, int]:
    """The consents to keep. Raises Invalid naming every required one that is missing or out of date."""
    current = {c.id: c for c in CONSENTS}
    missing = tuple(
        FieldError(f"consents.{c.id}", "Please read this and agree, or we can't keep your account.")
        for c in CONSENTS
        if c.required and given.get(c.id) != c.version
    )
    if missing:
        raise Invalid("Please read what we ask everyone to agree to.", code="consent", fields=missing)
    unknown = tuple(
        FieldError(f"consents.{name}", "We don't know this one; see /about for the present ones.")
        for name, version in given.items()
        if name not in current or current[name].version != version
    )
    if unknown:
        raise Invalid(code="consent", fields=unknown)
    return given
