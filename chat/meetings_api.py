"""Meetings in the JSON API: plan, begin, raise a hand, call the next, a private word. One line over each use-case."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from chat.airtime import Air
from chat.meetings import Meeting, Meetings, Own
from chat.planning import MeetingForm
from chat.turns import Phase
from community.errors import FieldError, Invalid, NotFound
from community.groups import Actor
from community.ids import ConversationId, MemberId
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Author, Listed

_OWN: dict[str, Own] = {
    "raise": "raise", "lower": "lower", "pass": "pass", "check-in": "check_in", "check-out": "check_out",
}  # fmt: skip


class PlanBody(msgspec.Struct, frozen=True):
    """`time_zone`: IANA, the one in which the group says its time; empty: this server's."""

    starts_at: datetime
    agenda: tuple[str, ...] = ()
    share_minutes: int = 3
    time_zone: str = ""


class NudgeBody(msgspec.Struct, frozen=True):
    """`says`: that others would like a turn, or whether this person would."""

    member: MemberId
    says: Literal["others", "turn"]


class SlowBody(msgspec.Struct, frozen=True):
    """`seconds` between two messages of one person: 0 (off), 10, 30, 60, 120 or 300."""

    seconds: int


class Slow(msgspec.Struct, frozen=True):
    seconds: int


class MeetingShape(msgspec.Struct, frozen=True):
    """`queue` in its order. `comes`: whether you said so; `coming`: how many did, for facilitators (else 0).
    People on the other side of a block have neither id nor handle here."""

    id: UUID
    starts_at: datetime
    time_zone: str
    share_minutes: int
    agenda: list[str]
    phase: Phase
    began_at: datetime | None
    turn: Author | None
    share_ends_at: datetime | None
    queue: list[Author]
    checked_in: int
    place_in_queue: int
    facilitates: bool
    comes: bool
    coming: int


class AirShape(msgspec.Struct, frozen=True):
    member: Author
    lines: int
    percent: int
    standing: Literal["much", "some", "little"]
    nudged: bool
    had_turn: bool


