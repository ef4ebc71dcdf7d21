"""Whom I know too well to look after, and (for leads) who has which duty beside the seats of the team."""

from __future__ import annotations

from starlette.responses import Response

from community import handles
from community.clock import Clock
from community.database import Conn, Database
from community.errors import FieldError, Forbidden, Invalid
from community.ids import MemberId, parse_id
from community.store import groups, people
from community.web.forms import Form
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.break_glass import BreakGlass
from moderation.casework.rights import desk_rights
from moderation.desk import saying
from moderation.desk.console import Console, who_of
from moderation.desk.duties import OFFICES, Given, give_office, tie
from moderation.store import console as store
from moderation.store import ties


class DutiesPages:
    def __init__(self, console: Console, glass: BreakGlass, database: Database, clock: Clock) -> None:
        self._console = console
        self._glass = glass
        self._database = database
        self._clock = clock

    def pages(self) -> list[Page]:
        mine, all, life = "/moderation/ties", "/moderation/offices", "/moderation/checklist"
        return [
            Page("GET", mine, self.ties),
            Page("POST", mine, self.declare, again=self.ties),
            Page("GET", all, self.offices),
            Page("POST", all, self.give, again=self.offices),
            Page("GET", life, self.checklist),
            Page("POST", life, self.set_checklist, again=self.checklist),
        ]

    async def ties(self, visit: Visit) -> Response:
        who = who_of(visit)
        async with self._database.read() as conn:
            await desk_rights(conn, who.member_id, is_operator=who.is_operator)
            rows = await ties.of(conn, who.member_id)
        return await self._console.render(visit, "moderation/ties.html", rows=rows)

    async def declare(self, visit: Visit) -> Response:
        form, who, now = await visit.form(), who_of(visit), self._clock.now()
        on = form.get("act") != "untie"
        async with self._database.transaction() as tx:
            await desk_rights(tx, who.member_id, is_operator=who.is_operator)
            member = await _named(tx, form) if on else _chosen(form)
            if member == who.member_id:
                raise Invalid(
                    fields=(FieldError("handle", _("That is you: cases about you never show to you.")),)
                )
            await tie(tx, who, member, on=on, now=now)
        done = _("Kept. Cases about them don't exist for you any more; others have them.")
        return visit.redirect("/moderation/ties", say=done if on else _("Taken back."))

    async def offices(self, visit: Visit) -> Response:
        who = who_of(visit)
        async with self._database.read() as conn:
            rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
            team = await groups.default_team(conn)
            if team not in rights.lead_teams:
                raise Forbidden(_("Only leads give duties."))
            rows = await store.officers(conn, team)
        return await self._console.render(
            visit, "moderation/offices.html", rows=rows, offices=OFFICES, saying=saying
        )

    async def give(self, visit: Visit) -> Response:
        form, who, now = await visit.form(), who_of(visit), self._clock.now()
        office = next((o for o in OFFICES if o == form.get("office")), None)
        if office is None:
            raise Invalid(fields=(FieldError("office", _("Please choose one.")),))
        on = form.get("act") != "take"
        async with self._database.transaction() as tx:
            await desk_rights(tx, who.member_id, is_operator=who.is_operator)
            member = await _named(tx, form) if on else _chosen(form)
            await give_office(tx, who, Given(office, member, on), now=now)
        return visit.redirect(
            "/moderation/offices", say=_("They have this duty.") if on else _("Taken back.")
        )

    async def checklist(self, visit: Visit) -> Response:
        """What everybody reads when a life is in danger; leads write it."""
        async with self._database.read() as conn:
            team = await groups.default_team(conn)
        items = await self._glass.checklist(who_of(visit), team)
        return await self._console.render(visit, "moderation/checklist.html", items=items)

    async def set_checklist(self, visit: Visit) -> Response:
        lines = (await visit.form()).get("items").splitlines()
        async with self._database.read() as conn:
            team = await groups.default_team(conn)
        await self._glass.set_checklist(who_of(visit), team, lines)
        return visit.redirect("/moderation/checklist", say=_("Kept. From now on everybody reads this list."))


async def _named(conn: Conn, form: Form) -> MemberId:
    """The member of that name. Raises Invalid beside the field."""
    found = await people.by_handle(conn, handles.folded(form.get("handle"))[:200])
    if found is None:
        raise Invalid(fields=(FieldError("handle", _("Nobody here has this name.")),))
    return found.id


def _chosen(form: Form) -> MemberId:
    value = parse_id(form.get("member"))
    if value is None:
        raise Invalid(fields=(FieldError("handle", _("Please choose one.")),))
    return MemberId(value)
