"""What a room's page and a pairing's have in common: lines, the box to write in, drafts, and how far one has read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chat import visits
from chat.message_pages import Home, RoomParts
from chat.talk import Eye, Where
from community.ids import ConversationId, MemberId
from community.rulings import Ruling
from community.store import marks
from community.web.choices import warning_name
from community.web.visit import Visit
from community.wishes import WARNINGS
from moderation.gate.edits import REACTIONS
from moderation.gate.submissions import Send, Sent
from moderation.gate.support import SupportCard


@dataclass(frozen=True, slots=True)
class Asked:
    """What the visit asks for: only the lines (for scripts), or a page that loads itself anew."""

    is_part: bool
    is_reading: bool


class TalkPages:
    def __init__(self, parts: RoomParts) -> None:
        self._parts = parts

    def asked(self, visit: Visit) -> Asked:
        is_part = visit.query.get("part") == "lines" and visit.request.method == "GET"
        return Asked(is_part, visit.query.get("reading") == "1")

    async def say(self, visit: Visit, id: ConversationId) -> Sent:
        """What a browser without scripts sends. A second tap, or a reload, is the same message."""
        form, author = await visit.form(), visit.signed().member_id
        chosen = tuple(dict.fromkeys(w for w in form.all("warnings") if w in WARNINGS))
        sent = await self._parts.gate.send(
            Send(
                author=author,
                conversation=id,
                nonce=form.get("nonce"),
                body=form.get("body"),
                reply_to=visits.message_id(form.get("reply_to")),
                warnings=chosen,
            )
        )
        await self._parts.rooms.drop_draft(author, id)
        if sent.seq is not None:
            await self._have_read(author, id, sent.seq)
        return sent

    async def context(
        self, visit: Visit, place: Home, may_write: Ruling, *, support: SupportCard | None
    ) -> dict[str, Any]:
        """What the templates of a talk read, whatever kind of talk it is."""
        eye, query, asked = visits.eye(visit), visit.query, self.asked(visit)
        seen_to = visits.number(query.get("seen", ""))
        if seen_to is not None:
            await self._have_read(eye.member, place.id, seen_to)
        at = visits.message_id(query.get("at", ""))
        where = Where(visits.number(query.get("before", "")), visits.number(query.get("after", "")), at)
        part = await self._parts.talk.part(eye, place.id, where)
        if asked.is_reading and part.lines:
            await self._have_read(eye.member, place.id, part.lines[-1].message.seq or 0)
        draft = None if asked.is_part else await self._parts.rooms.draft(eye.member, place.id)
        return {
            "room": place,
            "part": part,
            "may_write": may_write,
            "answered": await self._answered(visit, place, eye),
            "draft": draft.body if draft else "",
            "nonce": visits.nonce(visit, draft.nonce if draft else ""),
            "support": support,
            "card": None if support else await self._parts.cards.of(eye.member, place.id),
            "findings": visits.findings_in(visit),
            "reloads": asked.is_reading,
            "is_part_of_more": part.newer is not None,
            "is_seen": False if asked.is_part else await self._is_seen(eye),
            "at": at,
            "reactions": REACTIONS,
            "warnings": [(name, warning_name(name)) for name in WARNINGS],
        }

    async def _answered(self, visit: Visit, place: Home, eye: Eye) -> object:
        wanted = visits.message_id(visit.values.get("reply_to") or visit.query.get("to", ""))
        return await self._parts.talk.one(eye, place.id, wanted) if wanted is not None else None

    async def _is_seen(self, eye: Eye) -> bool:
        return (await self._parts.people.me(eye.member)).settings.get("presence") is True

    async def _have_read(self, member: MemberId, id: ConversationId, seq: int) -> None:
        async with self._parts.database.transaction() as tx:
            await marks.have_read(tx, {(member, id): seq})
