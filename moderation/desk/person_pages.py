"""A case's second page for moderators: the person behind it. Letters with beginnings to make one's own, how far it
has gone, asking again, passing on, repair, and what needs a second person. Works without scripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

from markupsafe import Markup
from starlette.responses import Response

from community import handles
from community.errors import BadRequest, FieldError, Invalid, NotFound
from community.ids import CaseId, MessageId, new_id, parse_id
from community.store import people
from community.web.forms import Form
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.acts import Rung, When
from moderation.casework.break_glass import BreakGlass
from moderation.casework.conduct import Conduct
from moderation.casework.follow_ups import FollowUps
from moderation.casework.letters import Letter, Letters
from moderation.casework.phrases import offered
from moderation.casework.second_person import SecondPerson, Wanted
from moderation.casework.two_people import Kind
from moderation.desk import saying
from moderation.desk.desk import Desk
from moderation.desk.ground import DeskGround, Who
from moderation.store import follow_ups as follow_ups_store


@dataclass(frozen=True, slots=True)
class Parts:
    """What these pages call."""

    ground: DeskGround
    desk: Desk
    letters: Letters
    follow_ups: FollowUps
    second: SecondPerson
    glass: BreakGlass
    conduct: Conduct


class PersonPages:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def pages(self) -> list[Page]:
        one = "/moderation/cases/{id}/person"
        return [
            Page("GET", one, self.show),
            Page("POST", one, self.act, again=self.show),
            Page("GET", "/decisions", self.decisions),
            Page("GET", "/complain", self.complaint_form),
            Page("POST", "/complain", self.complain, again=self.complaint_form),
        ]

    async def show(self, visit: Visit) -> Response:
        who, id, parts = _who(visit), CaseId(visit.id("id")), self._parts
        seen = await parts.desk.see(who, id)
        _place, said = await parts.letters.read(who, id)
        async with parts.ground.database.read() as conn:
            member = None if seen.subject is None else await people.by_id(conn, seen.subject)
            planned = await follow_ups_store.of_case(conn, id)
        crisis = seen.row.case.lane == "care" and seen.row.case.tier.name == "crisis"
        return visit.render(
            "moderation/person.html",
            id=id,
            case=seen.row.case,
            seen=seen,
            said=[(view, Markup(view.html)) for view in said],  # noqa: S704 - sanitised when kept
            phrases=offered(member.language if member else "en"),
            planned=planned,
            signatures=await parts.second.of_case(who, id),
            checklist=await parts.glass.checklist(who, seen.row.team_id) if crisis else [],
            rungs=get_args(Rung),
            whens=get_args(When),
            me=who.member_id,
            nonce=new_id().hex,
            saying=saying,
        )

    async def act(self, visit: Visit) -> Response:
        form, who, id = await visit.form(), _who(visit), CaseId(visit.id("id"))
        verb = form.get("act")
        if verb in ("letter", "ladder", "follow_up", "pass", "repair"):
            say = await self._work(form, who, id)
        elif verb in ("ask", "confirm", "refuse", "alone"):
            say = await self._sign(form, who, id)
        else:
            raise BadRequest(_("Please choose what to do."))
        return visit.redirect(f"/moderation/cases/{id}/person", say=say)

    async def _work(self, form: Form, who: Who, id: CaseId) -> str:
        version, parts = _version(form), self._parts
        match form.get("act"):
            case "letter":
                letter = Letter(form.get("nonce") or new_id().hex, form.get("body"))
                sent = await parts.letters.write(who, id, version, letter)
                held = _("A rule wants a second look at your words first; they were not sent yet.")
                return _("Sent. Their clock starts.") if sent.seq is not None else held
            case "ladder":
                rung, when = form.get("rung"), form.get("when")
                if rung not in get_args(Rung) or when not in get_args(When):
                    raise Invalid(fields=(FieldError("rung", _("Please choose one.")),))
                await parts.desk.ladder(who, id, version, cast(Rung, rung), cast(When, when))
                return _("Kept.")
            case "follow_up":
                await parts.follow_ups.plan(who, id, version)
                return _("Planned for 24 and 72 hours, in their daytime.")
            case "pass":
                await parts.desk.release(who, id, version, passed=True)
                return _("Passed on. Others are asked now; nobody asks why.")
            case _:
                await parts.conduct.ask_repair(who, id, version, rule="person", reason=form.get("text"))
                return _("Asked kindly. Their change comes back to this case.")

    async def _sign(self, form: Form, who: Who, id: CaseId) -> str:
        second, one = self._parts.second, parse_id(form.get("signature"))
        verb = form.get("act")
        if verb == "ask":
            if form.get("kind") not in get_args(Kind):
                raise Invalid(fields=(FieldError("kind", _("Please choose one.")),))
            message = parse_id(form.get("message"))
            kind = cast(Kind, form.get("kind"))
            chosen = MessageId(message) if message and kind == "remove_for_good" else None
            await second.ask(who, id, Wanted(kind, form.get("text"), chosen))
            return _("Asked. Another person must agree.")
        if one is None:
            raise NotFound
        if verb == "alone":
            await second.alone(who, one)
            return _("Opened. Somebody reviews this within a day.")
        await second.answer(who, one, yes=verb == "confirm")
        return _("Your word is kept.")

    # ---- the author's side

    async def decisions(self, visit: Visit) -> Response:
        rows = await self._parts.conduct.decisions(visit.signed().member_id)
        return visit.render("moderation/decisions.html", rows=rows, now=self._parts.ground.clock.now())

    async def complaint_form(self, visit: Visit) -> Response:
        return visit.render("moderation/complain.html")

    async def complain(self, visit: Visit) -> Response:
        form = await visit.form()
        async with self._parts.ground.database.read() as conn:
            about = await people.by_handle(conn, handles.folded(form.get("about").strip())[:200])
        if about is None:
            raise Invalid(fields=(FieldError("about", _("We don't know this name.")),))
        support = await self._parts.conduct.complain(visit.signed().member_id, about.id, form.get("text"))
        if support is not None:
            return visit.render("support_page.html", support=support, onward="/me/notices")
        return visit.redirect("/me/notices", say=_("Thank you. Somebody else than this person reads it."))


def _who(visit: Visit) -> Who:
    who = visit.signed()
    return Who(who.member_id, who.is_operator)


def _version(form: Form) -> int:
    text = form.get("version")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest
    return int(text)
