"""The one line at the top of a case: what to do next, and how long there is. For whoever is tired.

Pure, from the case's state, its history and the clocks; words are whole sentences in the reader's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.ids import MemberId
from community.web import dates
from community.web.words import _
from moderation.casework.case import Case
from moderation.pipeline.types import Tier

TAKE = "take"
LETTER, LADDER, ASK_AGAIN, DECIDE, CLOSE, WORDS = "letter", "ladder", "ask-again", "decide", "close", "words"
CHECKLIST, SIGNATURES = "checklist", "signatures"


@dataclass(frozen=True, slots=True)
class Step:
    """`at` names the place of the page (or of the page for two people) where it is done."""

    say: str
    at: str = ""
    label: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the line is made from. `acts` are the names of what happened, oldest first; `person` and `holder` are
    handles; `follow_ups` are the states of what is planned."""

    case: Case
    me: MemberId
    now: datetime
    person: str = ""
    gone: bool = False
    holder: str = ""
    acts: Sequence[tuple[str, bool]] = ()
    """Name, and whether it was a clock's (nobody's)."""
    follow_ups: Sequence[str] = ()
    wants_follow_ups: bool = False
    held_words: bool = False
    asks_me: bool = False


def next_step(facts: Facts) -> Step:
    """What this person should do next here."""
    case = facts.case
    if case.state == "closed":
        return Step(_("Nothing: this case is closed. If something new comes, it opens again by itself."))
    if facts.asks_me:
        say = _("A colleague waits for your word on a step that needs two people.")
        return Step(say, SIGNATURES, _("Look at it"))
    holder = case.held_by(facts.now)
    if holder is not None and holder != facts.me:
        say = _("%(who)s has this case. Nothing for you, unless they ask.")
        return Step(say % {"who": facts.holder or _("Someone")})
    if case.lane == "conduct":
        return _conduct(facts)
    if facts.gone:
        return Step(
            _("This person has left. Close the case when nothing is left to do."), CLOSE, _("Close it")
        )
    if holder is None and case.state in ("open", "paged", "acknowledged"):
        return _take(facts)
    if case.state in ("open", "paged", "acknowledged"):
        return _write(facts)
    return _with_person(facts)


def _take(facts: Facts) -> Step:
    case, clocks = facts.case, facts.case.times.of(facts.case.tier)
    left = case.raised_at + clocks.acknowledge - facts.now
    if left <= timedelta():
        say = _("Take the case now: %(who)s has waited for %(long)s, and nobody has it.")
        return Step(
            say % {"who": _name(facts), "long": dates.length(facts.now - case.raised_at)}, TAKE, late=True
        )
    say = _("Take the case: %(left)s left of %(all)s until somebody should have it.")
    return Step(say % {"left": dates.length(left), "all": dates.length(clocks.acknowledge)}, TAKE)


def _write(facts: Facts) -> Step:
    case, words = facts.case, facts.case.times.of(facts.case.tier).words
    left = case.raised_at + words - facts.now
    if left <= timedelta():
        say = _("Write to %(who)s now: %(all)s for human words are over, by %(late)s.")
        made = say % {"who": _name(facts), "all": dates.length(words), "late": dates.length(left)}
        return Step(made, LETTER, _("Write"), late=True)
    say = _("Write to %(who)s: %(left)s left of %(all)s for human words.")
    made = say % {"who": _name(facts), "left": dates.length(left), "all": dates.length(words)}
    return Step(made, LETTER, _("Write"))


def _with_person(facts: Facts) -> Step:
    talk = [
        act
        for act, by_clock in facts.acts
        if act in ("spoke", "answered") or (act == "escalated" and by_clock)
    ]
    if talk and talk[-1] == "answered":
        return _answer(facts)
    if "spoke" in talk and talk[-1] == "escalated" and facts.case.tier is Tier.crisis:
        say = _("No answer from %(who)s. Go through the emergency checklist now; the lead was asked too.")
        return Step(say % {"who": _name(facts)}, CHECKLIST, _("Open the checklist"), late=True)
    if facts.case.ladder is None:
        return _while_waiting(facts)
    if facts.held_words:
        return Step(
            _("A message of theirs is still held: decide whether others may read it."), DECIDE, _("Decide")
        )
    if "asked" in facts.follow_ups:
        say = _("It is time to ask %(who)s again how they are.")
        return Step(say % {"who": _name(facts)}, LETTER, _("Write"))
    if facts.case.tier is Tier.crisis and facts.case.state == "with_person":
        return _wait(facts)
    if facts.wants_follow_ups and not {"waiting", "done"} & set(facts.follow_ups):
        say = _("Plan to ask %(who)s again tomorrow and in three days; they agreed to that.")
        return Step(say % {"who": _name(facts)}, ASK_AGAIN, _("Plan it"))
    if "waiting" in facts.follow_ups:
        return Step(
            _("Nothing now: asking again is planned. Leave a hand-over note for the next person."), "note"
        )
    return Step(_("When %(who)s is safe, close the case and say how it ended.") % {"who": _name(facts)}, CLOSE,
                _("Close it"))  # fmt: skip


def _answer(facts: Facts) -> Step:
    due = facts.case.due_at
    if due is None or due <= facts.now:
        say = _("%(who)s has written back and waits. Answer now.")
        return Step(say % {"who": _name(facts)}, LETTER, _("Answer"), late=True)
    say = _("%(who)s has written back. Answer within %(left)s.")
    made = say % {"who": _name(facts), "left": dates.length(due - facts.now)}
    return Step(made, LETTER, _("Answer"))


def _while_waiting(facts: Facts) -> Step:
    say = _("While you wait for %(who)s: say how far it has gone, as you heard it.")
    return Step(say % {"who": _name(facts)}, LADDER, _("How far"))


def _wait(facts: Facts) -> Step:
    due = facts.case.due_at
    left = due - facts.now if due is not None and due > facts.now else timedelta()
    say = _("Wait for %(who)s to answer. After %(left)s more without a word, the lead is asked, and the emergency "
            "checklist is next.")  # fmt: skip
    return Step(say % {"who": _name(facts), "left": dates.length(left)}, CHECKLIST, _("See the checklist"))


def _conduct(facts: Facts) -> Step:
    case, now = facts.case, facts.now
    left = dates.length(case.due_at - now) if case.due_at is not None and case.due_at > now else ""
    late = not left
    if case.state == "appealed":
        if facts.me in (case.decided_by, case.appealed_by):
            return Step(_("Nothing for you: somebody else answers the disagreement."))
        say = (
            _("Answer the disagreement: %(left)s left.")
            if left
            else _("Answer the disagreement now: it is late.")
        )
        return Step(_fill(say, left), DECIDE, _("Answer"), late)
    if case.state == "decided":
        return Step(
            _fill(_("Nothing: it is decided. The author may disagree for %(left)s more."), left or "0")
        )
    asked = [act for act, _by_clock in facts.acts if act in ("repairasked", "repaired")]
    if asked and asked[-1] == "repairasked" and left:
        return Step(_fill(_("Wait: the author was asked to change it and has %(left)s more."), left))
    if asked and asked[-1] == "repaired":
        return Step(_("The author has changed it. Read it again and decide."), DECIDE, _("Decide"), late)
    if left:
        return Step(
            _fill(_("Read the message and decide: %(left)s left of a day."), left), DECIDE, _("Decide")
        )
    return Step(_("Read the message and decide now: the day for it is over."), DECIDE, _("Decide"), late=True)


def _fill(say: str, left: str) -> str:
    return say % {"left": left} if "%(left)s" in say else say


def _name(facts: Facts) -> str:
    return facts.person or _("the person")
