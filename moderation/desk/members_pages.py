"""People of one's groups, for those who look after them: where somebody stands, what was decided, which cases
there are, and what colleagues noted.

Nothing shows that the visitor has no right to: people of other groups, cases that don't exist for them, and
their own page are not found. Each look at a person is an entry of the audit log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from community import handles
from community.clock import Clock
from community.database import Conn, Database
from community.errors import NotFound
from community.ids import MemberId
from community.store import people
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.notes import Notes
from moderation.casework.rights import Rights, desk_rights
from moderation.desk import saying
from moderation.evidence.chain import entry
from moderation.store import audit, histories, queue
from moderation.store import cases as case_store
from moderation.store import conduct as conduct_store
from moderation.store import members as store
from moderation.store.cases import CaseRow, HistoryRow
from moderation.store.conduct import DecisionRow
from moderation.store.members import Scope, Standing

PATH: Final = "/moderation/members"
PER_PAGE: Final = 50
CASES_MAX: Final = 60
NOTES_SHOWN: Final = 20
NOTED_CASES: Final = 10
HISTORY_READ: Final = 200


@dataclass(frozen=True, slots=True)
class Known:
    """One person as this visitor may know them."""

    handle: str
    standings: list[Standing]
    cases: list[CaseRow]
    decisions: list[DecisionRow]
    notes: list[tuple[CaseRow, HistoryRow]]


class MembersPages:
    def __init__(self, database: Database, clock: Clock, notes: Notes) -> None:
        self._database = database
        self._clock = clock
        self._notes = notes

    def pages(self) -> list[Page]:
        return [Page("GET", PATH, self.members), Page("GET", PATH + "/{id}", self.member)]

    async def members(self, visit: Visit) -> Response:
        asked = " ".join(visit.query.get("q", "").split())[:60]
        after = visit.query.get("after", "")[:200]
        async with self._database.read() as conn:
            rights = await _rights(conn, visit)
            begins = handles.folded(asked)
            found = await store.find(
                conn, await _scope(conn, rights), begins, after=after, limit=PER_PAGE + 1
            )
        shown = [person for person in found[:PER_PAGE] if person.id != rights.member]
        base = f"{PATH}?q={quote(asked)}"
        last = handles.folded(found[PER_PAGE - 1].handle) if len(found) > PER_PAGE else ""
        return visit.render(
            "moderation/members.html",
            people=shown,
            asked=asked,
            older=f"{base}&after={quote(last)}" if last else "",
            newer=base if after else "",
        )

    async def member(self, visit: Visit) -> Response:
        id = MemberId(visit.id("id"))
        async with self._database.transaction() as tx:
            rights = await _rights(tx, visit)
            known = await self._known(tx, rights, id)
            await audit.append(tx, [entry("member.seen", rights.member, id)], now=self._clock.now())
        return visit.render(
            "moderation/members_one.html",
            known=known,
            lines=[(row, saying.summary(row.case.rules), saying.state_name(row.case.state)) for row in known.cases],
            decisions=[(row, decision_words(row.decision)) for row in known.decisions],
            roles=role_names(),
        )  # fmt: skip

    async def _known(self, conn: Conn, rights: Rights, id: MemberId) -> Known:
        """Raises NotFound for who isn't in one of the visitor's groups, for oneself and for who has gone."""
        row = await people.by_id(conn, id)
        standings = await store.standings(conn, await _scope(conn, rights), id)
        if row is None or id == rights.member or not standings:
            raise NotFound
        ids = await store.cases_about(conn, id, limit=CASES_MAX)
        sights = await queue.sights(conn, ids)
        found = await case_store.get_many(conn, ids)
        seen = [case for case in found.values() if rights.may_see(case, sights[case.id])]
        visible = {case.id for case in seen}
        decided = [d for d in await conduct_store.decisions_for(conn, id) if d.case_id in visible]
        return Known(row.handle or "", standings, seen, decided, await self._noted(conn, seen))

    async def _noted(self, conn: Conn, seen: list[CaseRow]) -> list[tuple[CaseRow, HistoryRow]]:
        """What colleagues noted lately in cases that the visitor may open."""
        cases = {case.id: case for case in seen[:NOTED_CASES]}
        noted = await self._notes.open_histories(
            conn, await histories.of_many(conn, list(cases), act="noted")
        )
        notes = [(cases[id], row) for id, rows in noted.items() for row in rows[-HISTORY_READ:] if row.note]
        return sorted(notes, key=lambda pair: pair[1].at, reverse=True)[:NOTES_SHOWN]


async def _rights(conn: Conn, visit: Visit) -> Rights:
    who = visit.signed()
    return await desk_rights(conn, who.member_id, is_operator=who.is_operator)


async def _scope(conn: Conn, rights: Rights) -> Scope:
    """A seat in a team reaches all its groups; a group's moderator sees that group."""
    teams = rights.care_teams | rights.conduct_teams | rights.lead_teams
    return Scope(sorted(teams), sorted(rights.conduct_groups))


def role_names() -> dict[str, str]:
    return {
        "member": _("Member"),
        "companion": _("Companion"),
        "facilitator": _("Facilitator"),
        "moderator": _("Moderator"),
        "owner": _("Owner"),
    }


def decision_words(decision: str) -> str:
    return {
        "publish": _("Let it be read"),
        "mask": _("Hid a part"),
        "remove": _("Took it down"),
        "close": _("Nothing to do"),
    }.get(decision, decision)
