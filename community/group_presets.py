"""What each kind of group switches on, in words; how a group differs from it; and which choices aren't safe.

Pure. The usual values are those of the pipeline (moderation/pipeline/types.GroupRules); a test holds both
together, because the ground may not import what stands on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from community.store.groups import GroupRow
from community.web.words import _

USUAL: Final[Mapping[str, Any]] = {
    "premoderate_first": 0,
    "profanity": "allow",
    "contact_details": "mask",
    "links": "newcomers_held",
}
"""Every preset's value of each switch; packs come on top."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A switch that isn't as the kind of group says. `riskier`: people are protected less than usual."""

    what: str
    now: str
    usually: str
    riskier: bool = False


def switched_on(preset: str) -> str:
    """What a kind of group adds to the rules that everybody has."""
    return {
        "chronic-illness": _("Doses and values may be talked about: they help here. Nothing else is added."),
        "mental-health": _("Nothing is added to the rules that every group has."),
        "addiction-and-recovery": _(
            "Amounts, prices and where to buy are hidden, and praise of using gets a look by a person."
        ),
        "eating-disorder": _(
            "Weights, calories, sizes and other numbers are hidden, and so are comparisons. “100 days” is not."
        ),
        "carers": _("Nothing is added. Wishing for it to be over is heard as what it is: exhaustion."),
        "bereavement": _("Nothing is added. Speaking of the dead is no danger by itself."),
        "young-people": _(
            "Contact details are always hidden, and schools, meetings and questions for private contact get a "
            "look by a person."
        ),
    }.get(preset, "")


def always() -> list[str]:
    """What no setting switches off."""
    return [
        _("Words of danger are read in every group, and a person answers."),
        _("How somebody may be harmed is hidden from readers, never the cry itself."),
        _("Urging somebody to die, pacts and sourcing are kept back until a person looks."),
    ]


def differences(group: GroupRow) -> list[Difference]:
    """The group's own switches that are not as usual."""
    found = []
    for name, usual in USUAL.items():
        value = group.settings.get(name)
        if value is not None and value != usual:
            risky = (name, value) in (("contact_details", "allow"), ("links", "allow"))
            found.append(Difference(_names()[name], _value(name, value), _value(name, usual), risky))
    if group.settings.get("own_terms"):
        count = len(group.settings["own_terms"])
        found.append(Difference(_("Words that this group watches for"), str(count), "0"))
    if group.settings.get("opinion") is False:
        found.append(Difference(_("The statistical second opinion"), _("is off"), _("is on"), riskier=True))
    return found


def unsafe(group: GroupRow) -> list[str]:
    """Choices of this group that protect people less, said plainly."""
    said = []
    settings = group.settings
    if not group.card.get("moderation_hours"):
        said.append(_("The card doesn't say when moderators read. People should know before they write."))
    if settings.get("contact_details") == "allow" and group.preset != "young-people":
        if group.visibility == "public":
            said.append(_("Anyone on the web can read phone numbers and addresses that people write here."))
        else:
            said.append(_("Phone numbers and addresses stay readable. They are what people are hurt with."))
    if settings.get("links") == "allow":
        said.append(_("Links of newcomers are shown at once. That is how selling and scams come in."))
    if settings.get("opinion") is False:
        said.append(_("The second opinion is off: fewer words of quiet distress reach a person."))
    if group.visibility == "public" and group.joining == "open":
        said.append(
            _("Anyone reads along and anyone joins at once. Think of the shyest person who writes here.")
        )
    return said


def _names() -> dict[str, str]:
    return {
        "premoderate_first": _("First messages of a newcomer that wait for a person"),
        "profanity": _("Swearing"),
        "contact_details": _("Phone numbers and addresses"),
        "links": _("Links"),
    }


def _value(name: str, value: object) -> str:
    words = {
        ("profanity", "allow"): _("is allowed"),
        ("profanity", "mask"): _("is hidden"),
        ("profanity", "ask_to_edit"): _("the author is asked to change it"),
        ("contact_details", "allow"): _("are allowed"),
        ("contact_details", "mask"): _("are hidden"),
        ("contact_details", "ask_to_edit"): _("the author is asked to take them out"),
        ("links", "allow"): _("are allowed"),
        ("links", "newcomers_held"): _("of newcomers wait for a person"),
        ("links", "hold"): _("wait for a person"),
    }
    return words.get((name, str(value)), str(value))
