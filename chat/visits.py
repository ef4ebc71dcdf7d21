"""What the rooms' pages read off a visit: ids, numbers, who looks, and what a refusal brought with it."""

from __future__ import annotations

from chat.talk import Eye
from community.errors import BadRequest
from community.ids import ConversationId, MessageId, parse_id
from community.tokens import new_token
from community.web import dates
from community.web.visit import Visit
from moderation.gate.support import SupportCard


def eye(visit: Visit) -> Eye:
    who = visit.signed()
    return Eye(who.member_id, dates.zone(who.time_zone), who.handle)


def required_room(visit: Visit) -> ConversationId:
    """The room in the path. Raises NotFound for what is no id."""
    return ConversationId(visit.id("id"))


def message_id(text: str) -> MessageId | None:
    """The message that a form or link names; None for no text. Raises BadRequest for what is no id."""
    if not text:
        return None
    value = parse_id(text)
    if value is None:
        raise BadRequest("We couldn't find the message that you answer. Please choose it again.")
    return MessageId(value)


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def nonce(visit: Visit, of_draft: str = "") -> str:
    """The form's nonce, so that sending it twice is once; else that of the draft which goes on here; a fresh
    one where the old one was used up."""
    used_up = visit.problem is None or visit.problem.code == "conflict"
    if visit.problem is None and of_draft:
        return of_draft
    return (not used_up and visit.values.get("nonce")) or new_token()


def support_in(visit: Visit) -> SupportCard | None:
    """The card that came with a refusal."""
    card = visit.problem.extra.get("support") if visit.problem else None
    return card if isinstance(card, SupportCard) else None


def findings_in(visit: Visit) -> list[str]:
    """The sentences for the author about what should be changed, each once."""
    found = visit.problem.extra.get("findings") if visit.problem else None
    if not isinstance(found, list):
        return []
    return list(dict.fromkeys(str(f["sentence"]) for f in found if isinstance(f, dict) and f.get("sentence")))
