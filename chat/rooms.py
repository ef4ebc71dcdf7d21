"""Rooms of a group: list, open, read-only and back, archive. Pages and API call these same functions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chat.protocol import BODY_CHARS_MAX
from chat.store import rooms as store
from chat.store.rooms import ROOMS_MAX, DraftRow, RoomRow, RoomView
from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal, TooLong
from community.groups import Actor, Groups, Seen, place_of
from community.handles import HANDLE_CHARS_MAX
from community.ids import ConversationId, GroupId, MemberId, new_id
from community.judging import Gatekeeper, Judged, Words
from community.store import access, conversations
from community.store import groups as groups_store
from moderation.gate.submissions import NONCE_CHARS_MAX, is_text
from moderation.gate.words import StandAlone
from moderation.pipeline.types import Outcome

NAME_CHARS_MAX = 60
ABOUT_CHARS_MAX = 300
NAMED_MAX = 6
REFUSALS = (NotFound, Forbidden, Invalid, Conflict)
WRITING = ("open", "read_only", "facilitated")
"""Who may write in a room: everyone, nobody, or everyone while a facilitator is in it."""


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

    async def of_group(self, actor: Actor, slug: str) -> tuple[Seen, list[RoomView]]:
        """The group and its rooms in their order, for whoever may read there. Raises NotFound."""
        async with self._database.read() as conn:
            seen = await self._groups.look(conn, actor, slug)
            rulings.read(seen.place).require()
            return seen, await store.of_group(conn, actor.member_id, seen.group.id)

    async def see(self, actor: Actor, id: ConversationId) -> tuple[RoomRow, Seen]:
        """One room with its group. Raises NotFound."""
        async with self._database.read() as conn:
            return await self.look(conn, actor, id)

    async def look(self, conn: Conn, actor: Actor, id: ConversationId) -> tuple[RoomRow, Seen]:
        """As `see`, within what the caller has open."""
        room = await store.get(conn, id)
        if room is None:
            raise NotFound
        seen = await self._seen(conn, actor, room.group_id)
        rulings.read(seen.place).require()
        return room, seen

    async def open(self, actor: Actor, slug: str, form: RoomForm) -> RoomRow:
        """A new room, by a moderator. Its name is judged like all words. Raises NotFound, Forbidden,
        Invalid, Conflict when the name is taken."""
        try:
            return await self._open(actor, slug, form)
        except REFUSALS as why:
            raise await self.heard(f"{form.name}\n{form.about}", actor, why) from None

    async def _open(self, actor: Actor, slug: str, form: RoomForm) -> RoomRow:
        name, about = _checked(form)
        async with self._database.transaction() as tx:
            seen = await self._groups.look(tx, actor, slug)
            rulings.moderate(seen.place).require()
            if await store.count(tx, seen.group.id) >= ROOMS_MAX:
                raise Forbidden("This group has as many rooms as it can have.", code="too_many")
            room = RoomRow(ConversationId(new_id()), seen.group.id, name, about, 0, "open", 0)
            await conversations.create(
                tx, room.id, kind="room", group_id=seen.group.id, now=self._clock.now()
            )
            if not await store.add(tx, room):
                raise _taken()
            await self._judge(tx, room, actor, seen)
        self._bus.ring("group", room.group_id)
        return room

    # ---- what one had begun to write, kept on the server and not on the device

    async def draft(self, member: MemberId, id: ConversationId) -> DraftRow | None:
        """The member's own draft for this room; None when there is none, or it was sent."""
        async with self._database.read() as conn:
            return await store.draft(conn, member, id)

    async def keep_draft(self, actor: Actor, id: ConversationId, body: str, *, nonce: str) -> None:
        """Keep it, replacing the earlier one; an empty one is dropped. `nonce` is the one it will be sent
        with: a save that arrives after the sending keeps nothing. Raises NotFound, TooLong, Invalid."""
        check_draft(body, nonce)
        await self.see(actor, id)
        await self.put_draft(actor.member_id, id, body, nonce=nonce)

    async def put_draft(self, member: MemberId, id: ConversationId, body: str, *, nonce: str) -> None:
        """As `keep_draft`, for a conversation that the caller knows they may write in. Raises TooLong, Invalid."""
        check_draft(body, nonce)
        async with self._database.transaction() as tx:
            await store.keep_draft(tx, member, DraftRow(id, nonce, body, self._clock.now()))

    async def drop_draft(self, member: MemberId, id: ConversationId) -> None:
        """Throw it away; twice is once, and it works without being able to read there any more."""
        async with self._database.transaction() as tx:
            await store.drop_draft(tx, member, id)

    async def people_named(self, actor: Actor, id: ConversationId, begins: str) -> list[str]:
        """Whom one may mean by "@…" here: handles of the group's people. Raises NotFound."""
        begins = begins.strip().lstrip("@")
        check_text(begins)
        async with self._database.read() as conn:
            if not await access.readable(conn, actor.member_id, [id]):
                raise NotFound
            if not begins or len(begins) > HANDLE_CHARS_MAX:
                return []
            return await store.people_named(conn, actor.member_id, id, begins, limit=NAMED_MAX)

    async def change(self, actor: Actor, id: ConversationId, form: RoomForm, writing: str) -> RoomRow:
        """Name, description, and who may write: "open", "read_only", or "facilitated" (while a facilitator
        is in it). By a moderator. Raises NotFound, Forbidden, Invalid, Conflict."""
        try:
            return await self._change(actor, id, form, writing)
        except REFUSALS as why:
            raise await self.heard(f"{form.name}\n{form.about}", actor, why) from None

    async def _change(self, actor: Actor, id: ConversationId, form: RoomForm, writing: str) -> RoomRow:
        if writing not in WRITING:
            raise Invalid(fields=(FieldError("writing", "Please choose one of these."),))
        name, about = _checked(form)
        async with self._database.transaction() as tx:
            heads = await conversations.lock(tx, [id])
            before = await store.get(tx, id)
            if before is None or id not in heads:
                raise NotFound
            seen = await self._seen(tx, actor, before.group_id)
            rulings.moderate(seen.place).require()
            room = replace(before, name=name, about=about, facilitated=writing == "facilitated")
            if await store.name_taken(tx, room):
                raise _taken()
            await store.update(tx, room)
            await self._judge(tx, room, actor, seen)
            if writing != "facilitated":
                await conversations.set_state(tx, id, writing)
        self._bus.ring("group", room.group_id)
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

    async def _seen(self, conn: Conn, actor: Actor, id: GroupId) -> Seen:
        group = await groups_store.by_id(conn, id)
        if group is None:
            raise NotFound
        membership = await groups_store.membership(conn, id, actor.member_id)
        return Seen(group, place_of(group, membership, is_operator=actor.is_operator), membership)

    async def _judge(self, tx: Tx, room: RoomRow, actor: Actor, seen: Seen) -> None:
        await self.judge(tx, f"{room.name}\n{room.about}".strip(), actor, seen)

    async def judge(self, tx: Tx, text: str, actor: Actor, seen: Seen) -> None:
        """Words that stand in a room without being a message (its name, an agenda). Pure and quick, so it may
        run inside the short transaction. Raises Invalid for what can't stand, and for what would stand only with
        a part hidden; a cry in it the caller then has `heard`."""
        judged = self._gate.judge(Words(text, "group_card", seen.group.preset))
        if judged.is_refused or _is_masked(judged):
            raise Invalid("Please change these words; some of them may hurt people.", code="ask_to_edit")
        if judged.has_care:
            await self._gate.keep(tx, judged, author=actor.member_id, group=seen.group.id)

    async def heard(self, text: str, actor: Actor, why: Refusal) -> Refusal:
        """Words that were turned away, whatever for: a cry among them is kept for a person all the same, and the
        refusal brings the card. Call it outside the transaction that was given up."""
        judged = self._gate.judge(Words(text.replace("\0", ""), "letter"))
        if judged.has_care:
            async with self._database.transaction() as tx:
                kept = await self._gate.keep(tx, judged, author=actor.member_id, group=None)
            if kept.support is not None:
                why.extra["support"] = kept.support
        return why


