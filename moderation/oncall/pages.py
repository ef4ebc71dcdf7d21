"""Plain pages of on-call: hand-over, one's own settings, and the page behind a page's link.

The last one works signed out, by its secret alone: whoever is woken at three needs no password. Opening it
changes nothing; its button does.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args
from uuid import UUID

from starlette.responses import Response

from community.clock import Clock
from community.errors import BadRequest, FieldError, Invalid
from community.ids import CaseId, parse_id
from community.web.forms import Form
from community.web.pages import Page
from community.web.sections import Entry, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _
from moderation.desk.console import Console
from moderation.desk.desk import Who
from moderation.oncall.outside import Outside
from moderation.oncall.reaching import NewChannel, Reaching
from moderation.oncall.roster_acts import Oncall
from moderation.store.channels import Kind, Style, Use

SHOWN = timedelta(days=14)


class OncallPages:
    def __init__(
        self, oncall: Oncall, reaching: Reaching, clock: Clock, console: Console, outside: Outside
    ) -> None:
        self._console = console
        self._outside = outside
        self._oncall = oncall
        self._reaching = reaching
        self._clock = clock

    def pages(self) -> list[Page]:
        link = "/page/{token}"
        return [
            Page("GET", "/moderation/on-call", self.mine),
            Page("POST", "/moderation/on-call", self.change_mine, again=self.mine),
            Page("GET", "/moderation/handover", self.handover),
            Page("POST", "/moderation/handover", self.hand_over, again=self.handover),
            Page("GET", link, self.link, signed_in=False),
            Page("POST", link, self.press, signed_in=False, guarded=False),  # the secret is the right
            Page("POST", link + "/report", self.report, signed_in=False, guarded=False),
            Page("POST", link + "/answer", self.answer, signed_in=False, guarded=False, again=self.report),
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """The ways to the roster, for those who are on it."""
        seen = await self._reaching.is_staff(Who(who.member_id, who.is_operator))
        entries = (
            Entry(_("Roster"), "/moderation/roster"),
            Entry(_("Hand-over"), "/moderation/handover"),
            Entry(_("How I am reached"), "/moderation/on-call"),
        )
        return RailSection(_("On call"), entries) if seen else None

    # ---- one's own

    async def mine(self, visit: Visit) -> Response:
        who, now = who_of(visit), self._clock.now()
        seen = await self._oncall.look(who, now, now + SHOWN * 2)
        return await self._console.render(
            visit,
            "moderation/oncall_mine.html",
            channels=await self._reaching.listed(who),
            browsers=await self._reaching.browsers(who),
            calendars=await self._reaching.calendars(who),
            records=[r for r in await self._oncall.training(who) if r.member_id == who.member_id],
            shifts=[row for row in seen.shifts if row.member_id == who.member_id],
        )

    async def change_mine(self, visit: Visit) -> Response:
        form, who = await visit.form(), who_of(visit)
        match form.get("act"):
            case "add":
                made = await self._reaching.add(who, channel_of(form))
                if made.kind != "webhook":
                    return visit.redirect("/moderation/on-call", say=_("Pages come there too from now on."))
                return await self._once(visit, _("Its secret, shown this once:"), made.secret)
            case "try":
                tried = await self._reaching.try_browsers(who, id_of(form, "id"))
                if not tried.taken:
                    raise Invalid(tried.said)
                say = _(
                    "The test is on its way. Look whether your browsers show it, also with this page closed."
                )
            case "revoke":
                await self._reaching.revoke(who, id_of(form, "id"))
                say = _("Nothing goes there any more, and links it got open nothing.")
            case "calendar":
                _made, token = await self._reaching.make_calendar(who)
                return await self._once(
                    visit, _("Your calendar's private address:"), f"/calendar/{token}.ics"
                )
            case "end_calendar":
                await self._reaching.end_calendar(who, id_of(form, "id"))
                say = _("That link shows nothing any more.")
            case "topics":
                await self._oncall.spare_me(who, [t for t in form.get("topics").split(",") if t.strip()])
                say = _("Noted. Nobody asks why.")
            case _:
                raise BadRequest(_("Please choose what to do."))
        return visit.redirect("/moderation/on-call", say=say)

    async def _once(self, visit: Visit, title: str, secret: str) -> Response:
        """A secret on its own page: it is in no address, no cookie, and not shown again."""
        return visit.render("moderation/oncall_secret.html", title=title, secret=secret)

    # ---- hand-over

    async def handover(self, visit: Visit) -> Response:
        """Open cases with a box each; one's own first, then those without a note."""
        me = who_of(visit)
        found = await self._oncall.handover(me)
        people = await self._console.people_of(me, [row.case_id for row in found])
        rows = [row for row in found if row.case_id in people]
        ordered = sorted(rows, key=lambda row: (row.owner_id != me.member_id, row.words is not None))
        without = sum(row.words is None for row in rows)
        return await self._console.render(
            visit,
            "moderation/oncall_handover.html",
            rows=ordered,
            people=people,
            without=without,
            me=me.member_id,
        )

    async def hand_over(self, visit: Visit) -> Response:
        """One note, or all of a shift's end at once: empty boxes are left alone."""
        form, who = await visit.form(), who_of(visit)
        if form.has("case"):
            written = [(CaseId(id_of(form, "case")), form.get("words"))]
        else:
            rows = await self._oncall.handover(who)
            said = [(row.case_id, form.get(f"words-{row.case_id}")) for row in rows]
            written = [(case, words) for case, words in said if words]
        if not written:
            raise Invalid(_("Please write at least one note."))
        for case, words in written:
            await self._oncall.hand_over(who, case, words)
        return visit.redirect("/moderation/handover", say=_("Your notes are there for whoever comes next."))

    # ---- the page behind a page's link

    async def link(self, visit: Visit) -> Response:
        linked = await self._reaching.opened(visit.path["token"])
        return visit.render("moderation/oncall_page.html", linked=linked, done=False)

    async def press(self, visit: Visit) -> Response:
        linked = await self._reaching.answer_link(visit.path["token"])
        return visit.render("moderation/oncall_page.html", linked=linked, done=True)

    # ---- a report about whoever leads, for the outside back-up

    async def report(self, visit: Visit) -> Response:
        found = await self._outside.read(visit.path["token"])
        return visit.render("moderation/oncall_report.html", report=found, answered=False)

    async def answer(self, visit: Visit) -> Response:
        form = await visit.form()
        await self._outside.answer(visit.path["token"], form.get("text"))
        return visit.render("moderation/oncall_report.html", report=None, answered=True)


