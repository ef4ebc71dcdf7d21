"""Disagreeing with a decision, by page: one question, and who answers by when."""

from __future__ import annotations

from starlette.responses import Response

from community.errors import Conflict, FieldError, Invalid, NotFound
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.appeals import TEXT_CHARS_MAX, Appeals


class AppealPages:
    def __init__(self, appeals: Appeals) -> None:
        self._appeals = appeals

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/appeals", self.mine),
            Page("GET", "/appeals/{message}", self.form),
            Page("POST", "/appeals/{message}", self.appeal, again=self.form),
        ]

    async def mine(self, visit: Visit) -> Response:
        found = await self._appeals.of(visit.signed().member_id)
        return visit.render("moderation/appeals.html", appeals=found)

    async def form(self, visit: Visit) -> Response:
        return visit.render("moderation/appeal.html", message=visit.id("message"), chars_max=TEXT_CHARS_MAX)

    async def appeal(self, visit: Visit) -> Response:
        message, text = visit.id("message"), (await visit.form()).get("text")
        if not text:
            raise Invalid(fields=(FieldError("text", _("Please write what you think.")),))
        try:
            _row, support = await self._appeals.appeal(visit.signed().member_id, message, text)
        except NotFound:
            # Not "there is nothing here": they came from a notice about their own words.
            say = _("No person has decided about this. A rule did it by itself; you can change your words.")
            raise Conflict(say, code="no_decision") from None
        if support is not None:
            return visit.render("support_page.html", support=support, onward="/appeals")
        return visit.redirect("/appeals", say=_("Thank you. Another person will read it."))
