"""A meeting in its room: the strip above the words, the page that shows all of it, and the forms of both.

The strip is a part of the room's page and comes again by itself (`?part=strip`) when a ring says so. Every act
is a form, so that all of it works without scripts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from chat.airtime import Air, nudge_of
from chat.meetings import SLOW_SECONDS, Meeting, Meetings, Own
from chat.planning import MeetingForm, facilitate
from chat.rooms import Rooms
from chat.visits import eye, number
from chat.visits import required_room as room_of
from community.errors import BadRequest, FieldError, Invalid, NotFound, Refusal
from community.ids import ConversationId, MemberId, parse_id
from community.tokens import new_token
from community.web import dates
from community.web.forms import Form
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _, several
from moderation.gate.gate import Gate
from moderation.gate.submissions import Send

_OWN: dict[str, Own] = {"raise": "raise", "lower": "lower", "pass": "pass"}
_CHECKS: dict[str, Own] = {"in": "check_in", "out": "check_out"}


class MeetingPages:
    """`zone`: the house's own, in which facilitators plan unless they choose theirs."""

    def __init__(self, meetings: Meetings, rooms: Rooms, gate: Gate, zone: ZoneInfo) -> None:
        self._meetings = meetings
        self._rooms = rooms
        self._gate = gate
        self._zone = zone

    def pages(self) -> list[Page]:
        meeting = "/rooms/{id}/meeting"
        return [
            Page("GET", meeting, self.meeting),
            Page("GET", "/rooms/{id}/meetings/new", self.new),
            Page("POST", "/rooms/{id}/meetings/new", self.plan, again=self.new),
            Page("GET", "/rooms/{id}/meetings/{meeting}", self.planned),
            Page("POST", "/rooms/{id}/meetings/{meeting}", self.change, again=self.planned),
            Page("POST", meeting + "/check", self.check),
            Page("POST", meeting + "/nudge", self.nudge),
            Page("POST", meeting + "/{act}", self.act),
            Page("POST", "/rooms/{id}/slow", self.slow),
        ]

    async def context(self, visit: Visit, room: ConversationId) -> dict[str, Any]:
        """What the strip shows: for the room's page too."""
        actor = required_actor(visit)
        found = await self._meetings.of_room(actor, room)
        meeting = found[0] if found else None
        air: list[Air] = []
        if meeting is not None and meeting.facilitates and meeting.phase == "running":
            meeting, air = await self._meetings.airtime(actor, room)
        return {
            "meeting": meeting,
            "later": found[1:],
            "air": air,
            "slow": await self._meetings.slow_seconds(room),
            "there": lambda one: _there(one, eye(visit).zone),
            "called": _called,
            "nudge_of": nudge_of,
            "check_nonce": new_token(),
            "pause_name": pause_name,
        }

    async def meeting(self, visit: Visit) -> Response:
        room, seen = await self._rooms.see(required_actor(visit), room_of(visit))
        is_strip = visit.query.get("part") == "strip"
        return visit.render(
            "chat/strip.html" if is_strip else "chat/meeting.html",
            room=room,
            group=seen.group,
            facilitates=facilitate(seen).allowed,
            is_page=not is_strip,
            **await self.context(visit, room.id),
        )

    # ---- planning

    async def new(self, visit: Visit) -> Response:
        room, seen = await self._rooms.see(required_actor(visit), room_of(visit))
        facilitate(seen).require()
        return visit.render(
            "chat/new_meeting.html", room=room, group=seen.group, zones=self._zones(visit), planned=None
        )

    async def plan(self, visit: Visit) -> Response:
        room, wanted = room_of(visit), _wanted(await visit.form())
        await self._meetings.planning.plan(required_actor(visit), room, wanted)
        return visit.redirect(f"/rooms/{room}", say=_("The meeting is planned."))

    async def planned(self, visit: Visit) -> Response:
        """The same form with what was planned, and the way to take it off."""
        room, seen = await self._rooms.see(required_actor(visit), room_of(visit))
        facilitate(seen).require()
        id, found = visit.id("meeting"), await self._meetings.of_room(required_actor(visit), room.id)
        meeting = next((one for one in found if one.row.id == id and one.phase == "planned"), None)
        if meeting is None:
            raise NotFound
        zone = dates.zone(meeting.row.time_zone)
        return visit.render(
            "chat/new_meeting.html",
            room=room,
            group=seen.group,
            zones=self._zones(visit, zone),
            planned=meeting,
            at=meeting.row.starts_at.astimezone(zone),
        )

    async def change(self, visit: Visit) -> Response:
        room, wanted = room_of(visit), _wanted(await visit.form())
        await self._meetings.planning.change(required_actor(visit), room, visit.id("meeting"), wanted)
        say = _("The meeting is changed. Those who said that they come are told if its time is another one.")
        return visit.redirect(f"/rooms/{room}/meeting", say=say)

    def _zones(self, visit: Visit, first: ZoneInfo | None = None) -> list[tuple[str, str]]:
        keys = [zone.key for zone in (first, self._zone, eye(visit).zone) if zone is not None]
        return [(key, key) for key in dict.fromkeys(keys)]

    # ---- acts

    async def act(self, visit: Visit) -> Response:
        form, room, actor = await visit.form(), room_of(visit), required_actor(visit)
        id, act = _meeting_id(form), visit.path["act"]
        match act:
            case "begin":
                await self._meetings.begin(actor, room, id)
            case "end":
                await self._meetings.end(actor, room, id)
            case "next":
                await self._meetings.call_next(actor, room, id)
            case "cancel":
                await self._meetings.planning.cancel(actor, room, id)
            case "come" | "stay-away":
                await self._meetings.planning.come(actor, room, id, comes=act == "come")
            case "raise" | "lower" | "pass":
                await self._meetings.do(actor, room, id, _OWN[act])
            case _:
                raise NotFound
        return visit.redirect(_back(form, room))

    async def check(self, visit: Visit) -> Response:
        """Check in or out, with a line or without. The words are a message of the room and go first: they are
        heard whatever becomes of the rest."""
        form, room, actor = await visit.form(), room_of(visit), required_actor(visit)
        way = _CHECKS.get(form.get("way"))
        if way is None:
            raise BadRequest
        support = None
        if form.get("words"):
            sent = await self._gate.send(Send(actor.member_id, room, form.get("nonce"), form.get("words")))
            support = sent.support
        try:
            await self._meetings.do(actor, room, _meeting_id(form), way)
        except Refusal as why:  # the words stand, and so does what answers them
            if support is not None:
                why.extra["support"] = support
            raise
        if support is not None:
            return visit.render("support_page.html", support=support, onward=f"/rooms/{room}")
        say = _("You are checked in.") if way == "check_in" else _("Thank you for having been here.")
        return visit.redirect(_back(form, room), say=say)

    async def nudge(self, visit: Visit) -> Response:
        form, room = await visit.form(), room_of(visit)
        member = parse_id(form.get("member"))
        if member is None:
            raise BadRequest
        await self._meetings.nudge(
            required_actor(visit),
            room,
            _meeting_id(form),
            MemberId(member),
            wants="others" if form.get("says") == "nudge_others" else "turn",
        )
        return visit.redirect(_back(form, room), say=_("They are told, and nobody else."))

    async def slow(self, visit: Visit) -> Response:
        form, room = await visit.form(), room_of(visit)
        seconds = number(form.get("seconds"))
        await self._meetings.set_slow(required_actor(visit), room, -1 if seconds is None else seconds)
        return visit.redirect(f"/rooms/{room}", say=_("Saved."))


