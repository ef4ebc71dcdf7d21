"""Letters for the member: what the team wrote to me, and a box to answer. Works without scripts."""

from __future__ import annotations

from markupsafe import Markup
from starlette.responses import Response

from community.database import Database
from community.errors import NotFound
from community.ids import ConversationId, new_id
from community.store import messages
from community.web.pages import Page
from community.web.sections import Entry, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.letters import SHOWN_MAX, Letters
from moderation.gate.gate import Gate
from moderation.gate.submissions import Send


class LettersPages:
    def __init__(self, letters: Letters, gate: Gate, database: Database) -> None:
        self._letters = letters
        self._gate = gate
        self._database = database

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/letters", self.list),
            Page("GET", "/letters/{id}", self.one),
            Page("POST", "/letters/{id}", self.answer, again=self.one),
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """The way to one's letters, for those who have one. Neutral words: somebody may look over a shoulder."""
        rows = await self._letters.mine(who.member_id)
        if not rows:
            return None
        entries = tuple(Entry(_("Letters"), f"/letters/{row.conversation_id}") for row in rows)
        return RailSection(_("For you"), entries, True)

    async def list(self, visit: Visit) -> Response:
        rows = await self._letters.mine(visit.signed().member_id)
        if len(rows) == 1:
            return visit.redirect(f"/letters/{rows[0].conversation_id}")
        return visit.render("moderation/letters.html", rows=rows)

    async def one(self, visit: Visit) -> Response:
        id = await self._own(visit)
        async with self._database.read() as conn:
            said = await messages.history(conn, id, before=None, limit=SHOWN_MAX)
            held = await messages.held_of(conn, id, visit.signed().member_id)
        return visit.render(
            "moderation/letter.html",
            id=id,
            me=visit.signed().member_id,
            said=[(view, Markup(view.html)) for view in said],  # noqa: S704 - sanitised when kept
            held=held,
            nonce=new_id().hex,
        )

    async def answer(self, visit: Visit) -> Response:
        form, id = await visit.form(), await self._own(visit)
        nonce = form.get("nonce") or new_id().hex
        sent = await self._gate.send(Send(visit.signed().member_id, id, nonce, form.get("body")))
        say = (
            _("Sent. A person reads it.")
            if sent.seq is not None
            else _("We have it. A person reads it first.")
        )
        return visit.redirect(f"/letters/{id}", say=say)

    async def _own(self, visit: Visit) -> ConversationId:
        """The conversation, if it is this member's own. Raises NotFound."""
        id = ConversationId(visit.id("id"))
        if id not in {row.conversation_id for row in await self._letters.mine(visit.signed().member_id)}:
            raise NotFound
        return id
