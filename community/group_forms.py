"""What a founder or an owner sends about a group: pure checks, and the group as it will be.

Everything is checked before anything is written; each failure names its field.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from typing import Any, Literal

from community.cards import GUIDELINES_CHARS_MAX, NAME_CHARS_MAX, PRESETS, check_card
from community.cards import check_settings as check_group_settings
from community.errors import FieldError, Invalid
from community.store.groups import GroupRow

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class GroupForm:
    """What a founder or an owner sends; None leaves a field as it is (or at its default)."""

    name: str | None = None
    slug: str | None = None
    preset: str | None = None
    visibility: Literal["public", "members", "private"] | None = None
    joining: Literal["open", "request", "invite"] | None = None
    card: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    guidelines: str | None = None


def changed(group: GroupRow, form: GroupForm) -> GroupRow:
    """The group as the form wants it; new words in the guidelines make a new version. Raises Invalid."""
    values: dict[str, Any] = {}
    if form.name is not None:
        values["name"] = check_name(form.name)
    if form.preset is not None:
        values["preset"] = check_preset(form.preset)
    if form.visibility is not None:
        values["visibility"] = form.visibility
    if form.joining is not None:
        values["joining"] = form.joining
    if form.card is not None:
        values["card"] = check_card({**group.card, **form.card})
    if form.settings is not None:
        values["settings"] = check_group_settings({**group.settings, **form.settings})
    if form.guidelines is not None and form.guidelines != group.guidelines_text:
        values["guidelines_text"] = check_guidelines(form.guidelines)
        values["guidelines_version"] = group.guidelines_version + 1
    return replace(group, **values)


def private_slug() -> str:
    """Says nothing: whoever sees a private group's address over a shoulder learns nothing from it."""
    return "g-" + secrets.token_hex(8)


def check_slug(slug: str | None) -> str:
    """The address, as given. Raises Invalid."""
    if slug is None or not SLUG.fullmatch(slug):
        say = "An address has 1 to 64 small letters, digits and dashes."
        raise Invalid(say, code="bad_slug", fields=(FieldError("slug", say),))
    return slug


def check_name(name: str | None) -> str:
    """The name with single spaces. Raises Invalid."""
    text = " ".join((name or "").split())
    if not 1 <= len(text) <= NAME_CHARS_MAX:
        say = f"A group needs a name of at most {NAME_CHARS_MAX} characters."
        raise Invalid(say, code="bad_name", fields=(FieldError("name", say),))
    return text


def check_preset(preset: str) -> str:
    """A preset that we know. Raises Invalid."""
    if preset not in PRESETS:
        say = "We don't know this kind of group. We know: " + ", ".join(PRESETS) + "."
        raise Invalid(say, code="bad_preset", fields=(FieldError("preset", say),))
    return preset


def check_guidelines(text: str) -> str:
    """The text without outer space. Raises Invalid."""
    clean = text.strip()
    if not 1 <= len(clean) <= GUIDELINES_CHARS_MAX:
        say = f"Guidelines have 1 to {GUIDELINES_CHARS_MAX} characters."
        raise Invalid(say, code="bad_guidelines", fields=(FieldError("guidelines", say),))
    return clean
