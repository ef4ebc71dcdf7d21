"""A statement of reasons, kindly: what changed and why, what stays, and what the author can do now.

Pure words from ids: nothing here names a reporter or quotes anyone. The pattern is care.md's: thank you, what
changed and why in one line, what stays, then edit, ask or disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from moderation.casework.acts import Decision
from moderation.casework.clocks import SHIPPED, Times
from moderation.pipeline.words import author_sentence

_CHANGED: dict[str, str] = {
    "remove": "A person took your message down.",
    "mask": "A person hid a part of your message from others.",
    "publish": "A person read your message, and others can see it.",
    "close": "A person read your message and left it as it is.",
    "repair": "A person asks you to change a part of your message, so that it can stay.",
}
_STAYS: dict[str, str] = {
    "remove": "You are welcome here, and nothing else of yours was touched.",
    "mask": "Everything else that you said stays as you said it.",
    "publish": "Nothing was changed.",
    "close": "Nothing was changed.",
    "repair": "Everything else can stay as you said it.",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One decision as its author hears it. `appeal_until` is None where there is nothing to disagree with."""

    case_id: UUID
    message_id: UUID | None
    decision: Decision
    rule: str
    at: datetime
    say: tuple[str, ...]
    appeal_until: datetime | None


def statement(
    case: UUID,
    message: UUID | None,
    decision: Decision,
    *,
    rule: str,
    at: datetime,
    times: Times = SHIPPED,
) -> Statement:
    """The decision in words. `rule` is a rule's id, or "person" where a person weighed it; `times`: the clocks
    that it was made under."""
    changed = decision in ("remove", "mask")
    why = author_sentence(rule) if rule not in ("person", "for_good") else ""
    say = ["Thank you for writing here; a person read it.", _CHANGED[decision]]
    if changed:
        say.append(why or "It may hurt somebody who reads it, though you may not have meant that.")
    say.append(_STAYS[decision])
    if changed:
        say.append("You can change it and send it again, ask a person, or say that you see it differently.")
    until = at + times.appeal_window if changed else None
    return Statement(case, message, decision, rule, at, tuple(say), until)


def still_open(made: Statement, now: datetime) -> bool:
    """Whether the author may still disagree."""
    return made.appeal_until is not None and made.appeal_until - now > timedelta()
