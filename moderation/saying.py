"""Cases in words for the desk: what rules are about, what happened, what a state and a tier mean.

Only families of rules are named here; a rule's own sentence stands on its finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from community.web import dates
from community.web.words import _
from moderation.store.cases import CaseRow

_FAMILIES = {
    "ideation": "thoughts of death or suicide",
    "intent": "an intent to die",
    "indirect": "a goodbye or preparation",
    "attempt": "an attempt or overdose",
    "method": "a way to die",
    "self_harm": "self-harm",
    "medical": "a medical emergency",
    "substances": "danger with drugs or alcohol",
    "eating": "danger from not eating",
    "abuse": "abuse",
    "child": "a child at risk",
    "violence": "violence or danger from someone",
    "voices": "voices that command",
    "others": "worry about someone else",
    "distress": "deep distress",
    "low": "a low time",
    "plain": "words that call for help",
    "languages": "words in a language without a rule pack",
    "pii": "contact details",
    "people": "someone's identity",
    "contact": "contact details",
    "slur": "a slur",
    "threat": "a threat",
    "harassment": "harassment",
    "profanity": "swearing",
    "spam": "advertising or spam",
    "trade": "selling or sourcing",
    "medicine": "advice to stop a medicine, or a cure",
    "links": "a link",
    "outreach": "research or press looking for people",
    "mention": "a word the group wants to look at",
}
_WHOLE = {"conduct.abuse": "harsh words", "safety": "detail that may hurt readers"}

_ACTS = {
    "opened": "A rule or a person opened this case",
    "joined": "More words of the same situation came in",
    "paged": "Somebody was paged",
    "claimed": "took the case",
    "released": "gave the case back",
    "noted": "wrote a note",
    "spoke": "wrote to the person",
    "decided": "decided",
    "escalated": "Raised to a higher tier",
    "appealed": "The author disagreed",
    "withdrew": "The author took the message back",
    "followingup": "planned to ask again",
    "closed": "Closed",
}
_STATES = {
    "open": "nobody has it",
    "paged": "people were paged",
    "acknowledged": "someone has it",
    "with_person": "with the person",
    "following_up": "following up",
    "claimed": "someone has it",
    "decided": "decided",
    "appealed": "the author disagrees",
    "closed": "closed",
}
TIER_NAMES = {"crisis": "Crisis", "red": "Red", "amber": "Amber", "green": "Green"}


def summary(rules: Iterable[str]) -> str:
    """One line on what a case may be about, without anyone's words."""
    named = dict.fromkeys(family(rule) for rule in sorted(rules))
    return ", ".join(named) or _("reported by a person")


def family(rule: str) -> str:
    """What a rule is about: `care.intent.tonight` is "an intent to die"."""
    parts = rule.split(".")
    for length in (2, 1):
        whole = _WHOLE.get(".".join(parts[:length]))
        if whole:
            return _(whole)
    key = parts[1] if len(parts) > 1 else parts[0]
    return _(_FAMILIES[key]) if key in _FAMILIES else key.replace("_", " ")


def act_name(act: str) -> str:
    return _(_ACTS.get(act, act))


def state_name(state: str) -> str:
    return _(_STATES.get(state, state))


def clock_words(row: CaseRow, now: datetime) -> tuple[str, bool]:
    """How long until somebody must act, and whether that time has passed."""
    due = row.case.due_at
    if due is None:
        return "", False
    if due <= now:
        return _("late by %s") % dates.length(now - due), True
    return _("within %s") % dates.length(due - now), False
