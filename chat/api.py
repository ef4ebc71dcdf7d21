"""Chat's part of the JSON API: rooms. Words in them go through the calls of all conversations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from chat.rooms import RoomForm, Rooms
from chat.store.rooms import RoomRow, RoomView
from community.groups import Actor
from community.ids import ConversationId
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Listed, Named


class RoomBody(msgspec.Struct, frozen=True):
    name: str
    about: str = ""


class RoomChange(msgspec.Struct, frozen=True):
    open: bool


class DraftBody(msgspec.Struct, frozen=True):
    """`nonce`: the one these words will be sent with, so that a save that comes late keeps nothing."""

    body: str
    nonce: str = ""


class PeopleQuery(msgspec.Struct, frozen=True):
    """`q`: how the handle begins."""

    q: str = ""


class RoomShape(msgspec.Struct, frozen=True, omit_defaults=True):
    """A room's id is its conversation id. `new` counts events since this reader was last there."""

    id: UUID
    name: str
    about: str
    state: str
    last_seq: int
    new: int | None = None
    last_at: datetime | None = None
    facilitated: bool = False


class ChatApi:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def calls(self) -> list[Call]:
        rooms = "/groups/{slug}/rooms"
        return [
            Call("GET", rooms, self.list, "A group's rooms", answers={200: Listed[RoomShape]}),
            Call("POST", rooms, self.open, "Open a room", body=RoomBody, answers={201: RoomShape}),
            Call(
                "PATCH",
                rooms + "/{id}",
                self.change,
                "Read-only or open",
                body=RoomChange,
                answers={200: RoomShape},
            ),
            Call(
                "PUT",
                "/rooms/{id}/draft",
                self.keep_draft,
                "Keep what I began to write",
                body=DraftBody,
                answers={204: None},
                idempotent=False,
            ),
            Call(
                "GET",
                "/conversations/{id}/people",
                self.people,
                "Whom one may mean by @… here",
                query=PeopleQuery,
                answers={200: Listed[Named]},
            ),
        ]

    async def list(self, ask: Ask) -> Answer:
        _, rooms = await self._rooms.of_group(_actor(ask), ask.path["slug"])
        return Answer(Listed([_listed(view) for view in rooms]))

    async def open(self, ask: Ask) -> Answer:
        form = RoomForm(ask.body.name, ask.body.about)
        return Answer(_shape(await self._rooms.open(_actor(ask), ask.path["slug"], form)), 201)

    async def change(self, ask: Ask) -> Answer:
        id = ConversationId(ask.id("id"))
        room = await self._rooms.set_open(_actor(ask), ask.path["slug"], id, open=ask.body.open)
        return Answer(_shape(room))

    async def people(self, ask: Ask) -> Answer:
        found = await self._rooms.people_named(_actor(ask), ConversationId(ask.id("id")), ask.query.q)
        return Answer(Listed([Named(handle) for handle in found]))

    async def keep_draft(self, ask: Ask) -> Answer:
        await self._rooms.keep_draft(
            _actor(ask), ConversationId(ask.id("id")), ask.body.body, nonce=ask.body.nonce
        )
        return Answer(status=204)


def _actor(ask: Ask) -> Actor:
    who = ask.signed()
    return Actor(who.member_id, who.is_operator)


def _shape(room: RoomRow) -> RoomShape:
    return RoomShape(room.id, room.name, room.about, room.state, room.last_seq, facilitated=room.facilitated)


def _listed(view: RoomView) -> RoomShape:
    room = view.room
    return RoomShape(
        room.id,
        room.name,
        room.about,
        room.state,
        room.last_seq,
        view.new,
        view.last_at,
        room.facilitated,
    )