def channel_of(form: Form, use: Use = "person") -> NewChannel:
    """A channel as its form describes it. Raises Invalid beside the field."""
    kind = next((k for k in get_args(Kind) if k == form.get("kind")), None)
    style: Style = next((s for s in get_args(Style) if s == form.get("style")), "kith")
    if kind is None:
        raise Invalid(fields=(FieldError("kind", _("Please choose one.")),))
    return NewChannel(
        kind=kind,
        address=form.get("address"),
        label=form.get("label"),
        style=style,
        their_key=form.get("their_key"),
        aloud=form.get("aloud") == "yes",
        use=use,
    )


def who_of(visit: Visit) -> Who:
    """Who came, as the desk knows them. Raises NotSignedIn."""
    who = visit.signed()
    return Who(who.member_id, who.is_operator)


def id_of(form: Form, name: str) -> UUID:
    """An id that the form names. Raises Invalid beside the field."""
    value = parse_id(form.get(name))
    if value is None:
        raise Invalid(fields=(FieldError(name, _("Please choose one.")),))
    return value


def day_of(form: Form, name: str) -> date:
    """A day that the form names. Raises Invalid beside the field."""
    try:
        day = date.fromisoformat(form.get(name))
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2999:  # further off there is no midnight in every zone
        raise Invalid(fields=(FieldError(name, _("Please give a day.")),))
    return day
