"""Cases in words for the desk: what rules are about, what happened, what a state and a tier mean.

Only families of rules are named here; a rule's own sentence stands on its finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import get_args

from community.web import dates
from community.web.words import _
from moderation.casework.acts import Rung, When
from moderation.store.cases import CaseRow

_FAMILIES = {
    "abuse": "danger from someone",
    "act_part": "an act that is announced",
    "alone": "feeling alone",
    "amount": "an amount",
    "attempt": "an attempt or overdose",
    "attempted": "an earlier attempt",
    "carer": "a carer at the end of their strength",
    "child": "a child at risk",
    "child_risk": "a child at risk",
    "context": "an answer that may mean danger",
    "depressed": "low mood",
    "detached": "feeling unreal or far away",
    "distress": "distress",
    "dose": "a wrong dose",
    "eating": "not eating",
    "goodbye": "a goodbye",
    "goodbye_part": "words like a goodbye",
    "hard_day": "a hard day",
    "harm_in_care": "harm to someone in their care",
    "hopeless": "no hope",
    "ideation": "thoughts of death or suicide",
    "indirect": "signs of an ending",
    "intent": "an intent to die",
    "language": "a language without a rule pack",
    "lethality": "a question about what kills",
    "means": "means to hand",
    "means_act_time": "means, an act and a time together",
    "medical": "a medical emergency",
    "method": "a method",
    "minority": "being hurt for who they are",
    "overwhelmed": "too much to bear",
    "plain": "words that call for help",
    "plan": "a plan",
    "preparation": "preparation",
    "relapse": "a relapse",
    "reunion": "wanting to be with the dead",
    "self_harm": "self-harm",
    "self_harm_urge": "an urge to self-harm",
    "self_worth": "feeling worthless",
    "someone_else": "worry about someone else",
    "starvation": "starving",
    "substances": "danger with drugs or alcohol",
    "thought_means_time": "thought, means and time together",
    "unwell": "alone and ill",
    "violence": "violence",
    "voices": "voices that command",
    "voices_coping": "voices",
    "encouragement": "urging someone to die",
    "livestream": "showing it live",
    "pact": "a pact to die",
    "pact_part": "words like a pact",
    "reader": "detail that may hurt readers",
    "sourcing": "where to get means",
    "medicine": "advice to stop a medicine, or a cure",
    "mention": "a word the group wants to look at",
    "outreach": "research or press looking for people",
    "people": "someone's identity",
    "pii": "contact details",
    "profanity": "swearing",
    "spam": "advertising or spam",
    "trade": "selling or sourcing",
    "links": "a link",
    "flood": "a flood of messages",
    "worried": "a person is worried",
    "breaks_a_rule": "a person says that a rule is broken",
    "care": "words that may mean distress",
    "own_term": "a word the group wants to look at",
    "recovery": "amounts or prices in recovery",
    "young": "contact with young people",
}
"""By the second part of a rule's id. A test holds them against the rules that are shipped."""
_WHOLE = {"conduct.abuse": "harsh words", "pack.eating": "numbers that may hurt readers"}


SUMMARY_NAMES_MAX = 4
"""Families in a case's one line; the case itself names them all."""

