"""Meetings of a room: planned, begun and ended by those who facilitate, with a queue for whoever wants a turn.

The queue orders turns and nothing else. Nobody is refused a message because somebody else has the turn: the
gate hears everyone at any time, and short lines of support are welcome. What changes is told by a ring without
a word in it; each page reads again what its own reader may see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from chat.airtime import Air, airtime
from chat.planning import Planning, facilitate, looked_up
from chat.rooms import Rooms
from chat.store import coming as coming_store
from chat.store import meetings as store
from chat.store.meetings import MeetingRow
from chat.store.rooms import RoomRow
from chat.turns import Act, Kind, Phase, Turns, derived, step
from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotAMember, NotFound
from community.groups import Actor, Seen
from community.ids import ConversationId, MemberId, NoticeId, new_id
from community.store import access, groups, people

ACTS_MAX: Final = 5_000
ACTS_A_PERSON_MAX: Final = 100
SLOW_SECONDS: Final = (0, 10, 30, 60, 120, 300)

Own = Literal["raise", "lower", "pass", "check_in", "check_out"]
"""What everyone who may write does for themselves; the other acts are for those who facilitate."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as one person sees it. People on the other side of a block have no name here; those who
    facilitate see everyone, because they call them."""

    row: MeetingRow
    turns: Turns
    phase: Phase
    me: MemberId
    facilitates: bool
    handles: Mapping[MemberId, str]
    people_coming: int = 0
    """How many said that they come; for those who facilitate."""
    comes: bool = False
    """Whether the one who looks said so."""

    @property
    def place_in_queue(self) -> int:
        """1 for next; 0: not in the queue."""
        return self.turns.queue.index(self.me) + 1 if self.me in self.turns.queue else 0

    @property
    def has_turn(self) -> bool:
        return self.turns.turn is not None and self.turns.turn.member == self.me

    @property
    def share_ends_at(self) -> datetime | None:
        """When the minutes of this share are over. Nothing happens then but a kind word."""
        turn = self.turns.turn
        return turn.since + timedelta(minutes=self.row.share_minutes) if turn else None


class Meetings:
    def __init__(self, database: Database, clock: Clock, rooms: Rooms, bus: Bus) -> None:
        self._database = database
        self._clock = clock
        self._rooms = rooms
        self._bus = bus
        self.planning = Planning(database, clock, rooms, bus)

    # ---- reading

    async def of_room(self, actor: Actor, room: ConversationId) -> list[Meeting]:
        """The one that is running and those to come, in this order. Raises NotFound."""
        async with self._database.read() as conn:
            _row, seen = await self._rooms.look(conn, actor, room)
            return await self._coming(conn, actor, room, seen)

    async def current(self, actor: Actor, room: ConversationId) -> Meeting | None:
        """The running meeting, else the next. Raises NotFound."""
        found = await self.of_room(actor, room)
        return found[0] if found else None

    async def airtime(self, actor: Actor, room: ConversationId) -> tuple[Meeting, list[Air]]:
        """How much everyone said so far. For those who facilitate. Raises NotFound, Forbidden."""
        async with self._database.read() as conn:
            _row, seen = await self._rooms.look(conn, actor, room)
            facilitate(seen).require()
            found = await self._coming(conn, actor, room, seen)
            began_at = found[0].turns.began_at if found else None
            if began_at is None:
                raise NotFound
            said = await store.said_since(conn, room, since=began_at, until=None)
            apart = await store.facilitators(conn, seen.group.id)
            air = airtime(found[0].turns, said, apart=apart)
            handles = await self._handles(conn, actor, [one.member for one in air], everyone=True)
        meeting = found[0]
        named = {**meeting.handles, **handles}
        return replace(meeting, facilitates=True, handles=named), air

    # ---- in the meeting

    async def do(self, actor: Actor, room: ConversationId, id: UUID, kind: Own) -> None:
        """Raise a hand, take it down, pass, check in or out, for oneself. Raises NotFound, Conflict when the
        meeting isn't running, and what forbids to write here (but a hand may always come down)."""
        async with self._database.transaction() as tx:
            row, seen = await self._rooms.look(tx, actor, room)
            if kind in ("raise", "check_in"):
                now = self._clock.now()
                rulings.write(seen.place, now=now, conversation=row.state).require()
            elif kind == "check_out" and seen.place.state != "member":
                raise NotAMember
            await self._act(tx, room, id, kind, actor.member_id)
        self._bus.ring("room", room)

    async def call_next(self, actor: Actor, room: ConversationId, id: UUID) -> None:
        """The turn goes to whoever waits longest; to nobody when the queue is empty."""
        await self._lead(actor, room, id, "call")

    async def begin(self, actor: Actor, room: ConversationId, id: UUID) -> None:
        await self._lead(actor, room, id, "begin")

    async def end(self, actor: Actor, room: ConversationId, id: UUID) -> None:
        await self._lead(actor, room, id, "end")

    async def nudge(
        self,
        actor: Actor,
        room: ConversationId,
        id: UUID,
        member: MemberId,
        *,
        wants: Literal["others", "turn"],
    ) -> None:
        """A private word, each at most once a meeting: that others would like a turn, or whether they would.
        Raises NotFound for somebody who isn't in the group, Forbidden, Conflict."""
        kind: Kind = "nudge_others" if wants == "others" else "nudge_turn"
        async with self._database.transaction() as tx:
            _row, seen = await self._rooms.look(tx, actor, room)
            facilitate(seen).require()
            other = await groups.membership(tx, seen.group.id, member)
            if other is None or other.state != "member" or other.banned_at is not None:
                raise NotFound  # strangers who read along are none of a facilitator's business
            if await self._act(tx, room, id, kind, member):
                await people.add_notice(
                    tx,
                    member,
                    id=NoticeId(new_id()),
                    kind=f"meeting_{wants}",
                    message_id=None,
                    parameters={"conversation": str(room)},
                    now=self._clock.now(),
                )
        self._bus.ring("member", member)
        self._bus.ring("room", room)

    # ---- slow mode

    async def slow_seconds(self, room: ConversationId) -> int:
        async with self._database.read() as conn:
            return await store.slow_of(conn, room)

    async def set_slow(self, actor: Actor, room: ConversationId, seconds: int) -> None:
        """So many seconds between two messages of one person; 0 ends it. By those who facilitate. Raises
        NotFound, Forbidden, Invalid."""
        if seconds not in SLOW_SECONDS:
            say = "Please choose one of these."
            raise Invalid(say, fields=(FieldError("seconds", say),))
        async with self._database.transaction() as tx:
            _row, seen = await self._rooms.look(tx, actor, room)
            facilitate(seen).require()
            await store.set_slow(tx, room, seconds)
        self._bus.ring("room", room)

    # ---- inner

    async def _lead(self, actor: Actor, room: ConversationId, id: UUID, kind: Kind) -> None:
        async with self._database.transaction() as tx:
            _row, seen = await self._rooms.look(tx, actor, room)
            facilitate(seen).require()
            await self._act(tx, room, id, kind, None)
        self._bus.ring("room", room)

    async def _act(self, tx: Tx, room: ConversationId, id: UUID, kind: Kind, member: MemberId | None) -> bool:
        """Write the act if it changes something; whether it did."""
        now = self._clock.now()
        await store.lock_room(tx, room)
        row, turns = await looked_up(tx, room, id)
        phase = turns.phase(row.starts_at, now)
        if kind == "begin":
            await self._alone(tx, room, id, now)
        elif phase == "planned":
            raise Conflict("This meeting hasn't begun yet.", code="not_begun")
        elif phase == "over":
            raise Conflict("This meeting is over.", code="is_over")
        if kind == "call":
            member = turns.next
        act = Act(kind, member, now)
        if step(turns, act) == turns:
            return False
        await self._bounded(tx, id, act)
        await store.add_act(tx, id, act)
        return True

    async def _alone(self, tx: Tx, room: ConversationId, id: UUID, now: datetime) -> None:
        """Raises Conflict while another meeting of this room is running."""
        rows = await store.coming(tx, room, now=now)
        acts = await store.acts(tx, [row.id for row in rows])
        for row in rows:
            if row.id != id and derived(acts[row.id]).phase(row.starts_at, now) == "running":
                raise Conflict("Another meeting is going on in this room.", code="another_runs")

    async def _bounded(self, tx: Tx, id: UUID, act: Act) -> None:
        """Nobody fills a meeting with hands going up and down; it can always be ended and led on."""
        if act.kind in ("call", "end", "lower", "pass"):
            return
        before = (await store.acts(tx, [id]))[id]
        own = sum(1 for one in before if one.member is not None and one.member == act.member)
        if len(before) >= ACTS_MAX or own >= ACTS_A_PERSON_MAX:
            raise Forbidden("That was changed very often in this meeting already.", code="too_many")

    async def _coming(self, conn: Conn, actor: Actor, room: ConversationId, seen: Seen) -> list[Meeting]:
        now, leads = self._clock.now(), facilitate(seen).allowed
        rows = await store.coming(conn, room, now=now)
        acts = await store.acts(conn, [row.id for row in rows]) if rows else {}
        states = [(row, derived(acts[row.id])) for row in rows]
        named = {
            m for _, turns in states for m in (*turns.queue, *([turns.turn.member] if turns.turn else []))
        }
        handles = await self._handles(conn, actor, list(named), everyone=leads) if named else {}
        coming = (
            await coming_store.of_meetings(conn, [row.id for row in rows], actor.member_id) if rows else {}
        )
        found = []
        for row, turns in states:
            people_coming, comes = coming.get(row.id, (0, False))
            seen_by = Meeting(row, turns, turns.phase(row.starts_at, now), actor.member_id, leads, handles)
            found.append(replace(seen_by, people_coming=people_coming if leads else 0, comes=comes))
        return sorted((m for m in found if m.phase != "over"), key=lambda m: m.phase != "running")

    async def _handles(
        self, conn: Conn, actor: Actor, members: Sequence[MemberId], *, everyone: bool
    ) -> dict[MemberId, str]:
        known = await people.handles(conn, list(members))
        if everyone:
            return {id: handle for id, handle in known.items() if handle}
        apart = await access.blocked_by(conn, actor.member_id) | await access.blockers_of(
            conn, actor.member_id
        )
        return {id: handle for id, handle in known.items() if handle and id not in apart}


def is_slow_for(room: RoomRow, seen: Seen, seconds: int) -> bool:
    """Whether this person waits between two messages here; those who facilitate don't."""
    return seconds > 0 and not facilitate(seen).allowed
