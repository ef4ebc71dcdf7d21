"""Pages of rooms: the live room, one message with what can be done about it, a new room.

Everything works without scripts: words go through a form, new ones come with the next loading. The live
page only spares people the loading; both show the same lines (chat/templates/parts.html).
"""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from starlette.responses import Response

from chat.rooms import RoomForm, Rooms
from chat.store import RoomRow
from chat.talk import Eye, Talk
from community import rulings
from community.clock import Clock
from community.errors import BadRequest, FieldError, Invalid
from community.groups import Actor, Seen
from community.ids import ConversationId, MessageId, parse_id
from community.tokens import new_token
from community.web import dates
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.sections import Entry, GroupSection, GroupSeen
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _, several
from moderation.casework.flags import Flags
from moderation.gate.edits import REACTIONS
from moderation.gate.gate import Gate
from moderation.gate.submissions import Edit, Send, Sent
from moderation.gate.support import SupportCard

WARNINGS = (
    "self-harm",
    "suicide",
    "food and weight",
    "alcohol and drugs",
    "violence or abuse",
    "medical detail",
    "death and loss",
)
_KINDS: dict[str, Literal["worried", "breaks_a_rule"]] = {
    "worried": "worried",
    "breaks_a_rule": "breaks_a_rule",
}


class RoomPages:
    def __init__(self, rooms: Rooms, talk: Talk, gate: Gate, flags: Flags, clock: Clock) -> None:
        self._rooms = rooms
        self._talk = talk
        self._gate = gate
        self._flags = flags
        self._clock = clock

    def pages(self) -> list[Page]:
        message = "/rooms/{id}/messages/{message}"
        return [
            Page("GET", "/groups/{slug}/rooms/new", self.new_room),
            Page("POST", "/groups/{slug}/rooms/new", self.open_room, again=self.new_room),
            Page("GET", "/rooms/{id}", self.room),
            Page("POST", "/rooms/{id}", self.say, again=self.room),
            Page("GET", message, self.message),
            Page("POST", message + "/edit", self.edit, again=self.message),
            Page("POST", message + "/withdraw", self.withdraw),
            Page("POST", message + "/react", self.react),
            Page("POST", message + "/flag", self.flag, again=self.message),
        ]

    async def section(self, who: Signed | None, group: GroupSeen) -> GroupSection | None:
        """The rooms on a group's page."""
        if who is None:
            return None
        _seen, found = await self._rooms.of_group(Actor(who.member_id, who.is_operator), group.slug)
        entries = tuple(
            Entry(
                title=view.room.name,
                href=f"/rooms/{view.room.id}",
                about=view.room.about,
                aside=several("%d new", "%d new", view.new) % view.new if view.new else "",
                at=view.last_at,
            )
            for view in found
        )
        may_open = rulings.RANK.get(group.role or "", 0) >= rulings.RANK["moderator"]
        return GroupSection(
            title=_("Rooms"),
            entries=entries,
            empty=_("There is no room yet."),
            make_href=f"/groups/{group.slug}/rooms/new" if may_open else "",
            make_label=_("Open a room"),
        )

    # ---- the room

    async def room(self, visit: Visit) -> Response:
        return await self._show(visit, support=_support_in(visit))

    async def say(self, visit: Visit) -> Response:
        """What a browser without scripts sends. A second tap, or a reload, is the same message."""
        form, room = await visit.form(), _room_id(visit)
        sent = await self._gate.send(
            Send(
                author=visit.signed().member_id,
                conversation=room,
                nonce=form.get("nonce"),
                body=form.get("body"),
                reply_to=_message_id(form.get("reply_to")),
                warnings=tuple(dict.fromkeys(w for w in form.all("warnings") if w in WARNINGS)),
            )
        )
        await self._rooms.keep_draft(required_actor(visit), room, "")
        if sent.support is not None:
            return await self._show(visit, support=sent.support)
        return visit.redirect(f"/rooms/{room}", say=said_of(sent))

    async def _show(self, visit: Visit, *, support: SupportCard | None) -> Response:
        room, seen = await self._rooms.see(required_actor(visit), _room_id(visit))
        eye = _eye(visit)
        part = await self._talk.part(eye, room.id, before=_number(visit.query.get("before", "")))
        answered = await self._answered(visit, room, eye)
        is_part = visit.query.get("part") == "lines" and visit.request.method == "GET"
        return visit.render(
            "chat/lines.html" if is_part else "chat/room.html",
            room=room,
            group=seen.group,
            part=part,
            may_write=self._may_write(seen, room),
            answered=answered,
            draft="" if is_part else await self._rooms.draft(eye.member, room.id),
            nonce=_nonce_of(visit),
            support=support,
            findings=_findings_in(visit),
            reloads=visit.query.get("reading") == "1",
            is_older="before" in visit.query,
            reactions=REACTIONS,
            warnings=[(name, warning(name)) for name in WARNINGS],
        )

    async def _answered(self, visit: Visit, room: RoomRow, eye: Eye) -> object:
        wanted = _message_id(visit.values.get("reply_to") or visit.query.get("to", ""))
        return await self._talk.one(eye, room.id, wanted) if wanted is not None else None

    def _may_write(self, seen: Seen, room: RoomRow) -> rulings.Ruling:
        return rulings.write(seen.place, now=self._clock.now(), conversation=room.state)

    # ---- one message

    async def message(self, visit: Visit) -> Response:
        room, seen = await self._rooms.see(required_actor(visit), _room_id(visit))
        line = await self._talk.one(_eye(visit), room.id, MessageId(visit.id("message")))
        return visit.render(
            "chat/message.html",
            room=room,
            group=seen.group,
            line=line,
            may_write=self._may_write(seen, room),
            nonce=_nonce_of(visit),
            support=_support_in(visit),
            findings=_findings_in(visit),
            kind=visit.query.get("kind", ""),
            reactions=REACTIONS,
        )

    async def edit(self, visit: Visit) -> Response:
        form, message = await visit.form(), MessageId(visit.id("message"))
        sent = await self._gate.edit(
            Edit(visit.signed().member_id, message, form.get("nonce"), form.get("body"))
        )
        onward = _place(_room_id(visit), message)
        if sent.support is not None:
            return visit.render("support_page.html", support=sent.support, onward=onward)
        return visit.redirect(onward, say=said_of(sent))

    async def withdraw(self, visit: Visit) -> Response:
        await self._gate.edits.withdraw(visit.signed().member_id, MessageId(visit.id("message")))
        say = _("It is off every screen. If something is heavy right now, you can still talk to a person.")
        return visit.redirect(f"/rooms/{_room_id(visit)}", say=say)

    async def react(self, visit: Visit) -> Response:
        form, message = await visit.form(), MessageId(visit.id("message"))
        await self._gate.edits.react(
            visit.signed().member_id, message, form.get("emoji"), on=form.get("on") == "1"
        )
        return visit.redirect(_place(_room_id(visit), message))

    async def flag(self, visit: Visit) -> Response:
        form, message = await visit.form(), MessageId(visit.id("message"))
        kind = _KINDS.get(form.get("kind"))
        if kind is None:
            say = _("Please choose one of the two.")
            raise Invalid(say, fields=(FieldError("kind", say),))
        flagged = await self._flags.flag(visit.signed().member_id, message, kind, form.get("note"))
        onward = _place(_room_id(visit), message)
        if flagged.support is not None:
            return visit.render("support_page.html", support=flagged.support, onward=onward)
        return visit.redirect(onward, say=_("Thank you for looking out. A person will read this."))

    # ---- a new room

    async def new_room(self, visit: Visit) -> Response:
        seen, _rooms = await self._rooms.of_group(required_actor(visit), visit.path["slug"])
        rulings.moderate(seen.place).require()
        return visit.render("chat/new_room.html", group=seen.group)

    async def open_room(self, visit: Visit) -> Response:
        form = await visit.form()
        wanted = RoomForm(form.get("name"), form.get("about"))
        room = await self._rooms.open(required_actor(visit), visit.path["slug"], wanted)
        return visit.redirect(f"/rooms/{room.id}", say=_("The room is open."))