def pause_name(seconds: int) -> str:
    """A pause between two messages, in words."""
    if seconds == 0:
        return _("no pause")
    if seconds < 60:
        return several("%d second", "%d seconds", seconds) % seconds
    return several("%d minute", "%d minutes", seconds // 60) % (seconds // 60)


PAUSES = SLOW_SECONDS
"""The pauses that a facilitator may choose between two messages."""


def _called(meeting: Meeting, member: MemberId) -> str:
    """A name within a sentence, set apart (U+2068, U+2069) so that its direction doesn't turn the sentence."""
    return f"\u2068{meeting.handles.get(member) or _('someone')}\u2069"


def _there(meeting: Meeting, reader: ZoneInfo) -> str:
    """The time as the group says it, where the reader's own clock shows another; else empty."""
    zone = dates.zone(meeting.row.time_zone)
    at = meeting.row.starts_at
    if at.astimezone(zone).utcoffset() == at.astimezone(reader).utcoffset():
        return ""
    return _("%(time)s in %(zone)s") % {
        "time": dates.clock_time(at, zone),
        "zone": zone.key.replace("_", " "),
    }


def _wanted(form: Form) -> MeetingForm:
    zone = dates.zone(form.get("zone"))
    return MeetingForm(
        starts_at=_moment(form, zone),
        zone=zone,
        share_minutes=number(form.get("share_minutes")) or 0,
        agenda=tuple(form.get("agenda").split("\n")),
    )


def _moment(form: Form, zone: ZoneInfo) -> datetime:
    """Day and time as the form sends them, in the group's zone. Raises Invalid."""
    try:
        return datetime.fromisoformat(f"{form.get('date')}T{form.get('time')}").replace(tzinfo=zone)
    except ValueError:
        raise Invalid(fields=(FieldError("date", "Please give a day and a time."),)) from None


def _meeting_id(form: Form) -> Any:
    id = parse_id(form.get("meeting"))
    if id is None:
        raise BadRequest
    return id


def _back(form: Form, room: ConversationId) -> str:
    return f"/rooms/{room}/meeting" if form.get("from") == "page" else f"/rooms/{room}"
