"""What a page says. No message text, no handle, no group, no condition: it may be read on a locked screen."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from community.ids import PageId
from moderation.oncall.channels import Letter

_SUBJECTS: dict[str, str] = {
    "page": "On call: please answer",
    "no_words": "On call: nobody has written yet",
    "checklist": "On call: no answer from the person",
    "test": "On call: test page",
    "test_missed": "On call: a test page stayed unanswered",
    "lead_now": "On call: you go first now",
    "gap": "On call: hours without anybody",
    "complaint": "On call: a report about whoever leads",
    "canary": "On call: the daily test",
    "answered": "On call: somebody has it",
}
_BODIES: dict[str, str] = {
    "page": "Someone may need help {when}. Open this and press the button, so that others know you have it.",
    "no_words": "This was acknowledged, but no words to the person followed. Please take it over.",
    "checklist": "Somebody wrote to the person, and no answer came. Please go through the emergency checklist.",
    "test": "Your shift begins. Nothing has happened: please press the button, so that we know pages reach you.",
    "test_missed": "A shift began and its test page stayed unanswered. Whoever is second goes first now.",
    "lead_now": "The person before you didn't answer their test page. Pages come to you first until they do.",
    "gap": "There are hours in the next seven days in which nobody is on duty. Please look at the roster.",
    "complaint": "Somebody reported whoever leads there, and nobody inside may read it. Open this: it is there.",
    "canary": "A made-up page, sent once a day to prove that pages arrive. There is nothing to do.",
    "answered": "Somebody answered this page. There is nothing to do.",
}
_WHEN = {"crisis": "now", "red": "soon"}


def letter(id: UUID, page: PageId, words: str, tier: str, link: str, at: datetime) -> Letter:
    """The letter for these words. `tier` says how urgent and nothing about whom."""
    if words in ("test", "test_missed", "lead_now", "canary"):
        severity: Literal["crisis", "red", "test", "fault"] = "test"
    elif words in ("gap", "complaint"):
        severity = "fault"
    else:
        severity = "crisis" if tier == "crisis" else "red"
    rings = severity == "crisis" and words not in ("checklist", "answered")
    subject = _SUBJECTS[words] + (" (crisis)" if rings else "")
    body = _BODIES[words].format(when=_WHEN.get(tier, "soon"))
    event: Literal["page", "answered"] = "answered" if words == "answered" else "page"
    return Letter(id, page, severity, subject, body, link, at, event)