def said_of(sent: Sent) -> str:
    """What became of a message, in words for its author; empty when there is nothing to add."""
    if sent.outcome == "hold":
        return _("Thank you. A person reads this before others can see it. You see it here already.")
    if sent.masked:
        return _("It is there. One part is hidden from others, for their safety. You still see your words.")
    if sent.help:
        return _("It is there. If today is hard: “I need help now” at the top is always there for you.")
    return ""


def warning(name: str) -> str:
    """A content warning from the list, in the reader's language."""
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


def _eye(visit: Visit) -> Eye:
    who = visit.signed()
    return Eye(who.member_id, _zone(who))


def _zone(who: Signed) -> ZoneInfo:
    return dates.zone(who.time_zone)


def _room_id(visit: Visit) -> ConversationId:
    return ConversationId(visit.id("id"))


def _message_id(text: str) -> MessageId | None:
    """The message that a form or link names; None for no text. Raises BadRequest for what is no id."""
    if not text:
        return None
    value = parse_id(text)
    if value is None:
        raise BadRequest("We couldn't find the message that you answer. Please choose it again.")
    return MessageId(value)


def _place(room: ConversationId, message: MessageId) -> str:
    return f"/rooms/{room}#m-{message}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _nonce_of(visit: Visit) -> str:
    """The form's nonce, so that sending it twice is once; a fresh one where the old one was used up."""
    used_up = visit.problem is None or visit.problem.code == "conflict"
    return (not used_up and visit.values.get("nonce")) or new_token()


def _support_in(visit: Visit) -> SupportCard | None:
    """The card that came with a refusal."""
    card = visit.problem.extra.get("support") if visit.problem else None
    return card if isinstance(card, SupportCard) else None


def _findings_in(visit: Visit) -> list[str]:
    """The sentences for the author about what should be changed, each once."""
    found = visit.problem.extra.get("findings") if visit.problem else None
    if not isinstance(found, list):
        return []
    return list(dict.fromkeys(str(f["sentence"]) for f in found if isinstance(f, dict) and f.get("sentence")))