_SIGNED = {
    "open_contact": "Open the emergency contact",
    "remove_for_good": "Remove a message for good",
    "memorial": "This person has died",
    "erase_case": "Erase this case",
}
_SIGNATURE_STATES = {
    "asked": "waits for a second person",
    "confirmed": "two people agreed",
    "refused": "the second person didn't agree",
    "alone": "done alone: somebody reviews it",
}
_OFFICES = {
    "data_officer": "Data officer: hears of everything that is opened",
    "outsider": "Outsider: looks over what was opened, from outside the team",
    "child_safeguarding": "Child-safeguarding lead: without one, this place is for adults only",
}
_ACTS = {
    "opened": "A rule or a person opened this case",
    "joined": "More words of the same situation came in",
    "paged": "Somebody was paged",
    "claimed": "took the case",
    "released": "gave the case back",
    "noted": "wrote a note",
    "spoke": "wrote to the person",
    "renewed": "stayed with the case",
    "answered": "The person wrote back",
    "supported": "answered in the group",
    "laddered": "said how far it has gone",
    "repairasked": "asked the author for a change",
    "repaired": "The author changed it",
    "merged": "joined another case into this one",
    "split": "gave some messages a case of their own",
    "signed": "took part in a step for two people",
    "decided": "decided",
    "escalated": "Raised to a higher tier",
    "appealed": "The author disagreed",
    "withdrew": "The author took the message back",
    "edited": "The author changed the message",
    "followingup": "planned to ask again",
    "closed": "Closed",
}
_BY_NAME = {
    "opened": "opened this case",
    "joined": "wrote more of the same situation",
    "answered": "wrote back",
    "repaired": "changed it",
    "escalated": "raised it to a higher tier",
    "appealed": "disagreed",
    "withdrew": "took the message back",
    "edited": "changed the message",
    "closed": "closed it",
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
_RUNGS = {
    "wish": "a wish to be dead",
    "thoughts": "thoughts of suicide",
    "method": "a method in mind",
    "intent": "an intent",
    "plan": "a plan",
    "behaviour": "something was prepared or done",
}
_WHENS = {
    "now": "now",
    "days": "in the last days",
    "weeks": "in the last weeks",
    "months": "in the last months",
    "years": "years ago",
    "unknown": "when isn't known",
}
_ENDINGS = {
    "safe_now": "They are safe for now",
    "with_help": "Others are with them: family, doctors, a helpline",
    "handed_over": "Handed over to somebody outside",
    "declined": "They don't want to talk",
    "no_answer": "They didn't answer",
    "not_care": "It was no cry for help: the rule was wrong",
    "no_rule_broken": "No guideline was broken",
    "person": "Something else",
    "outside": "The outside back-up saw to it",
}
_OF_CARE = ("safe_now", "with_help", "handed_over", "declined", "no_answer", "not_care", "person")


def summary(rules: Iterable[str]) -> str:
    """One line on what a case may be about, without anyone's words."""
    # What the weighing put together repeats what was found apart, so it is named only alone.
    found = sorted(rules, key=lambda rule: (rule.startswith("weigh."), rule))
    named = dict.fromkeys(family(rule) for rule in found)
    if len(named) > 1:
        named.pop(family("care.care"), None)  # the vaguest of all says nothing beside another
    return ", ".join(list(named)[:SUMMARY_NAMES_MAX]) or _("reported by a person")


def family(rule: str) -> str:
    """What a rule is about: `care.intent.tonight` is "an intent to die"."""
    parts = rule.split(".")
    whole = _WHOLE.get(".".join(parts[:2]))
    if whole:
        return _(whole)
    key = parts[1] if len(parts) > 1 else parts[0]
    return _(_FAMILIES[key]) if key in _FAMILIES else key.replace("_", " ")


def act_name(act: str, *, by_name: bool = False) -> str:
    """What happened. `by_name`: somebody's name stands before it."""
    named = _BY_NAME.get(act) if by_name else None
    return _(named or _ACTS.get(act, act))


def state_name(state: str) -> str:
    return _(_STATES.get(state, state))


def tier_name(tier: str) -> str:
    return _(TIER_NAMES.get(tier, tier))


def rung_name(rung: str) -> str:
    return _(_RUNGS.get(rung, rung))


def when_name(when: str | None) -> str:
    return _(_WHENS.get(when or "unknown", when or ""))


def signed_name(kind: str) -> str:
    return _(_SIGNED.get(kind, kind))


def signature_state(state: str) -> str:
    return _(_SIGNATURE_STATES.get(state, state))


def office_name(office: str) -> str:
    return _(_OFFICES.get(office, office))


def rungs() -> list[tuple[str, str]]:
    """The ladder, lowest first, as a form's choices."""
    return [(rung, rung_name(rung)) for rung in get_args(Rung)]


def whens() -> list[tuple[str, str]]:
    return [(when, when_name(when)) for when in get_args(When)]


def endings(lane: str) -> list[tuple[str, str]]:
    """How a case of this lane may end, as a form's choices."""
    kinds = _OF_CARE if lane == "care" else ("no_rule_broken", "person")
    return [(kind, _(_ENDINGS[kind])) for kind in kinds]


def due_of(row: CaseRow) -> datetime | None:
    """Until when somebody must have it, or must have written. Asking again moves a late case's own clock on; here
    it stays late, as the person has it."""
    case = row.case
    if case.lane == "conduct" or case.due_at is None:
        return case.due_at
    clocks = case.times.of(case.tier)
    if case.state in ("open", "paged"):
        return min(case.due_at, case.raised_at + clocks.acknowledge)
    return min(case.due_at, case.raised_at + clocks.words) if case.state == "acknowledged" else case.due_at


def clock_words(row: CaseRow, now: datetime) -> tuple[str, bool]:
    """How long until somebody must act, and whether that time has passed."""
    due = due_of(row)
    if due is None:
        return "", False
    if due <= now:
        return _("late by %s") % dates.length(now - due), True
    return _("within %s") % dates.length(due - now), False
