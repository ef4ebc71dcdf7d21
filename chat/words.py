"""Sentences of the rooms' pages: what became of a message, warnings, and why one can't write and what one can do."""

from __future__ import annotations

from dataclasses import dataclass

from community.rulings import Ruling
from community.web.words import _
from moderation.gate.submissions import Sent


@dataclass(frozen=True, slots=True)
class Closed:
    """Why somebody can't write in a room now, and what they can do instead: sentences and links."""

    title: str
    say: str
    ways: tuple[tuple[str, str], ...]


def said_of(sent: Sent) -> str:
    """What became of a message, in words for its author; empty when there is nothing to add."""
    if sent.outcome == "hold":
        return _("Thank you. A person reads this before others can see it. You see it here already.")
    if sent.masked:
        return _("It is there. One part is hidden from others, for their safety. You still see your words.")
    if sent.help:
        return _("It is there. If today is hard: “I need help now” at the top is always there for you.")
    return ""


def closed(ruling: Ruling, slug: str, *, needs_facilitator: bool) -> Closed | None:
    """None where one may write. Whatever the reason, there is somebody to talk to."""
    if ruling.allowed or ruling.refusal is None:
        return None
    group = f"/groups/{slug}"
    help_now = (_("Helplines, at any hour"), "/help-now")
    boards = (_("Write on a board instead"), f"{group}/boards")
    match ruling.why:
        case "not_a_member":
            return Closed(
                _("You are reading along"),
                _("To write here, join the group. You can leave again at any time."),
                ((_("Join the group"), group), help_now),
            )
        case "guidelines":
            return Closed(
                _("The guidelines have changed"),
                _("Please look at them once; then you can write again. Nobody has complained about you."),
                ((_("Read the guidelines"), f"{group}#guidelines"), help_now),
            )
        case "companion":
            return Closed(
                _("You are here as a companion"),
                _(
                    "You can read along. To say something, ask a facilitator of the group for a speaking seat."
                ),
                ((_("To the group"), group), help_now),
            )
        case "muted":
            return Closed(
                _("You are asked to pause"),
                _("You can read everything and write again later. If you think this is wrong, ask a person."),
                ((_("Ask a person, or disagree"), "/letters"), help_now),
            )
        case "read_only" if needs_facilitator:
            return Closed(
                _("No facilitator is here at the moment"),
                _("This room is open for writing while a trained facilitator is in it, and you can read it at "
                  "any time. It opens by itself when one comes."),
                (boards, help_now),
            )  # fmt: skip
        case "read_only":
            return Closed(
                _("This room is read-only at the moment"),
                _("A moderator has closed it for writing. You can still read everything that was said."),
                (boards, help_now),
            )
    return Closed(
        _("You can't write here now"), _(ruling.refusal.say), ((_("To the group"), group), help_now)
    )
