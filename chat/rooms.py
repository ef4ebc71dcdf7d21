"""Rooms of a group: list, open, read-only and back, archive. Pages and API call these same functions."""

from __future__ import annotations

from dataclasses import dataclass

from chat import store
from chat.store import RoomRow
from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Database
from community.errors import Conflict, FieldError, Invalid, NotFound
from community.groups import Actor, Groups, Seen
from community.ids import ConversationId, new_id
from community.judging import Gatekeeper, Words
from community.store import conversations

NAME_CHARS_MAX = 60
ABOUT_CHARS_MAX = 300


@dataclass(frozen=True, slots=True)
class RoomForm:
    name: str
    about: str = ""


class Rooms:
    def __init__(self, database: Database, clock: Clock, groups: Groups, gate: Gatekeeper, bus: Bus) -> None:
        self._database = database
        self._clock = clock
        self._groups = groups
        self._gate = gate
        self._bus = bus

    async def of_group(self, actor: Actor, slug: str) -> tuple[Seen, list[RoomRow]]:
        """The group's rooms, for whoever may read there. Raises NotFound."""
        async with self._database.read() as conn:
            seen = await self._groups.look(conn, actor, slug)
            rulings.read(seen.place).require()
            return seen, await store.of_group(conn, seen.group.id)

    async def open(self, actor: Actor, slug: str, form: RoomForm) -> RoomRow:
        """A new room, by a moderator. Its name is judged like all words. Raises Forbidden, Conflict."""
        name, about = " ".join(form.name.split()), form.about.strip()
        if not 1 <= len(name) <= NAME_CHARS_MAX or len(about) > ABOUT_CHARS_MAX or "\0" in name + about:
            say = f"A room has a name of 1 to {NAME_CHARS_MAX} characters."
            raise Invalid(say, code="bad_name", fields=(FieldError("name", say),))
        judged = self._gate.judge(Words(f"{name}\n{about}".strip(), "group_card"))
        if judged.is_refused:
            raise Invalid("Please choose other words; these may hurt people here.", code="ask_to_edit")
        async with self._database.transaction() as tx:
            seen = await self._groups.look(tx, actor, slug)
            rulings.moderate(seen.place).require()
            room = RoomRow(ConversationId(new_id()), seen.group.id, name, about, 0, "open", 0)
            await conversations.create(tx, room.id, kind="room", group_id=seen.group.id, now=self._clock.now())
            if not await store.add(tx, room):
                raise Conflict("There is a room of this name already.", code="name_taken")
            if judged.has_care:
                await self._gate.keep(tx, judged, author=actor.member_id, group=seen.group.id)
        return room

    async def set_open(self, actor: Actor, slug: str, id: ConversationId, *, open: bool) -> RoomRow:
        """Read-only, or open again. Raises NotFound, Forbidden."""
        async with self._database.transaction() as tx:
            seen = await self._groups.look(tx, actor, slug)
            rulings.moderate(seen.place).require()
            room = await store.get(tx, id)
            if room is None or room.group_id != seen.group.id:
                raise NotFound
            await conversations.set_state(tx, id, "open" if open else "read_only")
        self._bus.ring("group", seen.group.id)
        async with self._database.read() as conn:
            found = await store.get(conn, id)
        if found is None:
            raise NotFound
        return found