def _is_masked(judged: Judged) -> bool:
    if not isinstance(judged, StandAlone):
        return False
    return judged.decision.is_masked or judged.decision.outcome >= Outcome.hold


def check_draft(body: str, nonce: str) -> None:
    """Raises TooLong, Invalid."""
    if len(body) > BODY_CHARS_MAX or len(nonce) > NONCE_CHARS_MAX:
        raise TooLong
    check_text(body + nonce)


def check_text(text: str) -> None:
    """Raises Invalid for what Postgres can't hold."""
    if not is_text(text):
        say = "There is a character in this that we can't keep."
        raise Invalid(say, code="bad_text", fields=(FieldError("body", say),))


def _checked(form: RoomForm) -> tuple[str, str]:
    """Name and description, tidied. Raises Invalid, naming every field that needs mending."""
    name, about = " ".join(form.name.split()), form.about.strip()
    wrong = []
    if not 1 <= len(name) <= NAME_CHARS_MAX or not name.isprintable():
        wrong.append(FieldError("name", f"A name has 1 to {NAME_CHARS_MAX} characters."))
    if len(about) > ABOUT_CHARS_MAX or "\0" in about:
        wrong.append(FieldError("about", f"At most {ABOUT_CHARS_MAX} characters, please."))
    if wrong:
        raise Invalid(fields=tuple(wrong))
    return name, about


def _taken() -> Conflict:
    say = "There is a room of this name already."
    return Conflict(say, code="name_taken", fields=(FieldError("name", say),))
