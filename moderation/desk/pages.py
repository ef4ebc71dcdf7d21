"""The desk: three lists (care, conduct, mine), most urgent first, and the way to everything of the console.

Works without scripts; with them it is live and goes by keyboard. No words of anyone show here: moderators are
people, and what is folded is read when somebody is ready.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from starlette.responses import Response

from community.clock import Clock
from community.database import Database
from community.ids import PageId
from community.store import groups, people
from community.web.pages import Page
from community.web.sections import Entry, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.memorial import Memorials
from moderation.casework.rights import desk_rights, rights_of
from moderation.desk import saying
from moderation.desk.console import Console, watches, who_of
from moderation.desk.desk import Desk, Who
from moderation.oncall.reaching import Reaching
from moderation.pipeline.types import Tier
from moderation.store import console as console_store
from moderation.store.cases import CaseRow

SHOWN_MAX = 200
Tab = Literal["all", "care", "conduct", "mine", "closed"]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the queue: what it may be about and how urgent it is, without anyone's words."""

    row: CaseRow
    summary: str
    group: str
    owner: str
    mine: bool
    clock: str
    late: bool
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What these pages call."""

    desk: Desk
    reaching: Reaching
    console: Console
    memorials: Memorials
    database: Database
    clock: Clock


class DeskPages:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/moderation", self.queue),
            Page("GET", "/moderation/keys", self.keys),
            Page("POST", "/moderation/keys", self.set_keys),
            Page("POST", "/moderation/asked/{id}", self.answer),
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """The way to the desk, for those who have one; for an outsider, to what was opened."""
        async with self._parts.database.read() as conn:
            rights = await rights_of(conn, who.member_id, is_operator=who.is_operator)
            looks = not rights.any and await watches(conn, rights, Who(who.member_id, who.is_operator))
        if rights.any:
            return RailSection(_("Looking after people"), (Entry(_("Desk"), "/moderation"),), True)
        if looks:
            entry = Entry(_("What was opened"), "/moderation/break-glass")
            return RailSection(_("Looking after people"), (entry,), True)
        return None

    async def queue(self, visit: Visit) -> Response:
        who, parts = who_of(visit), self._parts
        tab: Tab = next((t for t in get_args(Tab) if t == visit.query.get("show")), "all")
        open_rows = await parts.desk.queue(who, lane=None, state=None, offset=0, limit=SHOWN_MAX)
        strip = await parts.console.strip(visit)
        resting = strip is not None and strip.break_until is not None and visit.query.get("all") != "yes"
        rows = await self._rows(who, tab, open_rows)
        if resting and tab != "closed":
            rows = [row for row in rows if _urgent(row) or row.case.owner == who.member_id]
        return visit.render(
            "moderation/queue.html",
            strip=strip,
            tab=tab,
            tabs=self._tabs(open_rows, who),
            resting=resting,
            parts=_parted(await self._lines(visit, rows)),
            mourning=await parts.memorials.watched(who),
            more=len(rows) == SHOWN_MAX,
            saying=saying,
        )

    async def keys(self, visit: Visit) -> Response:
        """The list of keys as a page, for whoever has no scripts."""
        await self._has_desk(visit)
        return await self._parts.console.render(visit, "moderation/keys.html")

    async def set_keys(self, visit: Visit) -> Response:
        """Letter keys on or off for this person (WCAG 2.1.4)."""
        form, on = await visit.form(), (await visit.form()).get("keys") == "on"
        await self._has_desk(visit)
        async with self._parts.database.transaction() as tx:
            now = self._parts.clock.now()
            await console_store.set_keys(tx, visit.signed().member_id, on=on, now=now)
        say = _("Keys are on again.") if on else _("Keys are off. Everything has its button.")
        return visit.redirect(visit.next_path(form.get("back"), "/moderation/keys"), say=say)

    async def answer(self, visit: Visit) -> Response:
        """I have it: a page that was sent to me falls silent, and its case is mine."""
        form = await visit.form()
        case = await self._parts.reaching.answer_page(who_of(visit), PageId(visit.id("id")))
        if case is None:
            back = visit.next_path(form.get("back"), "/moderation")
            return visit.redirect(back, say=_("Thank you. We know that pages reach you."))
        say = _("Others see that you have it. The next thing is words from you to the person.")
        return visit.redirect(f"/moderation/cases/{case}", say=say)

    # ---- inner

    async def _has_desk(self, visit: Visit) -> None:
        who = who_of(visit)
        async with self._parts.database.read() as conn:
            await desk_rights(conn, who.member_id, is_operator=who.is_operator)

    async def _rows(self, who: Who, tab: Tab, rows: list[CaseRow]) -> list[CaseRow]:
        """The rows of one list; lanes are read again where not everything fitted into one reading."""
        desk = self._parts.desk
        match tab:
            case "closed":
                return await desk.queue(who, lane=None, state="closed", offset=0, limit=SHOWN_MAX)
            case "care" | "conduct":
                if len(rows) == SHOWN_MAX:
                    return await desk.queue(who, lane=tab, state=None, offset=0, limit=SHOWN_MAX)
                return [row for row in rows if row.case.lane == tab]
            case "mine":
                return [row for row in rows if row.case.owner == who.member_id]
            case "all":
                return rows

    def _tabs(self, rows: list[CaseRow], who: Who) -> list[tuple[str, str, int | None]]:
        waiting = [row for row in rows if row.case.state != "decided"]
        return [
            ("all", _("All"), None),
            ("care", _("Care"), sum(row.case.lane == "care" for row in waiting)),
            ("conduct", _("Conduct"), sum(row.case.lane == "conduct" for row in waiting)),
            ("mine", _("My cases"), sum(row.case.owner == who.member_id for row in waiting)),
            ("closed", _("Closed"), None),
        ]

    async def _lines(self, visit: Visit, rows: list[CaseRow]) -> list[Line]:
        now, me = self._parts.clock.now(), visit.signed().member_id
        async with self._parts.database.read() as conn:
            owners = await people.handles(conn, list({r.case.owner for r in rows if r.case.owner}))
            names = {id: await groups.by_id(conn, id) for id in {r.group_id for r in rows if r.group_id}}
        lines = []
        for row in rows:
            holder, group = row.case.held_by(now), names.get(row.group_id) if row.group_id else None
            clock, late = saying.clock_words(row, now)
            lines.append(
                Line(
                    row=row,
                    summary=saying.summary(row.case.rules),
                    group=group.name if group else "",
                    owner=(owners.get(holder) or "") if holder else "",
                    mine=holder == me,
                    clock=clock,
                    late=late,
                    due=saying.due_of(row),
                )
            )
        return lines


def _parted(lines: list[Line]) -> list[tuple[str, str, list[Line]]]:
    """Care by tier, then conduct; never a bare list of ambers above a red."""
    parts = [
        (
            "care",
            tier,
            [line for line in lines if line.row.case.lane == "care" and line.row.case.tier.name == tier],
        )
        for tier in ("crisis", "red", "amber", "green")
    ]
    return [*parts, ("conduct", "", [line for line in lines if line.row.case.lane == "conduct"])]


def _urgent(row: CaseRow) -> bool:
    return row.case.lane == "care" and row.case.tier >= Tier.red
