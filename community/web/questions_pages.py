"""Asking a group's facilitators before joining, their answers, and looking in first."""

from __future__ import annotations

from starlette.responses import Response

from community.ids import MemberId
from community.questions import QUESTION_CHARS_MAX, Questions
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.sections import Entry, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _, several


class QuestionsPages:
    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/groups/{slug}/ask", self.mine),
            Page("POST", "/groups/{slug}/ask", self.ask, again=self.mine),
            Page("GET", "/groups/{slug}/questions", self.asked),
            Page("POST", "/groups/{slug}/questions/{member}", self.answer, again=self.asked),
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """For facilitators: where somebody waits for an answer."""
        found = await self._questions.waiting(who.member_id)
        entries = tuple(
            Entry(
                w.name,
                f"/groups/{w.slug}/questions",
                aside=several("%d waits", "%d wait", w.people) % w.people,
            )
            for w in found
        )
        return RailSection(_("Questions to you"), entries, True) if entries else None

    async def mine(self, visit: Visit) -> Response:
        seen, said = await self._questions.mine(required_actor(visit), visit.path["slug"])
        return visit.render("ask.html", group=seen.group, said=said, chars_max=QUESTION_CHARS_MAX)

    async def ask(self, visit: Visit) -> Response:
        form, slug = await visit.form(), visit.path["slug"]
        support = await self._questions.ask(required_actor(visit), slug, form.get("words"))
        if support is not None:
            return visit.render("support_page.html", support=support, onward=f"/groups/{slug}/ask")
        say = _("Sent. The people who lead the group read it; their answer comes here and under Notices.")
        return visit.redirect(f"/groups/{slug}/ask", say=say)

    async def asked(self, visit: Visit) -> Response:
        seen, threads = await self._questions.asked(required_actor(visit), visit.path["slug"])
        answering = visit.path.get("member", "")
        return visit.render(
            "questions.html",
            group=seen.group,
            threads=threads,
            answering=answering,
            chars_max=QUESTION_CHARS_MAX,
        )

    async def answer(self, visit: Visit) -> Response:
        form, slug = await visit.form(), visit.path["slug"]
        asker = MemberId(visit.id("member"))
        support = await self._questions.answer(required_actor(visit), slug, asker, form.get("words"))
        onward = f"/groups/{slug}/questions"
        if support is not None:
            return visit.render("support_page.html", support=support, onward=onward)
        return visit.redirect(onward, say=_("Your answer is with them."))