class MeetingsApi:
    """`zone`: the house's own, in which a group without one says its times."""

    def __init__(self, meetings: Meetings, zone: ZoneInfo) -> None:
        self._meetings = meetings
        self._zone = zone

    def calls(self) -> list[Call]:
        meetings = "/rooms/{id}/meetings"
        one = meetings + "/{meeting}"
        shape = {200: MeetingShape}
        return [
            Call("GET", meetings, self.list, "A room's meeting that is running, and those to come",
                 answers={200: Listed[MeetingShape]}),
            Call("POST", meetings, self.plan, "Plan a meeting (facilitators)",
                 body=PlanBody, answers={201: MeetingShape}),
            Call("PUT", one, self.change, "Change a planned meeting (facilitators)",
                 body=PlanBody, answers=shape),
            Call("DELETE", one, self.cancel, "Take a planned meeting off (facilitators)", answers={204: None}),
            Call("GET", one + "/airtime", self.airtime, "Who said how much (facilitators)",
                 answers={200: Listed[AirShape]}),
            Call("POST", one + "/nudges", self.nudge, "A private word, once (facilitators)",
                 body=NudgeBody, answers={204: None}),
            # Last: the paths above are no acts.
            Call("POST", one + "/{act}", self.act,
                 "begin, end, next (facilitators); oneself: come, stay-away, raise, lower, pass, check-in, check-out",
                 answers=shape),
            Call("PUT", "/rooms/{id}/slow", self.slow, "Slow mode (facilitators)",
                 body=SlowBody, answers={200: Slow}),
        ]  # fmt: skip

    async def list(self, ask: Ask) -> Answer:
        found = await self._meetings.of_room(_actor(ask), _room(ask))
        return Answer(Listed([shape(one) for one in found], None))

    async def plan(self, ask: Ask) -> Answer:
        row = await self._meetings.planning.plan(_actor(ask), _room(ask), self._form(ask.body))
        return Answer(shape(await self._one(ask, row.id)), 201)

    async def change(self, ask: Ask) -> Answer:
        id = ask.id("meeting")
        await self._meetings.planning.change(_actor(ask), _room(ask), id, self._form(ask.body))
        return Answer(shape(await self._one(ask, id)))

    def _form(self, body: PlanBody) -> MeetingForm:
        if body.starts_at.tzinfo is None:
            say = "A time needs its offset from UTC."
            raise Invalid(say, fields=(FieldError("starts_at", say),))
        return MeetingForm(body.starts_at, self._named(body.time_zone), body.share_minutes, body.agenda)

    async def cancel(self, ask: Ask) -> Answer:
        await self._meetings.planning.cancel(_actor(ask), _room(ask), ask.id("meeting"))
        return Answer(status=204)

    async def act(self, ask: Ask) -> Answer:
        actor, room, id, act = _actor(ask), _room(ask), ask.id("meeting"), ask.path["act"]
        if act == "begin":
            await self._meetings.begin(actor, room, id)
        elif act == "next":
            await self._meetings.call_next(actor, room, id)
        elif act == "end":
            before = shape(await self._one(ask, id))
            await self._meetings.end(actor, room, id)
            return Answer(msgspec.structs.replace(before, phase="over", queue=[], turn=None))
        elif act in ("come", "stay-away"):
            await self._meetings.planning.come(actor, room, id, comes=act == "come")
        elif act in _OWN:
            await self._meetings.do(actor, room, id, _OWN[act])
        else:
            raise NotFound
        return Answer(shape(await self._one(ask, id)))

    async def airtime(self, ask: Ask) -> Answer:
        meeting, air = await self._meetings.airtime(_actor(ask), _room(ask))
        if meeting.row.id != ask.id("meeting"):
            raise NotFound
        return Answer(Listed([_air(meeting, one) for one in air], None))

    async def nudge(self, ask: Ask) -> Answer:
        await self._meetings.nudge(
            _actor(ask), _room(ask), ask.id("meeting"), ask.body.member, wants=ask.body.says
        )
        return Answer(status=204)

    async def slow(self, ask: Ask) -> Answer:
        await self._meetings.set_slow(_actor(ask), _room(ask), ask.body.seconds)
        return Answer(Slow(ask.body.seconds))

    async def _one(self, ask: Ask, id: UUID) -> Meeting:
        for meeting in await self._meetings.of_room(_actor(ask), _room(ask)):
            if meeting.row.id == id:
                return meeting
        raise NotFound

    def _named(self, name: str) -> ZoneInfo:
        try:
            return ZoneInfo(name) if name else self._zone
        except (ZoneInfoNotFoundError, ValueError, OSError):
            say = "We don't know this time zone."
            raise Invalid(say, fields=(FieldError("time_zone", say),)) from None


def shape(meeting: Meeting) -> MeetingShape:
    row, turns = meeting.row, meeting.turns
    return MeetingShape(
        id=row.id,
        starts_at=row.starts_at,
        time_zone=row.time_zone,
        share_minutes=row.share_minutes,
        agenda=list(row.agenda),
        phase=meeting.phase,
        began_at=turns.began_at,
        turn=_author(meeting, turns.turn.member) if turns.turn else None,
        share_ends_at=meeting.share_ends_at,
        queue=[_author(meeting, member) for member in turns.queue],
        checked_in=len(turns.checked_in),
        place_in_queue=meeting.place_in_queue,
        facilitates=meeting.facilitates,
        comes=meeting.comes,
        coming=meeting.people_coming,
    )


def _author(meeting: Meeting, member: MemberId) -> Author:
    handle = meeting.handles.get(member)
    return Author(member if handle is not None else None, handle)


def _air(meeting: Meeting, air: Air) -> AirShape:
    return AirShape(
        _author(meeting, air.member), air.lines, air.percent, air.standing, air.nudged, air.had_turn
    )


def _actor(ask: Ask) -> Actor:
    who = ask.signed()
    return Actor(who.member_id, who.is_operator)


def _room(ask: Ask) -> ConversationId:
    return ConversationId(ask.id("id"))
