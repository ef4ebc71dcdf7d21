"""Searching the audit log, for leads: by person, act, case and day. Each search is itself an entry of the log,
and so is each check of the chain; entries about a case that the reader may not see aren't shown to them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from community import handles
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import FieldError, Invalid, NotFound
from community.ids import parse_id
from community.store import people
from community.web.forms import Form
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.rights import Rights, desk_rights
from moderation.desk.saying import act_name
from moderation.evidence import audit
from moderation.evidence.chain import entry
from moderation.store import audit as chain
from moderation.store import audit_search as store
from moderation.store import cases, queue
from moderation.store.audit_search import Found, Wanted

PATH: Final = "/moderation/audit"
SHOWN: Final = 50
READ: Final = 200
READINGS_MAX: Final = 25
"""How many entries are looked through for one page at most: 5,000."""
USUAL: Final = timedelta(days=30)
VERIFY_SECONDS: Final = 120
_FIRST: Final = 2000
_LAST: Final = 2999
"""Years that a search may name: what is further off has no midnight in every zone."""
LOOKS: Final = frozenset(("member.seen", "audit.searched"))
"""Entries by which somebody would learn that a colleague looks into them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The search form as it was sent."""

    who: str
    act: str
    case: str
    since: str
    until: str


class AuditPages:
    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    def pages(self) -> list[Page]:
        return [Page("GET", PATH, self.search), Page("POST", PATH, self.verify)]

    async def search(self, visit: Visit) -> Response:
        asked = self._asked(visit)
        async with self._database.transaction() as tx:
            rights = await _leading(tx, visit)
            try:
                wanted = await self._wanted(tx, asked, visit)
            except Invalid as wrong:
                visit.problem, visit.values = wrong, Form(list(visit.query.multi_items()))
                return await self._show(visit, tx, asked, [], "")
            found = await _seen(tx, rights, wanted)
            shown = found[:SHOWN]
            said = entry("audit.searched", rights.member, wanted.case or wanted.member, act=wanted.act)
            await chain.append(tx, [said], now=self._clock.now())
            older = self._link(asked, shown[-1].n) if len(found) > SHOWN else ""
            return await self._show(visit, tx, asked, shown, older)

    async def verify(self, visit: Visit) -> Response:
        """Walk the whole chain. Long on an old server, so it is a button and no part of the page."""
        seconds = VERIFY_SECONDS
        async with self._database.transaction(isolation="repeatable read", command_seconds=seconds) as tx:
            rights = await _leading(tx, visit)
            report = await audit.verify(tx)
        async with self._database.transaction() as tx:
            said = entry("audit.verified", rights.member, None, faults=len(report.faults))
            await chain.append(tx, [said], now=self._clock.now())
        return visit.render("moderation/audit_verified.html", report=report)

    # ---- inner

    async def _show(
        self, visit: Visit, conn: Conn, asked: Asked, shown: list[Found], older: str
    ) -> Response:  # fmt: skip
        acts = sorted(((act, act_words(act)) for act in await store.acts(conn)), key=lambda a: a[1])
        return visit.render(
            "moderation/audit.html",
            asked=asked,
            acts=acts,
            rows=[(row, act_words(row.act)) for row in shown],
            older=older,
            newer=self._link(asked, None) if visit.query.get("before") else "",
            zone=self._zone.key,
        )

    def _asked(self, visit: Visit) -> Asked:
        today = self._clock.now().astimezone(self._zone).date()
        given = {
            name: visit.query.get(name, "").replace("\0", "").strip()[:100] for name in ("who", "act", "case")
        }
        since = visit.query.get("since", "") or (today - USUAL).isoformat()
        return Asked(
            **given, since=since[:10], until=(visit.query.get("until", "") or today.isoformat())[:10]
        )

    async def _wanted(self, conn: Conn, asked: Asked, visit: Visit) -> Wanted:
        """Raises Invalid beside the field that names nothing."""
        member = None
        if asked.who:
            member = await people.by_handle(conn, handles.folded(asked.who)[:200])
            if member is None:
                raise Invalid(fields=(FieldError("who", _("Nobody here has this name.")),))
        case = parse_id(asked.case.rpartition("/")[2]) if asked.case else None
        if asked.case and case is None:
            raise Invalid(fields=(FieldError("case", _("Please give the case's address, or its id.")),))
        before = visit.query.get("before", "")
        return Wanted(
            start=self._midnight(asked.since, "since"),
            end=self._midnight(asked.until, "until") + timedelta(days=1),
            member=member.id if member else None,
            act=asked.act or None,
            case=case,
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
        )

    def _midnight(self, text: str, field: str) -> datetime:
        try:
            day = date.fromisoformat(text)
            if not _FIRST <= day.year <= _LAST:
                raise ValueError(text)
            return datetime(day.year, day.month, day.day, tzinfo=self._zone)
        except ValueError:
            raise Invalid(fields=(FieldError(field, _("Please give a day.")),)) from None

    def _link(self, asked: Asked, before: int | None) -> str:
        query = {"who": asked.who, "act": asked.act, "case": asked.case}
        query |= {"since": asked.since, "until": asked.until}
        if before is not None:
            query["before"] = str(before)
        return f"{PATH}?{urlencode({name: value for name, value in query.items() if value})}"


async def _leading(tx: Tx, visit: Visit) -> Rights:
    """The visitor's rights. Raises NotFound unless they lead a team."""
    who = visit.signed()
    rights = await desk_rights(tx, who.member_id, is_operator=who.is_operator)
    if not rights.lead_teams:
        raise NotFound
    return rights


async def _seen(conn: Conn, rights: Rights, wanted: Wanted) -> list[Found]:
    """One more than a page of what this reader may see: a page that were shorter for what is hidden would tell that
    something is."""
    seen: list[Found] = []
    for _reading in range(READINGS_MAX):
        found = await store.search(conn, wanted, limit=READ)
        seen += await _visible(conn, rights, found)
        if len(seen) > SHOWN or len(found) < READ:
            break
        wanted = replace(wanted, before=found[-1].n)
    return seen[: SHOWN + 1]


async def _visible(conn: Conn, rights: Rights, found: list[Found]) -> list[Found]:
    """Without what is about cases that don't exist for this reader (one about themselves, or another team's), and
    without others' looks at the reader, which would tell of such a case."""
    ids = list({row.case for row in found if row.case is not None})
    sights = await queue.sights(conn, ids)
    rows = await cases.get_many(conn, ids)
    seen = {id for id, row in rows.items() if rights.may_see(row, sights[id])}
    return [
        row
        for row in found
        if (row.case is None or row.case in seen)
        and not (row.act in LOOKS and row.subject_id == rights.member and row.actor_id != rights.member)
    ]


def act_words(act: str) -> str:
    """What an entry says was done."""
    known = {
        "case.seen": _("opened the words of a case"),
        "case.contact_kept": _("kept an emergency contact"),
        "context.seen": _("opened what was said around a private message"),
        "contact.seen": _("opened an emergency contact"),
        "checklist.set": _("changed the emergency checklist"),
        "thread.retitled": _("changed the title of a thread"),
        "seat.set": _("gave or took a seat"),
        "office.set": _("gave or took an office"),
        "member.seen": _("looked at a person's page"),
        "report.seen_outside": _("The outside back-up read a report"),
        "report.answered_outside": _("The outside back-up answered a report"),
        "audit.searched": _("searched this log"),
        "audit.verified": _("checked this log"),
    }
    return known.get(act) or act_name(act)
