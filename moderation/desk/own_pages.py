"""A member's side of conduct: what was decided about one's own words and why, and telling somebody else."""

from __future__ import annotations

from starlette.responses import Response

from community import handles
from community.clock import Clock
from community.database import Database
from community.errors import FieldError, Invalid
from community.store import people
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.conduct import Conduct


class OwnPages:
    def __init__(self, conduct: Conduct, database: Database, clock: Clock) -> None:
        self._conduct = conduct
        self._database = database
        self._clock = clock

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/decisions", self.decisions),
            Page("GET", "/complain", self.complaint_form),
            Page("POST", "/complain", self.complain, again=self.complaint_form),
        ]

    async def decisions(self, visit: Visit) -> Response:
        rows = await self._conduct.decisions(visit.signed().member_id)
        return visit.render("moderation/decisions.html", rows=rows, now=self._clock.now())

    async def complaint_form(self, visit: Visit) -> Response:
        return visit.render("moderation/complain.html")

    async def complain(self, visit: Visit) -> Response:
        form = await visit.form()
        async with self._database.read() as conn:
            about = await people.by_handle(conn, handles.folded(form.get("about").strip())[:200])
        if about is None:
            raise Invalid(fields=(FieldError("about", _("We don't know this name.")),))
        support = await self._conduct.complain(visit.signed().member_id, about.id, form.get("text"))
        if support is not None:
            return visit.render("support_page.html", support=support, onward="/me/notices")
        return visit.redirect("/me/notices", say=_("Thank you. Somebody else than this person reads it."))
