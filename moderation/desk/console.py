"""What stands on every page of the console: what I carry, who asks for me, when my shift ends, my keys.

A page renders through `Console.render`, so that none forgets the strip; `moderation/console.html` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from community.clock import Clock
from community.database import Conn, Database
from community.ids import CaseId
from community.web.pages import Handler, Page
from community.web.visit import Visit
from moderation.carers.carrying import carried
from moderation.carers.wellbeing import BREAK, ITEMS_MAX, MINUTES_MAX, Budget
from moderation.casework.rights import Rights, rights_of
from moderation.desk.ground import Who
from moderation.store import cases, queue, signatures
from moderation.store import console as store
from moderation.store.console import AskedOfMe

NEARLY = 0.8
"""So much of the budget used: the strip says that a break is due soon (our own value)."""
SHIFT_END_SAID = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Strip:
    """`way` is where a form of the strip comes back to."""

    made: Budget
    items_max: int
    minutes_max: int
    break_minutes: int
    break_until: datetime | None
    due_soon: bool
    asked: list[AskedOfMe]
    shift_ends: datetime | None
    shift_nearly_over: bool
    keys: bool
    leads: bool
    care: bool
    watches: bool
    way: str


class Console:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def render(self, visit: Visit, template: str, **context: Any) -> Response:
        """The page with its strip."""
        return visit.render(template, strip=await self.strip(visit), **context)

    def around(self, page: Page) -> Page:
        """The same page with the strip, for pages that other packages make."""

        def beside(handler: Handler) -> Handler:
            async def shown(visit: Visit) -> Response:
                if visit.who is not None:
                    visit.beside = {"strip": await self.strip(visit)}
                return await handler(visit)

            return shown

        handler = beside(page.handler) if page.method == "GET" else page.handler
        return replace(page, handler=handler, again=None if page.again is None else beside(page.again))

    async def strip(self, visit: Visit) -> Strip | None:
        """None for whom there is no desk (an outsider who looks over break-glass, say)."""
        who, now = who_of(visit), self._clock.now()
        async with self._database.read() as conn:
            rights = await rights_of(conn, who.member_id, is_operator=who.is_operator)
            if not rights.any:
                return None
            made, until = await carried(conn, who.member_id, now=now)
            ends = await store.shift_ends(conn, who.member_id, now=now)
            used = max(made.items / ITEMS_MAX, made.minutes / MINUTES_MAX)
            return Strip(
                made=made,
                items_max=ITEMS_MAX,
                minutes_max=MINUTES_MAX,
                break_minutes=int(BREAK.total_seconds() // 60),
                break_until=until,
                due_soon=used >= NEARLY,
                asked=await store.asked_of(conn, who.member_id),
                shift_ends=ends,
                shift_nearly_over=ends is not None and ends - now < SHIFT_END_SAID,
                keys=await store.keys(conn, who.member_id),
                leads=bool(rights.lead_teams),
                care=bool(rights.care_teams),
                watches=await watches(conn, rights, who),
                way=visit.request.url.path,
            )

    async def people_of(self, who: Who, ids: list[CaseId]) -> dict[CaseId, str]:
        """Whom these care cases are about, of those that exist for this person: a tie hides the others."""
        async with self._database.read() as conn:
            rights = await rights_of(conn, who.member_id, is_operator=who.is_operator)
            sights = await queue.sights(conn, ids)
            rows = await cases.get_many(conn, ids)
            names = await store.subjects(conn, ids)
        seen = [id for id, row in rows.items() if rights.may_see(row, sights[id])]
        return {id: names.get(id, "") for id in seen}


async def watches(conn: Conn, rights: Rights, who: Who) -> bool:
    """Whether this person looks over what was opened: leads, and who has the duty."""
    if rights.lead_teams:
        return True
    held = await signatures.offices_of(conn, who.member_id)
    return any(office != "child_safeguarding" for _team, office in held)


def who_of(visit: Visit) -> Who:
    """Who came, as the desk knows people. Raises NotSignedIn."""
    who = visit.signed()
    return Who(who.member_id, who.is_operator)
