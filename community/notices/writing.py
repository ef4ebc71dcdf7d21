"""The mail that tells of news: no word that anybody wrote, no name, no group, nothing to say what this place is.

Plain and HTML say the same, in the member's language. No picture, no tracking: the one link leads to signing in
and then to the page of notices. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from html import escape
from typing import Literal
from uuid import UUID

from community.mail import Post
from community.web.words import _, direction, several, speaking

PLACE = "/me/notices"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One mail, before it has words. `id` is the same at every try."""

    id: UUID
    kind: Literal["news", "digest"]
    to: str
    language: str
    counts: Mapping[str, int]
    at: datetime


def write(mail: Outgoing, post: Post, *, base: str, unsubscribe: str) -> EmailMessage:
    """The mail. `base`: where people reach this server; `unsubscribe`: the token."""
    stop = f"{base}/unsubscribe/{unsubscribe}"
    with speaking(mail.language) as language:
        lines = _lines(mail)
        made = EmailMessage()
        made["From"], made["To"] = post.sender, mail.to
        made["Subject"] = _("News from someone you know")
        made["Date"] = mail.at
        made["Message-ID"] = f"<{mail.id}@{post.domain}>"
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        made["List-Unsubscribe"] = f"<{stop}>"  # RFC 8058
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        made.set_content(_plain(lines, f"{base}{PLACE}", stop))
        made.add_alternative(_html(lines, f"{base}{PLACE}", stop, language), subtype="html")
        made["Content-Language"] = language  # last: an alternative takes earlier Content- fields into a part
    return made


def _lines(mail: Outgoing) -> list[str]:
    if mail.kind == "news":
        return [_("There is news for you.")]
    said = {
        "reply": several("%d answer to you", "%d answers to you", mail.counts.get("reply", 0)),
        "mention": several("You were mentioned %d time", "You were mentioned %d times", mail.counts.get("mention", 0)),
        "follow": several("%d new message that you follow", "%d new messages that you follow",
                          mail.counts.get("follow", 0)),
        "answer": several("%d letter to you", "%d letters to you", mail.counts.get("answer", 0)),
        "decision": several("%d note about something of yours", "%d notes about something of yours",
                            mail.counts.get("decision", 0)),
    }  # fmt: skip
    return [_("Since last time:")] + [
        "– " + words % mail.counts[kind] for kind, words in said.items() if mail.counts.get(kind)
    ]


def _plain(lines: list[str], place: str, stop: str) -> str:
    return "\n".join(
        [*lines, "", _("Sign in to see it:"), place, "", "--", _("No more mail like this:"), stop, ""]
    )


def _html(lines: list[str], place: str, stop: str, language: str) -> str:
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        f'<!doctype html><html lang="{escape(language)}" dir="{direction(language)}">'
        f'<head><meta charset="utf-8"><title>{escape(_("News from someone you know"))}</title></head><body>'
        f'{said}<p><a href="{escape(place)}">{escape(_("Sign in to see it"))}</a></p><hr>'
        f'<p><small><a href="{escape(stop)}">{escape(_("No more mail like this"))}</a></small></p></body></html>'
    )
