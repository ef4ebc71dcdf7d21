"""What the house says over a socket, in its member's language: refusals, findings for an author, the support card.

The gate speaks English and knows nobody's language; pages translate as they render, and here is the same for
frames. `_` answers in the language that the connection's task speaks (chat/socket.py).
"""

from __future__ import annotations

import msgspec

from community.web.words import _
from moderation.gate.support import CardLine, SupportCard


def card_in_words(card: object) -> object:
    """The card as its member reads it. Names and numbers stay."""
    if not isinstance(card, SupportCard):
        return card
    return msgspec.structs.replace(
        card,
        title=_(card.title),
        say=[_(sentence) for sentence in card.say],
        lines=[_line(line) for line in card.lines],
        next=_(card.next),
        not_emergency=_(card.not_emergency),
    )


def findings_in_words(findings: object) -> object:
    """An author's own findings, with their sentences as the author reads them."""
    if not isinstance(findings, list):
        return findings
    return [
        {**one, "sentence": _(str(one["sentence"]))} if isinstance(one, dict) and one.get("sentence") else one
        for one in findings
    ]


def _line(line: CardLine) -> CardLine:
    return msgspec.structs.replace(line, hours=_(line.hours), text_note=_(line.text_note))
