"""What will 3 am look like: the coming week played many times with this roster, as a picture by hour.

The same play as `kith rehearse`, fewer times, so that a page answers in a second or two; it runs beside the
loop, and only when a lead asks by a button.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup
from starlette.responses import Response

from community.errors import NotFound
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.rights import desk_rights
from moderation.evidence import plots
from moderation.evidence.drawing import Picture, tier_name
from moderation.evidence.plots import Row
from moderation.oncall.rehearsal import Cell, Result, rehearse
from moderation.oncall.rehearsal_report import TIERS
from server.rehearsing import Wanted, read_humans, read_stage

if TYPE_CHECKING:
    from server.assembly import House

PATH: Final = "/moderation/roster/rehearsal"
RUNS: Final = 20
DAYS: Final = 7
RISKY: Final = 20
"""Percent from which an hour is hatched: one cry in five would wait too long."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whether arrivals are from history, how many come a week, how many people there are, and how many answered
    pages say how fast they are; 0: that is a guess."""

    known: bool
    weekly: Sequence[tuple[str, str]]
    people: int
    answers: int


class RehearsalPages:
    def __init__(self, house: House) -> None:
        self._house = house
        self._one_at_a_time = asyncio.Lock()

    def pages(self) -> list[Page]:
        return [Page("GET", PATH, self.form), Page("POST", PATH, self.play, again=self.form)]

    async def form(self, visit: Visit) -> Response:
        await self._leading(visit)
        return visit.render("moderation/oncall_rehearsal.html", picture=None, told=None, runs=RUNS, days=DAYS)

    async def play(self, visit: Visit) -> Response:
        await self._leading(visit)
        wanted = Wanted(runs=RUNS, days=DAYS, crisis=None, red=None, one_more=None, svg=None)
        house = self._house
        async with house.database.read() as conn:
            stage, load, known = await read_stage(house.settings, conn, wanted, house.clock.now())
            humans, answers = await read_humans(house.settings, conn, house.clock.now())
        async with self._one_at_a_time:  # it keeps a core busy: the second lead waits for the first
            result = await asyncio.to_thread(rehearse, stage, load, humans, runs=RUNS)
        weekly = [(tier_name(tier), f"{load.weekly[tier]:g}") for tier in TIERS]
        return visit.render(
            "moderation/oncall_rehearsal.html",
            picture=drawn(result),
            told=Told(known, weekly, len(stage.everyone), answers),
            runs=RUNS,
            days=DAYS,
        )

    async def _leading(self, visit: Visit) -> None:
        who = visit.signed()
        async with self._house.database.read() as conn:
            rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
        if not rights.lead_teams:
            raise NotFound


def drawn(result: Result) -> Picture:
    """By hour, how many of a hundred cries would wait past their clock."""
    rows, heads, columns = [], [_("Hour")], []
    for tier in TIERS:
        for words, of in (
            (_("%(tier)s: nobody took it in time, of 100"), "answer"),
            (_("%(tier)s: nobody wrote in time, of 100"), "words"),
        ):
            values = [_percent(result.cells.get((tier, hour), Cell()), of) for hour in range(24)]
            risky = frozenset(hour for hour, value in enumerate(values) if value >= RISKY)
            title = words % {"tier": tier_name(tier)}
            rows.append(Row(title, values, hatched=risky))
            heads.append(title)
            columns.append(values)
    title = _("What 3 am will look like")
    told = _("Of 100 cries in that hour, so many would wait past their clock. Hatched: %(n)s or more.") % {
        "n": RISKY
    }
    ticks = [(hour, f"{hour:02}") for hour in range(0, 24, 3)]
    table = [(f"{hour:02}:00", [values[hour] for values in columns]) for hour in range(24)]
    svg: Markup = plots.columns("rehearsal", (title, told), ticks, rows)
    return Picture(title, told, svg, heads, table)


def _percent(cell: Cell, of: str) -> int:
    share = cell.answer if of == "answer" else cell.words
    return round((share or 0) * 100)
