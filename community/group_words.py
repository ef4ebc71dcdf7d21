"""What a group says of itself: its name, card and guidelines, judged like all words.

Judged where they are new, so that a change of settings finds nothing twice; and the words of a form that is turned
away are gathered whole, so that a cry in any of its fields is heard.
"""

from __future__ import annotations

from typing import Any

from community.errors import Invalid
from community.group_forms import GroupForm
from community.judging import Gatekeeper, Judged, Words
from community.store.groups import GroupRow

PLACE = "group_card"


def of_group(group: GroupRow) -> str:
    """All that readers of the group's pages may read, a line each."""
    return "\n".join(_lines((group.name, group.guidelines_text, group.card)))


def of_form(form: GroupForm) -> Words:
    """All that was sent, also where it has no right form."""
    return Words("\n".join(_lines((form.name, form.slug, form.guidelines, form.card))), PLACE)


def judge(gate: Gatekeeper, group: GroupRow, before: GroupRow | None = None) -> Judged | None:
    """What the gate says about new words; None where they are as they were. Raises Invalid for what can't stand."""
    if before is not None and (of_group(before), before.preset) == (of_group(group), group.preset):
        return None
    judged = gate.judge(Words(of_group(group), PLACE, group.preset))
    if judged.is_refused:
        raise Invalid(
            "Please change the words of the card; some of them may hurt people.", code="ask_to_edit"
        )
    return judged


def _lines(value: Any) -> list[str]:
    """Every text in it, in order, however deep."""
    found, left = [], [value]
    while left:
        one = left.pop()
        if isinstance(one, str) and one:
            found.append(one)
        elif isinstance(one, dict):
            left += reversed(one.values())
        elif isinstance(one, list | tuple):
            left += reversed(one)
    return found
