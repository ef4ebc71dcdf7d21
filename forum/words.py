"""The forum's fixed choices, put into words for people: what a writer needs, and common content warnings."""

from __future__ import annotations

from community.web.words import _
from forum.store.lists import Filter
from forum.store.threads import Needs

NEEDS: tuple[Needs, ...] = ("listen", "ideas", "stories", "celebrate")
FILTERS: tuple[Filter, ...] = ("all", "unanswered", "unread", "followed", "mine")
WARNINGS = (
    "self-harm",
    "suicide",
    "food and weight",
    "alcohol and drugs",
    "violence or abuse",
    "medical detail",
    "death and loss",
)


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


def filter_name(name: str) -> str:
    return {
        "all": _("All"),
        "unanswered": _("No answer yet"),
        "unread": _("New to me"),
        "followed": _("I follow"),
        "mine": _("Mine"),
    }[name]


def warning(text: str) -> str:
    """A warning from the list in the reader's language; people's own ones as they wrote them."""
    known = {
        "self-harm": _("self-harm"),
        "suicide": _("suicide"),
        "food and weight": _("food and weight"),
        "alcohol and drugs": _("alcohol and drugs"),
        "violence or abuse": _("violence or abuse"),
        "medical detail": _("medical detail"),
        "death and loss": _("death and loss"),
    }
    return known.get(text, text)


def need_choices() -> list[tuple[str, str, str]]:
    """For a form: value, words, hint."""
    return [("", _("I don't mind"), ""), *((n, need(n), need_hint(n)) for n in NEEDS)]
