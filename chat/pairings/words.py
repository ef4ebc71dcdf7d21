"""Sentences of pairings: what both are told beforehand, what one may wish for, and how a pairing stands."""

from __future__ import annotations

from typing import Final, Literal

from chat.pairings.machine import Pairing
from community.ids import MemberId
from community.web.words import _

KNOW_VERSION: Final = 1
"""Of what both are told beforehand; raise it when the meaning changes."""
TOPICS: Final = ("company", "new", "everyday", "hard_days", "close_ones", "treatment", "work")
TIMES: Final = ("mornings", "afternoons", "evenings", "nights", "weekends")

Told = Literal["asked", "accepted", "open", "not_now", "withdrawn", "ended"]


def told_state(pairing: Pairing) -> Told:
    """The state as people are told it: whether somebody said no or nobody answered is one word."""
    match pairing.state:
        case "declined" | "lapsed":
            return "not_now"
        case state:
            return state


def what_to_know(kind: str) -> list[str]:
    """What both are told before they agree (care.md, privacy)."""
    said = [
        _("It is private: the two of you read it, and nobody else looks in."),
        _("A program reads every message by written rules, here as everywhere."),
        _("If someone may be in danger, that message is shown to whoever is on duty."),
        _(
            "More of your talk is opened only with a written reason, for safety, and you hear of it afterwards."
        ),
        _("Either of you can end it at any moment, without a reason. Blocking someone ends it too."),
        _("It is not an emergency service: “I need help now” at the top is always there for you."),
    ]
    if kind == "supporter":
        said[1:1] = [
            _("A peer supporter has been there. The people who lead the group chose them, and one of those "
              "stands behind them. They are no therapist."),
        ]  # fmt: skip
        said[4:4] = [
            _("Your supporter then sees what happens next, so that neither of you is alone with it."),
        ]
    return said


def topic_name(topic: str) -> str:
    return {
        "company": _("Just someone to talk to"),
        "new": _("All of this is new to me"),
        "everyday": _("Getting through the days"),
        "hard_days": _("When it gets dark"),
        "close_ones": _("Family and friends"),
        "treatment": _("Treatment and appointments"),
        "work": _("Work, school and money"),
    }.get(topic, "")


def time_name(time: str) -> str:
    return {
        "mornings": _("Mornings"),
        "afternoons": _("Afternoons"),
        "evenings": _("Evenings"),
        "nights": _("Nights"),
        "weekends": _("Weekends"),
    }.get(time, "")


def standing(pairing: Pairing, me: MemberId) -> str:
    """How it stands, for one who may see it."""
    state = told_state(pairing)
    if state in ("asked", "accepted"):
        if pairing.awaits(me):
            return _("Waits for your answer")
        if pairing.beside is None:
            return _("Nobody has answered yet")
        return _("Waits for an answer")
    return {
        "open": _("Open"),
        "not_now": _("It did not come about this time"),
        "withdrawn": _("Taken back"),
        "ended": _("Ended"),
    }[state]
