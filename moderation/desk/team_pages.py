"""The page of a moderation team: who looks after people, and in which lane. Leads and operators give seats."""

from __future__ import annotations

from starlette.responses import Response

from community import handles
from community.clock import Clock
from community.database import Conn, Database
from community.errors import FieldError, Forbidden, Invalid
from community.ids import TeamId
from community.store import groups, people
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.rights import Rights, desk_rights, set_seat
from moderation.evidence.chain import entry
from moderation.store import audit, teams

LANES = ("care", "conduct", "lead")


class TeamPages:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/moderation/team", self.team),
            Page("POST", "/moderation/team", self.give, again=self.team),
        ]

    async def team(self, visit: Visit) -> Response:
        async with self._database.read() as conn:
            rights = await _rights(visit, conn)
            team = await groups.default_team(conn)
            seen = team in rights.care_teams | rights.conduct_teams
            seats = await teams.seats(conn, team) if seen else []
        return visit.render("moderation/team.html", seats=seats, leads=team in rights.lead_teams)

    async def give(self, visit: Visit) -> Response:
        """Give a seat to the person of that name, or take it with no box ticked."""
        form = await visit.form()
        async with self._database.transaction() as tx:
            rights = await _rights(visit, tx)
            team: TeamId = await groups.default_team(tx)
            if team not in rights.lead_teams:
                raise Forbidden(_("Only leads give seats."))
            member = await people.by_handle(tx, handles.folded(form.get("handle"))[:200])
            if member is None:
                say = _("Nobody here has this name.")
                raise Invalid(say, fields=(FieldError("handle", say),))
            care, conduct, lead = (form.get(lane) == "yes" for lane in LANES)
            now = self._clock.now()
            await set_seat(tx, team, teams.Seat(team, member.id, None, care, conduct, lead), now=now)
            said = entry("seat.set", rights.member, member.id, care=care, conduct=conduct, lead=lead)
            await audit.append(tx, [said], now=now)
        if not (care or conduct or lead):
            return visit.redirect("/moderation/team", say=_("They have no seat any more."))
        return visit.redirect("/moderation/team", say=_("They have their seat. Their desk is there at once."))


async def _rights(visit: Visit, conn: Conn) -> Rights:
    who = visit.signed()
    return await desk_rights(conn, who.member_id, is_operator=who.is_operator)
