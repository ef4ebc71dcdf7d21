"""Joining two cases that are one situation, and parting one that is two. The person sees what it means first."""

from __future__ import annotations

from starlette.responses import Response

from community.errors import BadRequest, FieldError, Invalid
from community.ids import CaseId, MessageId, parse_id
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.regrouping import Regrouping
from moderation.desk import saying
from moderation.desk.case_acts import version_of
from moderation.desk.console import Console, who_of
from moderation.desk.desk import Desk

OFFERED_MAX = 60


class RegroupPages:
    def __init__(self, desk: Desk, regrouping: Regrouping, console: Console) -> None:
        self._desk = desk
        self._regrouping = regrouping
        self._console = console

    def pages(self) -> list[Page]:
        path = "/moderation/cases/{id}/regroup"
        return [Page("GET", path, self.show), Page("POST", path, self.act, again=self.show)]

    async def show(self, visit: Visit) -> Response:
        """Other open cases of this lane, and this one's messages by author and time: no words of anyone."""
        who = who_of(visit)
        seen = await self._desk.see(who, CaseId(visit.id("id")))
        lane, subject = seen.row.case.lane, seen.subject
        rows = await self._desk.queue(who, lane=lane, state=None, offset=0, limit=OFFERED_MAX)
        movable = [
            m
            for m in seen.messages
            if (m.author_id != subject if lane == "care" else m.id != seen.row.message_id)
        ]
        return await self._console.render(
            visit,
            "moderation/regroup.html",
            seen=seen,
            case=seen.row.case,
            others=[row for row in rows if row.id != seen.row.id],
            movable=movable if len(seen.messages) > 1 else [],
            summary=saying.summary(seen.row.case.rules),
            saying=saying,
        )

    async def act(self, visit: Visit) -> Response:
        form, who, id = await visit.form(), who_of(visit), CaseId(visit.id("id"))
        version = version_of(form)
        if not form.get("text"):
            raise Invalid(fields=(FieldError("text", _("Please say why, for the next person.")),))
        if form.get("act") == "merge":
            into = parse_id(form.get("into"))
            if into is None:
                raise Invalid(fields=(FieldError("into", _("Please choose a case.")),))
            row = await self._regrouping.merge(who, id, version, CaseId(into), form.get("text"))
            say = _("Joined. This is the case that stays; the other one leads here.")
            return visit.redirect(f"/moderation/cases/{row.id}", say=say)
        if form.get("act") == "split":
            chosen = [MessageId(m) for text in form.all("message") if (m := parse_id(text)) is not None]
            if not chosen:
                raise Invalid(fields=(FieldError("message", _("Please choose at least one message.")),))
            _left, fresh = await self._regrouping.split(who, id, version, chosen, form.get("text"))
            return visit.redirect(f"/moderation/cases/{fresh.id}", say=_("Parted. This is the new case."))
        raise BadRequest(_("Please choose what to do."))
