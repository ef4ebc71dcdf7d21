"""What needs two people, and what is sealed: one page of a case, and the page of those who look over it afterwards.

Opening is never a redirect: what was opened shows once, in the answer to the button, and each look is recorded.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast, get_args
from uuid import UUID

from markupsafe import Markup
from starlette.responses import Response

from community.errors import BadRequest, Conflict, FieldError, Invalid, NotFound
from community.ids import CaseId, MessageId, parse_id
from community.log import MessageView
from community.web.forms import Form
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _, several
from moderation.casework.memorial import Memorials
from moderation.casework.second_person import CONTACT_OPEN_FOR, SecondPerson, Wanted
from moderation.casework.two_people import ALONE_AFTER, Kind, Signature
from moderation.desk import saying
from moderation.desk.case_file import Reading, checklist_of
from moderation.desk.console import Console, who_of
from moderation.desk.ground import Who
from moderation.desk.looking import Seen
from moderation.store import console as store
from moderation.store.console import Opened


class SealedPages:
    def __init__(
        self, reading: Reading, second: SecondPerson, memorials: Memorials, console: Console
    ) -> None:
        self._reading = reading
        self._second = second
        self._memorials = memorials
        self._console = console

    def pages(self) -> list[Page]:
        one, glass = "/moderation/cases/{id}/sealed", "/moderation/break-glass"
        return [
            Page("GET", one, self.show),
            Page("POST", one, self.act, again=self.show),
            Page("GET", glass, self.opened),
            Page("POST", glass, self.review),
        ]

    async def show(self, visit: Visit) -> Response:
        return await self._shown(visit)

    async def act(self, visit: Visit) -> Response:
        form, who, id = await visit.form(), who_of(visit), CaseId(visit.id("id"))
        match form.get("act"):
            case "contact":
                contact = await self._second.contact(who, _signature(form))
                return await self._shown(visit, contact=contact)
            case "context":
                if not form.get("text"):
                    raise Invalid(fields=(FieldError("text", _("Please write the reason first.")),))
                found = await self._reading.glass.context(who, id, form.get("text"))
                return await self._shown(visit, around=(_readable(found.before), _readable(found.after)))
            case "announce":
                people, card = await self._memorials.announce(who, id, form.get("text"))
                onward = f"/moderation/cases/{id}/sealed"
                if card is not None:  # whoever announces a death may be the one who needs somebody
                    return visit.render("support_page.html", support=card, onward=onward)
                said = several("%d person was told.", "%d people were told.", people) % people
                return visit.redirect(onward, say=said)
            case "they_live":
                if not form.get("text"):
                    raise Invalid(fields=(FieldError("text", _("Please write the reason first.")),))
                case = await self._memorials.undo(who, id, form.get("text"))
                say = _(
                    "Taken back. They can sign in again; this case is open, so that somebody writes to them."
                )
                return visit.redirect(f"/moderation/cases/{case}", say=say)
            case "ask" | "confirm" | "refuse" | "alone" | "right" | "wrong":
                say = await self._sign(form, who, id)
                return visit.redirect(f"/moderation/cases/{id}/sealed", say=say)
            case _:
                raise BadRequest(_("Please choose what to do."))

    async def opened(self, visit: Visit) -> Response:
        who, reading = who_of(visit), self._reading
        rows = await reading.glass.opened(who)
        async with reading.ground.database.read() as conn:
            found = await store.openings(conn, [row.id for row in rows])
            notes = reading.ground.notes
            shown = [replace(row, reason=await notes.open(conn, row.case_id, row.reason)) for row in found]
        return await self._console.render(
            visit, "moderation/break_glass.html", rows=shown, me=who.member_id, waiting=_waiting(shown)
        )

    async def review(self, visit: Visit) -> Response:
        one = parse_id((await visit.form()).get("opening"))
        if one is None:
            raise NotFound
        try:
            await self._reading.glass.review(who_of(visit), one)
        except NotFound:
            say = _("Somebody else must look at this one, or has already.")
            raise Conflict(say, code="not_yours") from None
        return visit.redirect("/moderation/break-glass", say=_("Thank you. Your look is kept."))

    # ---- inner

    async def _shown(self, visit: Visit, **opened: Any) -> Response:
        who, id = who_of(visit), CaseId(visit.id("id"))
        seen = await self._reading.desk.see(who, id)
        now = self._reading.ground.clock.now()
        async with self._reading.ground.database.read() as conn:
            sealed = await store.signature_reasons(conn, id)
            notes = self._reading.ground.notes
            reasons = {one: await notes.open(conn, id, text) for one, text in sealed.items()}
        return await self._console.render(
            visit,
            "moderation/sealed.html",
            **{"contact": None, "around": None, **opened},
            seen=seen,
            case=seen.row.case,
            signatures=await self._second.of_case(who, id),
            memorial=await self._memorials.of_case(who, id),
            reasons=reasons,
            kinds=_kinds(seen),
            checklist=await checklist_of(self._reading, who, seen),
            me=who.member_id,
            may_alone_at=lambda one: one.asked_at + ALONE_AFTER,
            readable=lambda one: _readable_contact(one, who, now - CONTACT_OPEN_FOR),
            summary=saying.summary(seen.row.case.rules),
            alone_minutes=int(ALONE_AFTER / timedelta(minutes=1)),
            saying=saying,
        )

    async def _sign(self, form: Form, who: Who, id: CaseId) -> str:
        verb = form.get("act")
        if verb == "ask":
            kind, message = form.get("kind"), parse_id(form.get("message"))
            if kind not in get_args(Kind):
                raise Invalid(fields=(FieldError("kind", _("Please choose one.")),))
            if not form.get("text"):
                raise Invalid(fields=(FieldError("text", _("Please write the reason first.")),))
            chosen = MessageId(message) if message and kind == "remove_for_good" else None
            await self._second.ask(who, id, Wanted(cast(Kind, kind), form.get("text"), chosen))
            return _("Asked. Another person must agree; the leads have heard.")
        one = _signature(form)
        if verb == "alone":
            await self._second.alone(who, one)
            return _("Opened. Somebody reviews this within a day.")
        if verb in ("right", "wrong"):
            await self._second.review(who, one, right=verb == "right")
            return _("Thank you. Your look is kept.")
        await self._second.answer(who, one, yes=verb == "confirm")
        return _("Your word is kept.")


def _signature(form: Form) -> UUID:
    one = parse_id(form.get("signature"))
    if one is None:
        raise NotFound
    return one


def _kinds(seen: Seen) -> list[str]:
    """What could be asked for in this case as it is."""
    case = seen.row.case
    of_person = ["open_contact", "memorial"] if case.lane == "care" and case.state != "closed" else []
    return [*of_person, "remove_for_good", *(["erase_case"] if case.state == "closed" else [])]


def _readable_contact(one: Signature, who: Who, since: datetime) -> bool:
    mine = who.member_id in (one.asked_by, one.answered_by)
    fresh = one.answered_at is not None and one.answered_at > since
    return one.kind == "open_contact" and one.may_be_done and mine and fresh


def _readable(views: list[MessageView]) -> list[tuple[MessageView, Markup]]:
    return [(view, Markup(view.html)) for view in views]  # noqa: S704 - sanitised when kept


def _waiting(rows: list[Opened]) -> int:
    return sum(row.reviewed_at is None for row in rows)
