"""The room as a page: what was said, the box to write in, who is here, and how it is looked after.

Everything works without scripts: words go through a form, new ones come with the next loading. The live
page only spares people the loading; both show the same lines (chat/templates/parts.html).
"""

from __future__ import annotations

from starlette.responses import Response

from chat import visits, words
from chat.meeting_pages import PAUSES, MeetingPages, pause_name
from chat.message_pages import MessagePages, MessagePlace, RoomParts
from chat.planning import facilitate
from chat.rooms import RoomForm
from chat.talk_pages import TalkPages
from chat.visits import required_room as room_of
from community import rulings
from community.errors import Paused
from community.groups import Actor
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.sections import Entry, GroupSection, GroupSeen
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _, several
from moderation.gate.support import SupportCard


class RoomPages:
    def __init__(self, parts: RoomParts) -> None:
        self._parts = parts
        self._rooms = parts.rooms
        self._talk = TalkPages(parts)
        self._messages = MessagePages(parts, "/rooms/{id}", self._message_place)
        self._meetings = MeetingPages(parts.meetings, parts.rooms, parts.gate, parts.zone)

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/groups/{slug}/rooms/new", self.new_room),
            Page("POST", "/groups/{slug}/rooms/new", self.open_room, again=self.new_room),
            Page("GET", "/rooms/{id}", self.room),
            Page("POST", "/rooms/{id}", self.say, again=self.room),
            Page("POST", "/rooms/{id}/draft/drop", self.drop_draft),
            Page("POST", "/rooms/{id}/presence", self.be_seen),
            Page("GET", "/rooms/{id}/settings", self.settings),
            Page("POST", "/rooms/{id}/settings", self.change, again=self.settings),
            *self._messages.pages(),
            *self._meetings.pages(),
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
        return await self._show(visit, support=visits.support_in(visit))

    async def _message_place(self, visit: Visit) -> MessagePlace:
        room, seen = await self._rooms.see(required_actor(visit), room_of(visit))
        may_write = rulings.write(seen.place, now=self._parts.clock.now(), conversation=room.state)
        trail = ((seen.group.name, f"/groups/{seen.group.slug}"), (room.name, room.href))
        return MessagePlace(room, may_write, trail, _("Back to the room"))

    async def say(self, visit: Visit) -> Response:
        """What a browser without scripts sends."""
        room = room_of(visit)
        sent = await self._talk.say(visit, room)
        if sent.support is not None:
            return await self._show(visit, support=sent.support)
        return visit.redirect(f"/rooms/{room}", say=words.said_of(sent))

    async def drop_draft(self, visit: Visit) -> Response:
        await self._rooms.drop_draft(visit.signed().member_id, room_of(visit))
        return visit.redirect("/drafts", say=_("The draft is gone."))

    async def be_seen(self, visit: Visit) -> Response:
        """Whether others may see that one is here, in every room; nobody is shown without having said so."""
        on = (await visit.form()).get("on") == "yes"
        await self._parts.people.change(visit.signed().member_id, {"settings": {"presence": on}})
        say = _("Others can see when you are in a room.") if on else _("Nobody sees that you are here.")
        return visit.redirect(f"/rooms/{room_of(visit)}", say=say)

    async def _show(self, visit: Visit, *, support: SupportCard | None) -> Response:
        room, seen = await self._rooms.see(required_actor(visit), room_of(visit))
        may_write = rulings.write(seen.place, now=self._parts.clock.now(), conversation=room.state)
        is_part = self._talk.asked(visit).is_part
        around = {} if is_part else await self._meetings.context(visit, room.id)
        return visit.render(
            "chat/lines.html" if is_part else "chat/room.html",
            **await self._talk.context(visit, room, may_write, support=support),
            group=seen.group,
            closed=words.closed(may_write, seen.group.slug, needs_facilitator=room.facilitated),
            closed_later=words.closed(_READ_ONLY, seen.group.slug, needs_facilitator=room.facilitated),
            may_moderate=rulings.moderate(seen.place).allowed,
            facilitates=facilitate(seen).allowed,
            is_page=False,
            pauses=[(str(seconds), pause_name(seconds)) for seconds in PAUSES],
            **around,
        )

    # ---- a new room, and looking after one

    async def new_room(self, visit: Visit) -> Response:
        seen, _rooms = await self._rooms.of_group(required_actor(visit), visit.path["slug"])
        rulings.moderate(seen.place).require()
        return visit.render("chat/new_room.html", group=seen.group)

    async def open_room(self, visit: Visit) -> Response:
        form = await visit.form()
        wanted = RoomForm(form.get("name"), form.get("about"))
        room = await self._rooms.open(required_actor(visit), visit.path["slug"], wanted)
        return visit.redirect(f"/rooms/{room.id}", say=_("The room is open."))

    async def settings(self, visit: Visit) -> Response:
        room, seen = await self._rooms.see(required_actor(visit), room_of(visit))
        rulings.moderate(seen.place).require()
        writing = "facilitated" if room.facilitated else room.state
        return visit.render("chat/settings.html", room=room, group=seen.group, writing=writing)

    async def change(self, visit: Visit) -> Response:
        form, id = await visit.form(), room_of(visit)
        wanted = RoomForm(form.get("name"), form.get("about"))
        await self._rooms.change(required_actor(visit), id, wanted, form.get("writing"))
        return visit.redirect(f"/rooms/{id}", say=_("Saved."))


_READ_ONLY = rulings.no("read_only", Paused())
"""What a room's page holds ready for the moment in which the room is closed for writing."""
