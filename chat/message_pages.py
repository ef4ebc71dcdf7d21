"""One message of a room with what can be done about it: react, edit, take back, tell a person; and its card."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from starlette.responses import Response

from chat import visits, words
from chat.meetings import Meetings
from chat.rooms import Rooms
from chat.talk import Talk
from community.clock import Clock
from community.database import Database
from community.errors import FieldError, Invalid
from community.ids import ConversationId, MessageId
from community.people import People
from community.rulings import Ruling
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.flags import Flags
from moderation.gate.edits import REACTIONS
from moderation.gate.gate import Gate
from moderation.gate.standing_cards import StandingCards
from moderation.gate.submissions import Edit

_KINDS: dict[str, Literal["worried", "breaks_a_rule"]] = {
    "worried": "worried",
    "breaks_a_rule": "breaks_a_rule",
}


@dataclass(frozen=True, slots=True)
class RoomParts:
    """What the rooms' pages work with, made once at assembly."""

    rooms: Rooms
    meetings: Meetings
    talk: Talk
    gate: Gate
    flags: Flags
    people: People
    cards: StandingCards
    database: Database
    clock: Clock
    zone: ZoneInfo  # the house's own


class Home(Protocol):
    """The conversation that a message stands in: a room or a pairing."""

    @property
    def id(self) -> ConversationId: ...

    @property
    def href(self) -> str: ...


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """Where a message stands, for one who may read there; `trail` leads to it, `back` says so."""

    room: Home
    may_write: Ruling
    trail: tuple[tuple[str, str], ...]
    back: str


class MessagePages:
    """`base`: the path of the conversation's page; `look` finds the conversation, or raises NotFound."""

    def __init__(self, parts: RoomParts, base: str, look: Callable[[Visit], Awaitable[MessagePlace]]) -> None:
        self._base = base
        self._look = look
        self._talk = parts.talk
        self._gate = parts.gate
        self._flags = parts.flags
        self._cards = parts.cards

    def pages(self) -> list[Page]:
        message = self._base + "/messages/{message}"
        return [
            Page("GET", message, self.message),
            Page("POST", message + "/edit", self.edit, again=self.message),
            Page("POST", message + "/withdraw", self.withdraw),
            Page("POST", message + "/react", self.react),
            Page("POST", message + "/flag", self.flag, again=self.message),
            Page("POST", message + "/card", self.put_card_away),
        ]

    async def message(self, visit: Visit) -> Response:
        place = await self._look(visit)
        line = await self._talk.one(visits.eye(visit), place.room.id, MessageId(visit.id("message")))
        return visit.render(
            "chat/message.html",
            room=place.room,
            trail=place.trail,
            back=place.back,
            line=line,
            may_write=place.may_write,
            nonce=visits.nonce(visit),
            support=visits.support_in(visit),
            findings=visits.findings_in(visit),
            kind=visit.query.get("kind", ""),
            reactions=REACTIONS,
        )

    async def edit(self, visit: Visit) -> Response:
        form, message = await visit.form(), MessageId(visit.id("message"))
        sent = await self._gate.edit(
            Edit(visit.signed().member_id, message, form.get("nonce"), form.get("body"))
        )
        onward = self._place(visit, message)
        if sent.support is not None:
            return visit.render("support_page.html", support=sent.support, onward=onward)
        return visit.redirect(onward, say=words.said_of(sent))

    async def withdraw(self, visit: Visit) -> Response:
        await self._gate.edits.withdraw(visit.signed().member_id, MessageId(visit.id("message")))
        say = _("It is off every screen. If something is heavy right now, you can still talk to a person.")
        return visit.redirect(self._href(visit), say=say)

    async def react(self, visit: Visit) -> Response:
        form, message = await visit.form(), MessageId(visit.id("message"))
        await self._gate.edits.react(
            visit.signed().member_id, message, form.get("emoji"), on=form.get("on") == "1"
        )
        return visit.redirect(self._place(visit, message))

    async def flag(self, visit: Visit) -> Response:
        form, message = await visit.form(), MessageId(visit.id("message"))
        kind = _KINDS.get(form.get("kind"))
        if kind is None:
            say = _("Please choose one of the two.")
            raise Invalid(say, fields=(FieldError("kind", say),))
        flagged = await self._flags.flag(visit.signed().member_id, message, kind, form.get("note"))
        onward = self._place(visit, message)
        if flagged.support is not None:
            return visit.render("support_page.html", support=flagged.support, onward=onward)
        return visit.redirect(onward, say=_("Thank you for looking out. A person will read this."))

    async def put_card_away(self, visit: Visit) -> Response:
        """The card is gone for good; the case behind it, if there is one, is none of this page's business."""
        message = MessageId(visit.id("message"))
        await self._cards.put_away(visit.signed().member_id, message)
        return visit.redirect(self._place(visit, message))

    def _href(self, visit: Visit) -> str:
        return self._base.replace("{id}", str(visit.id("id")))

    def _place(self, visit: Visit, message: MessageId) -> str:
        """The conversation, at this message."""
        return f"{self._href(visit)}#m-{message}"
