"""Fixed choices that rooms, the forum and one's own pages share, put into words: warnings and reactions."""

from __future__ import annotations

from community.web.words import _


def warning_name(name: str) -> str:
    """A content warning of the list in the reader's language; people's own ones as they wrote them."""
    known = {
        "self-harm": _("self-harm"),
        "suicide": _("suicide"),
        "food and weight": _("food and weight"),
        "alcohol and drugs": _("alcohol and drugs"),
        "violence or abuse": _("violence or abuse"),
        "medical detail": _("medical detail"),
        "death and loss": _("death and loss"),
    }
    return known.get(name, name)


def reaction_name(emoji: str) -> str:
    """What a reaction says, for those who hear it."""
    known = {
        "❤️": _("Love"),
        "🤗": _("A hug"),
        "🙏": _("Thank you"),
        "💪": _("Strength"),
        "🌱": _("Hope"),
        "👂": _("I hear you"),
        "😢": _("That is sad"),
        "🎉": _("Hooray"),
    }
    return known.get(emoji, emoji)
