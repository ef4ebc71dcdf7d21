"""After a death, over HTTP and as the one page that members open: the announcement, and what is watched."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from starlette.responses import Response

from community.ids import CaseId
from community.web.calls import Answer, Ask, Call
from community.web.pages import Page
from community.web.shapes import Listed
from community.web.visit import Visit
from moderation.casework.memorial import Memorials
from moderation.desk.letters_api import who_of


class AnnouncementBody(msgspec.Struct, frozen=True):
    text: str


class UndoBody(msgspec.Struct, frozen=True):
    reason: str


class LookShape(msgspec.Struct, frozen=True):
    """The case in which somebody looks for them now."""

    case: UUID


class ToldShape(msgspec.Struct, frozen=True, omit_defaults=True):
    people: int
    support: Any = None


class AnnouncementShape(msgspec.Struct, frozen=True):
    at: datetime
    words: str


class WatchedShape(msgspec.Struct, frozen=True):
    group: UUID
    slug: str
    until: datetime


class MemorialApi:
    def __init__(self, memorials: Memorials) -> None:
        self._memorials = memorials

    def calls(self) -> list[Call]:
        return [
            Call("POST", "/moderation/cases/{id}/announcement", self.announce, "Tell the person's groups, once",
                 body=AnnouncementBody, answers={201: ToldShape}),
            Call("POST", "/moderation/cases/{id}/memorial/undo", self.undo, "They live: it was a mistake",
                 body=UndoBody, answers={200: LookShape}),
            Call("GET", "/moderation/watched", self.watched, "Groups of somebody who died",
                 answers={200: Listed[WatchedShape]}),
            Call("GET", "/me/memorials", self.told, "What the team told my groups after a death",
                 answers={200: Listed[AnnouncementShape]}),
        ]  # fmt: skip

    def pages(self) -> list[Page]:
        return [Page("GET", "/memorials", self.page)]

    async def announce(self, ask: Ask) -> Answer:
        people, support = await self._memorials.announce(who_of(ask), CaseId(ask.id("id")), ask.body.text)
        return Answer(ToldShape(people, support), status=201)

    async def undo(self, ask: Ask) -> Answer:
        case = await self._memorials.undo(who_of(ask), CaseId(ask.id("id")), ask.body.reason)
        return Answer(LookShape(case))

    async def watched(self, ask: Ask) -> Answer:
        found = await self._memorials.watched(who_of(ask))
        return Answer(Listed([WatchedShape(w.group_id, w.slug, w.until) for w in found]))

    async def told(self, ask: Ask) -> Answer:
        found = await self._memorials.told(ask.signed().member_id)
        return Answer(Listed([AnnouncementShape(a.at, a.words) for a in found]))

    async def page(self, visit: Visit) -> Response:
        """What the team wrote, quietly; nothing else."""
        told = await self._memorials.told(visit.signed().member_id)
        return visit.render("moderation/memorials.html", told=told)
