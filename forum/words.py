"""The forum's fixed choices, put into words for people: what a writer needs, and common content warnings."""

from __future__ import annotations

from community.web.words import _
from forum.store.lists import Filter
from forum.store.threads import Needs

NEEDS: tuple[Needs, ...] = ("listen", "ideas", "stories", "celebrate")
FILTERS: tuple[Filter, ...] = ("all", "unanswered", "unread", "followed", "mine", "warned")


def need(name: str) -> str:
    """What someone who opens a thread would like from others."""
    return {
        "listen": _("Just listen"),
        "ideas": _("Ideas welcome"),
        "stories": _("Share your stories"),
        "celebrate": _("Celebrate with me"),
    }[name]


def need_hint(name: str) -> str:
    return {
        "listen": _("I want to be heard. No advice, please."),
        "ideas": _("Tell me what helped you."),
        "stories": _("I would like to know how it was for you."),
        "celebrate": _("Something went well!"),
    }[name]


def need_for_readers(name: str) -> str:
    """What would help the one who opened the thread, said to whoever answers."""
    return {
        "listen": _("They would like to be heard. No advice, please, unless they ask for it."),
        "ideas": _("They would like to know what helped you."),
        "stories": _("They would like to hear how it was for you."),
        "celebrate": _("Something went well for them: celebrate with them."),
    }[name]


def why_closed(why: str) -> tuple[str, str]:
    """Why somebody can't answer in a thread, and what they can do instead: two sentences."""
    return {
        "not_a_member": (
            _("You are reading along."),
            _("To answer, join the group; you can leave it at any time."),
        ),
        "guidelines": (
            _("The guidelines of the group have changed."),
            _("Please look at them once; then you can write again. Nobody has complained about you."),
        ),
        "companion": (
            _("You are here as a companion: you can read along."),
            _("To say something, ask a facilitator of the group for a speaking seat."),
        ),
        "muted": (
            _("You are asked to pause. You can read everything and write again later."),
            _("If you think this is wrong, ask a person under Letters."),
        ),
        "read_only": (
            _("A moderator has closed this thread for answers. You can still read it."),
            _("You can open a thread of your own on the board."),
        ),
    }.get(why, (_("You can't write here now."), _("You can ask a person of the team why.")))


def filter_name(name: str) -> str:
    return {
        "all": _("All"),
        "unanswered": _("No answer yet"),
        "unread": _("New to me"),
        "followed": _("I follow"),
        "mine": _("Mine"),
        "warned": _("With a warning"),
    }[name]


def need_choices() -> list[tuple[str, str, str]]:
    """For a form: value, words, hint."""
    return [("", _("I don't mind"), ""), *((n, need(n), need_hint(n)) for n in NEEDS)]
