"""Planning meetings: a new one, another time for one, taking one off; and saying that one comes.

Those who facilitate plan; whoever may be there says whether they come. What is planned can change until it has
begun, and those who come are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from chat.coming import REMIND_BEFORE, is_soon, tell
from chat.rooms import REFUSALS, Rooms
from chat.store import coming as coming_store
from chat.store import meetings as store
from chat.store.meetings import PLANNED_MAX, MeetingRow
from chat.turns import Turns, derived
from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotAMember, NotFound
from community.groups import Actor, Seen
from community.ids import ConversationId, MemberId, new_id

AGENDA_LINES_MAX: Final = 12
AGENDA_CHARS_MAX: Final = 120
SHARE_MINUTES_MAX: Final = 30
AHEAD_MAX: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class MeetingForm:
    """`zone`: the one in which the group says its time."""

    starts_at: datetime
    zone: ZoneInfo
    share_minutes: int = 3
    agenda: tuple[str, ...] = ()


class Planning:
    def __init__(self, database: Database, clock: Clock, rooms: Rooms, bus: Bus) -> None:
        self._database = database
        self._clock = clock
        self._rooms = rooms
        self._bus = bus

    async def plan(self, actor: Actor, room: ConversationId, form: MeetingForm) -> MeetingRow:
        """A new meeting, by those who facilitate. Its agenda is judged like all words. Raises NotFound,
        Forbidden, Invalid; a cry in it is heard all the same."""
        try:
            return await self._plan(actor, room, form)
        except REFUSALS as why:
            raise await self._rooms.heard("\n".join(form.agenda), actor, why) from None

    async def _plan(self, actor: Actor, room: ConversationId, form: MeetingForm) -> MeetingRow:
        now = self._clock.now()
        agenda = _checked(form, now)
        row = MeetingRow(
            new_id(), room, actor.member_id, form.starts_at, form.zone.key, form.share_minutes, agenda
        )
        async with self._database.transaction() as tx:
            _room, seen = await self._rooms.look(tx, actor, room)
            facilitate(seen).require()
            await store.lock_room(tx, room)
            if len(await store.coming(tx, room, now=now)) >= PLANNED_MAX:
                raise Forbidden("This room has as many meetings planned as it can have.", code="too_many")
            await self._rooms.judge(tx, "\n".join(agenda), actor, seen)
            await store.add(tx, row, now=now)
            await coming_store.come(tx, row.id, actor.member_id, now=now, is_soon=is_soon(row.starts_at, now))
        self._bus.ring("room", room)
        return row

    async def change(self, actor: Actor, room: ConversationId, id: UUID, form: MeetingForm) -> MeetingRow:
        """Another time or agenda for a planned one; those who come are told of another time. Raises NotFound,
        Forbidden, Invalid, Conflict once it has begun; a cry in its agenda is heard all the same."""
        try:
            return await self._change(actor, room, id, form)
        except REFUSALS as why:
            raise await self._rooms.heard("\n".join(form.agenda), actor, why) from None

    async def _change(self, actor: Actor, room: ConversationId, id: UUID, form: MeetingForm) -> MeetingRow:
        now = self._clock.now()
        agenda = _checked(form, now)
        told: Sequence[MemberId] = ()
        async with self._database.transaction() as tx:
            seen, before = await self._to_change(tx, actor, room, id)
            row = replace(
                before,
                starts_at=form.starts_at,
                time_zone=form.zone.key,
                share_minutes=form.share_minutes,
                agenda=agenda,
            )
            await self._rooms.judge(tx, "\n".join(agenda), actor, seen)
            await store.change(tx, row)
            if row.starts_at != before.starts_at:
                await coming_store.remind_again(tx, id, after=now + REMIND_BEFORE, now=now)
                told = await tell(tx, row, "meeting_moved", by=actor.member_id, now=now)
        self._ring(room, told)
        return row

    async def cancel(self, actor: Actor, room: ConversationId, id: UUID) -> None:
        """Take a planned one off; those who come are told. Raises NotFound, Forbidden, Conflict once it has
        begun."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            _seen, row = await self._to_change(tx, actor, room, id)
            await store.cancel(tx, id, now=now)
            told = await tell(tx, row, "meeting_off", by=actor.member_id, now=now)
        self._ring(room, told)

    async def _to_change(
        self, tx: Tx, actor: Actor, room: ConversationId, id: UUID
    ) -> tuple[Seen, MeetingRow]:
        _room, seen = await self._rooms.look(tx, actor, room)
        facilitate(seen).require()
        await store.lock_room(tx, room)
        row, turns = await looked_up(tx, room, id)
        if turns.began_at is not None:
            raise Conflict("This meeting has begun. You can end it.", code="has_begun")
        return seen, row

    def _ring(self, room: ConversationId, members: Sequence[MemberId]) -> None:
        self._bus.ring("room", room)
        for member in members:
            self._bus.ring("member", member)

    async def come(self, actor: Actor, room: ConversationId, id: UUID, *, comes: bool) -> None:
        """Say that one comes, or no longer; whoever comes is reminded. Raises NotFound, NotAMember, Conflict when
        it isn't to come any more."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            _room, seen = await self._rooms.look(tx, actor, room)
            if seen.place.state != "member":
                raise NotAMember
            await store.lock_room(tx, room)
            row, turns = await looked_up(tx, room, id)
            if turns.phase(row.starts_at, now) != "planned":
                raise Conflict("This meeting has begun, or is over.", code="has_begun")
            if comes:
                await coming_store.come(tx, id, actor.member_id, now=now, is_soon=is_soon(row.starts_at, now))
            else:
                await coming_store.stay_away(tx, id, actor.member_id)
        self._bus.ring("room", room)


def facilitate(seen: Seen) -> rulings.Ruling:
    """Plan and lead meetings, call people, make a room slow: facilitators and those above them. Running the
    machine is no training for this, so operators count only as what they are in the group."""
    return rulings.answer(seen.place)


async def looked_up(conn: Conn, room: ConversationId, id: UUID) -> tuple[MeetingRow, Turns]:
    """A meeting of this room and where it stands. Raises NotFound."""
    row = await store.get(conn, id)
    if row is None or row.conversation_id != room or row.cancelled_at is not None:
        raise NotFound
    return row, derived((await store.acts(conn, [id]))[id])


def _checked(form: MeetingForm, now: datetime) -> tuple[str, ...]:
    """The agenda, tidied. Raises Invalid, naming every field that needs mending."""
    agenda = tuple(line for line in (" ".join(raw.split()) for raw in form.agenda) if line)
    wrong = []
    if not now - timedelta(hours=1) <= form.starts_at <= now + AHEAD_MAX:
        wrong.append(FieldError("date", "Please choose a time within the next year."))
    if not 1 <= form.share_minutes <= SHARE_MINUTES_MAX:
        wrong.append(FieldError("share_minutes", "A share has 1 to 30 minutes."))
    if len(agenda) > AGENDA_LINES_MAX or any(len(line) > AGENDA_CHARS_MAX for line in agenda):
        wrong.append(FieldError("agenda", "At most 12 lines of 120 characters, please."))
    if any(not line.isprintable() for line in agenda):
        wrong.append(FieldError("agenda", "There is a character in this that we can't keep."))
    if wrong:
        raise Invalid(fields=tuple(wrong))
    return agenda
