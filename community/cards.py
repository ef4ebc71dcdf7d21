"""Group cards: the fixed fields by which a person decides whether a group is for them; and presets."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from community.errors import FieldError, Invalid

PRESETS: dict[str, str] = {
    "chronic-illness": "Living with a long-term illness",
    "mental-health": "Mental health",
    "addiction-and-recovery": "Addiction and recovery",
    "eating-disorder": "Eating disorders",
    "carers": "Carers",
    "bereavement": "Bereavement",
    "young-people": "Young people (18 to 25)",
}
"""Ids are those of the pipeline's rule packs."""

NAME_CHARS_MAX = 80
CARD_FIELD_CHARS_MAX = 600
GUIDELINES_CHARS_MAX = 10_000

DEFAULT_GUIDELINES = """\
- Speak from your own experience. What helps you may not help others.
- What people share here stays here.
- Be kind. Ask before you advise. Don't argue with how someone feels.
- Leave out amounts, methods and numbers that may hurt others.
- Don't tell anyone to stop or change their medicine. That is for them and their doctor.
- If you are worried about someone, press "I'm worried about them". It never counts against them.
"""


class Card(msgspec.Struct, frozen=True, omit_defaults=False, forbid_unknown_fields=True):
    """What product.md's group card holds. Free text unless a choice is named."""

    purpose: str = ""
    for_whom: str = ""
    led_by: Literal["peers", "professionals", "both", ""] = ""
    format: Literal["structured", "open", ""] = ""
    runs: Literal["ongoing", "dated", ""] = ""
    runs_until: str = ""
    moderation_hours: str = ""
    languages: list[str] = []
    access_needs: str = ""
    likely_triggers: list[str] = []


class GroupSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group's own switches on top of its preset's rule pack (moderation/pipeline/types.GroupRules)."""

    premoderate_first: int = 0  # a newcomer's first so many messages wait for a person (0..20)
    profanity: Literal["allow", "mask", "ask_to_edit"] | None = None
    contact_details: Literal["allow", "mask", "ask_to_edit"] | None = None
    links: Literal["allow", "newcomers_held", "hold"] | None = None
    languages: list[str] | None = None
    own_terms: list[str] | None = None
    opinion: bool | None = None


def check_card(given: dict[str, Any]) -> dict[str, Any]:
    """The card with every field there. Raises Invalid naming what doesn't fit."""
    card = _convert(given, Card, "card")
    texts = {k: v for k, v in card.items() if isinstance(v, str)} | {
        k: "".join(v) for k, v in card.items() if isinstance(v, list)
    }
    for name, text in texts.items():
        if len(text) > CARD_FIELD_CHARS_MAX:
            raise _invalid(f"card.{name}", f"At most {CARD_FIELD_CHARS_MAX} characters, please.")
    return card


def check_settings(given: dict[str, Any]) -> dict[str, Any]:
    """A group's switches; only those that were set are kept, so that a preset's change reaches the rest."""
    settings = {k: v for k, v in _convert(given, GroupSettings, "settings").items() if v is not None}
    if not 0 <= settings["premoderate_first"] <= 20:
        raise _invalid("settings.premoderate_first", "From 0 to 20 messages.")
    if len(settings.get("own_terms", [])) > 500 or any(len(t) > 80 for t in settings.get("own_terms", [])):
        raise _invalid("settings.own_terms", "At most 500 terms of 80 characters.")
    return settings


def _convert(given: dict[str, Any], kind: Any, path: str) -> dict[str, Any]:
    try:
        value: dict[str, Any] = msgspec.to_builtins(msgspec.convert(given, kind))
    except msgspec.ValidationError as why:
        say, _, where = str(why).partition(" - at `$")
        raise _invalid(f"{path}{where.strip('`')}", say) from None
    return value


def _invalid(field: str, say: str) -> Invalid:
    return Invalid(say, fields=(FieldError(field, say),))
