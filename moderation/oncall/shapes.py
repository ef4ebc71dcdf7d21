"""Shapes of the on-call API: what is asked and what is answered."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from community.errors import Invalid
from community.ids import MemberId
from community.web.shapes import Author
from moderation.oncall.roster import Rule, SeatName
from moderation.oncall.roster_acts import RosterSeen
from moderation.store.channels import Channel


class RosterQuery(msgspec.Struct, frozen=True):
    start: datetime | None = None
    end: datetime | None = None


class Repeats(msgspec.Struct, frozen=True):
    """Wall time of a zone on some weekdays (0 is Monday), every so many weeks."""

    zone: str
    starts: time
    ends: time
    first_on: date
    last_on: date | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    every_weeks: int = 1


class ShiftBody(msgspec.Struct, frozen=True):
    """Either `starts_at` and `ends_at`, or `repeats`. Without `member` it is one's own."""

    seat: SeatName
    member: UUID | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    repeats: Repeats | None = None


class ShiftMade(msgspec.Struct, frozen=True):
    id: UUID
    shifts: int


class SwapBody(msgspec.Struct, frozen=True):
    to: UUID


class SwapAnswer(msgspec.Struct, frozen=True):
    accept: bool


class Made(msgspec.Struct, frozen=True):
    id: UUID


class ShiftShape(msgspec.Struct, frozen=True):
    id: UUID
    member: Author
    seat: str
    starts_at: datetime
    ends_at: datetime
    rule: UUID | None
    taken_over: bool
    trained: bool


class GapShape(msgspec.Struct, frozen=True):
    starts_at: datetime
    ends_at: datetime


class SwapShape(msgspec.Struct, frozen=True):
    id: UUID
    shift: UUID
    from_: UUID = msgspec.field(name="from")
    to: UUID


class RosterShape(msgspec.Struct, frozen=True):
    """`small`: stated hours and one on call. `next_at`: when somebody reads, if nobody is there now."""

    small: bool
    on_duty: bool
    open: bool
    next_at: datetime | None
    shifts: list[ShiftShape]
    gaps: list[GapShape]
    swaps: list[SwapShape]


class TrainingBody(msgspec.Struct, frozen=True):
    member: UUID
    lane: Literal["care", "conduct"]
    trained_on: date
    expires_on: date
    supervisor: UUID | None = None
    topics_excluded: list[str] = []


class TrainingShape(msgspec.Struct, frozen=True):
    id: UUID
    member: UUID
    lane: str
    trained_on: date
    expires_on: date
    supervisor: UUID | None
    topics_excluded: list[str]


class TopicsBody(msgspec.Struct, frozen=True):
    topics: list[str]


class ChannelBody(msgspec.Struct, frozen=True):
    """ "push" is all browsers that the person allowed (POST /me/push): without an address, and beside the others."""

    kind: Literal["mail", "webhook", "push"]
    address: str = ""
    label: str = ""
    style: Literal["kith", "goalert", "pagerduty", "ntfy"] = "kith"
    their_key: str = ""
    aloud: bool = False
    use: Literal["person", "backup", "alarm", "canary"] = "person"


class ChannelsQuery(msgspec.Struct, frozen=True):
    use: Literal["person", "backup", "alarm", "canary"] = "person"


class ChannelShape(msgspec.Struct, frozen=True, omit_defaults=True):
    """`secret` is there once, in the answer that made it: it signs what comes and what is answered."""

    id: UUID
    kind: str
    style: str
    label: str
    address: str
    aloud: bool
    use: str
    failing_since: datetime | None = None
    last_ok_at: datetime | None = None
    secret: str = ""


class NoteBody(msgspec.Struct, frozen=True):
    words: str


class HandoverShape(msgspec.Struct, frozen=True):
    case: UUID
    tier: str
    state: str
    raised_at: datetime
    due_at: datetime | None
    owner: UUID | None
    words: str | None
    by: Author | None
    at: datetime | None


class CalendarShape(msgspec.Struct, frozen=True, omit_defaults=True):
    id: UUID
    created_at: datetime | None = None
    path: str = ""


class Acknowledged(msgspec.Struct, frozen=True):
    case: UUID | None


class HookAnswer(msgspec.Struct, frozen=True):
    page: UUID
    action: Literal["acknowledge"] = "acknowledge"


def roster_shape(seen: RosterSeen) -> RosterShape:
    facts = seen.now.facts
    return RosterShape(
        small=seen.now.small,
        on_duty=facts.duty.anyone,
        open=not facts.small_and_closed,
        next_at=seen.now.next_at,
        shifts=[
            ShiftShape(
                id=row.id,
                member=Author(row.member_id, row.handle),
                seat=row.seat,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                rule=row.rule_id,
                taken_over=row.taken_over_at is not None,
                trained=row.member_id not in seen.lapsed,
            )
            for row in seen.shifts
        ],
        gaps=[GapShape(a, b) for a, b in seen.gaps],
        swaps=[SwapShape(id=s.id, shift=s.shift_id, from_=s.from_id, to=s.to_id) for s in seen.swaps],
    )


def rule_of(member: MemberId, seat: SeatName, repeats: Repeats) -> Rule:
    try:
        ZoneInfo(repeats.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("Expected a zone such as Europe/Berlin.", code="bad_zone") from None
    if not 1 <= repeats.every_weeks <= 52 or not repeats.weekdays <= frozenset(range(7)):
        raise Invalid("Weekdays are 0 to 6, and weeks 1 to 52.", code="bad_times")
    return Rule(
        member=member,
        seat=seat,
        zone=repeats.zone,
        starts=repeats.starts.replace(tzinfo=None, microsecond=0),
        ends=repeats.ends.replace(tzinfo=None, microsecond=0),
        first_on=repeats.first_on,
        last_on=repeats.last_on,
        weekdays=repeats.weekdays,
        every_weeks=repeats.every_weeks,
    )


def channel_shape(row: Channel) -> ChannelShape:
    return ChannelShape(
        id=row.id,
        kind=row.kind,
        style=row.style,
        label=row.label,
        address=row.address,
        aloud=row.aloud,
        use=row.use,
        failing_since=row.failing_since,
        last_ok_at=row.last_ok_at,
    )


def aware(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise Invalid("A time needs its zone, such as 2026-03-02T21:00:00Z.", code="bad_times")
    if at is not None and not 2000 <= at.year <= 2999:
        raise Invalid("Please choose a time within this millennium.", code="bad_times")
    return at
