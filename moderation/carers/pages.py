"""Plain pages for those who moderate: what I carry, a break, debriefs, practice."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from community.clock import Clock
from community.database import Conn, Database
from community.errors import FieldError, Invalid, NotFound
from community.ids import parse_id
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.carers import practice
from moderation.carers.carrying import carried
from moderation.carers.wellbeing import BREAK, ITEMS_MAX, MINUTES_MAX
from moderation.casework.rights import Rights, desk_rights
from moderation.desk.console import Console
from moderation.store import practice as practice_store
from moderation.store import wellbeing as store

TIERS = ("green", "amber", "red", "crisis")


class CarePages:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._console = Console(database, clock)

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/moderation/wellbeing", self.wellbeing),
            Page("POST", "/moderation/wellbeing", self.act, again=self.wellbeing),
            Page("GET", "/moderation/practice", self.exercise),
            Page("POST", "/moderation/practice", self.answer, again=self.exercise),
        ]

    async def wellbeing(self, visit: Visit) -> Response:
        me, now = visit.signed().member_id, self._clock.now()
        async with self._database.read() as conn:
            rights = await self._rights(conn, visit)
            made, until = await carried(conn, me, now=now)
            debriefs = [d for d in await store.debriefs(conn, me) if d.answer is None]
            since = now - timedelta(days=7)
            load = [
                r for team in sorted(rights.lead_teams) for r in await store.load_of(conn, team, since=since)
            ]
        return await self._console.render(
            visit,
            "moderation/wellbeing.html",
            made=made,
            until=until,
            debriefs=debriefs,
            load=load,
            leads=bool(rights.lead_teams),
            items_max=ITEMS_MAX,
            minutes_max=MINUTES_MAX,
        )

    async def act(self, visit: Visit) -> Response:
        form, me, now = await visit.form(), visit.signed().member_id, self._clock.now()
        async with self._database.transaction() as tx:
            await self._rights(tx, visit)
            if form.get("act") == "break":
                await store.add_break(tx, me, starts=now, ends=now + BREAK, why="wish")
                say = _("Others are asked first for a quarter of an hour.")
            else:
                one = parse_id(form.get("debrief"))
                answer = "taken" if form.get("act") == "talk" else "declined"
                if one is None or not await store.answer_debrief(tx, one, me, answer, now=now):
                    raise NotFound
                say = (
                    _("Thank you. Your lead is glad to listen.") if answer == "taken" else _("That is fine.")
                )
        back = visit.next_path(form.get("back"), "/moderation/wellbeing")
        return visit.redirect(back, say=say)

    async def exercise(self, visit: Visit) -> Response:
        async with self._database.read() as conn:
            await self._rights(conn, visit)
            found = practice.next_for(await practice_store.answered(conn, visit.signed().member_id))
        if found is None:
            raise NotFound
        return await self._console.render(
            visit, "moderation/practice.html", exercise=found, tiers=TIERS, feedback=""
        )

    async def answer(self, visit: Visit) -> Response:
        form = await visit.form()
        found = next((e for e in practice.exercises() if e.id == form.get("exercise")), None)
        if found is None:
            raise NotFound
        tier = form.get("tier")
        if tier not in TIERS:
            raise Invalid(fields=(FieldError("tier", _("Please choose one.")),))
        async with self._database.transaction() as tx:
            await self._rights(tx, visit)
            me, now = visit.signed().member_id, self._clock.now()
            await practice_store.add(tx, me, found.id, (tier, found.tier), now=now)
        say = practice.feedback(found, tier)
        return await self._console.render(
            visit, "moderation/practice.html", exercise=found, tiers=(), feedback=say
        )

    async def _rights(self, conn: Conn, visit: Visit) -> Rights:
        who = visit.signed()
        return await desk_rights(conn, who.member_id, is_operator=who.is_operator)
