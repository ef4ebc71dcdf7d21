"""The moderators' first desk: the queue, one case, and what can be done with it.

Works without scripts; with them it is live and goes by keyboard. No words of anyone show on the queue, and on
a case they are folded until opened: moderators are people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from markupsafe import Markup
from starlette.responses import Response

from community.clock import Clock
from community.database import Database
from community.errors import BadRequest, FieldError, Invalid
from community.ids import CaseId, MessageId, parse_id
from community.log import MessageView
from community.store import groups, people
from community.web.forms import Form
from community.web.pages import Page
from community.web.sections import Entry, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.machine import Decision
from moderation.casework.rights import rights_of
from moderation.desk import saying
from moderation.desk.desk import Choice, Desk, Seen, Who
from moderation.desk.highlights import Piece, every, pieces, span_of
from moderation.pipeline.types import Span
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


@dataclass(frozen=True, slots=True)
class Words:
    """One message of a case, cut up for its page."""

    view: MessageView
    pieces: list[Piece]
    notes: list[tuple[str, str, str]]
    """Lane, what the rule is about, its sentence."""
    spans: list[tuple[str, str]]
    """`message:start-end` and the words there: what can be hidden with a tick."""
    shown: Markup


class DeskPages:
    def __init__(self, desk: Desk, database: Database, clock: Clock) -> None:
        self._desk = desk
        self._database = database
        self._clock = clock

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/moderation", self.queue),
            Page("GET", "/moderation/cases/{id}", self.case),
            Page("POST", "/moderation/cases/{id}", self.act, again=self.case),
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """The way to the desk, for those who have one."""
        async with self._database.read() as conn:
            rights = await rights_of(conn, who.member_id, is_operator=who.is_operator)
        return (
            RailSection(_("Looking after people"), (Entry(_("Desk"), "/moderation"),), True)
            if rights.any
            else None
        )

    async def queue(self, visit: Visit) -> Response:
        tab = next((t for t in get_args(Tab) if t == visit.query.get("show")), "all")
        lane = tab if tab in ("care", "conduct") else None
        state = "closed" if tab == "closed" else None
        rows = await self._desk.queue(_who(visit), lane=lane, state=state, offset=0, limit=SHOWN_MAX)
        lines = await self._lines(visit, rows)
        if tab == "mine":
            lines = [line for line in lines if line.mine]
        return visit.render(
            "moderation/queue.html", tab=tab, parts=_parted(lines), more=len(rows) == SHOWN_MAX, saying=saying
        )

    async def case(self, visit: Visit) -> Response:
        seen = await self._desk.see(_who(visit), CaseId(visit.id("id")), before=_before(visit))
        now = self._clock.now()
        clock, late = saying.clock_words(seen.row, now)
        holder = seen.row.case.held_by(now)
        return visit.render(
            "moderation/case.html",
            seen=seen,
            case=seen.row.case,
            summary=saying.summary(seen.row.case.rules),
            words=[_words(seen, view) for view in seen.messages],
            before=[(view, Markup(view.html)) for view in seen.before],  # noqa: S704 - sanitised when kept
            after=[(view, Markup(view.html)) for view in seen.after],  # noqa: S704 - sanitised when kept
            clock=clock,
            late=late,
            mine=holder == visit.signed().member_id,
            held=holder is not None,
            shown="?before=" + visit.query["before"] if _before(visit) else "",
            saying=saying,
        )

    async def act(self, visit: Visit) -> Response:
        form, who, id = await visit.form(), _who(visit), CaseId(visit.id("id"))
        version, text = _version(form), form.get("text")
        match form.get("act"):
            case "claim":
                await self._desk.claim(who, id, version, take_over=form.get("take_over") == "yes")
                say = _("You have it for five minutes; using it renews that.")
            case "release":
                await self._desk.release(who, id, version)
                return visit.redirect("/moderation", say=_("Given back. Others see it again."))
            case "note":
                await self._desk.note(who, id, version, text)
                say = _("Your note is in the history.")
            case "escalate":
                await self._desk.escalate(who, id, version, tier=form.get("tier"), reason=text)
                say = _("Raised, with a fresh clock.")
            case "decide":
                choice = await self._choice(visit, who, id, form)
                await self._desk.decide(who, id, version, choice)
                say = _("Decided. The author is told kindly what changed.")
            case "close":
                await self._desk.close(who, id, version, text)
                return visit.redirect("/moderation", say=_("Closed. A new finding opens it again."))
            case _:
                raise BadRequest(_("Please choose what to do."))
        return visit.redirect(f"/moderation/cases/{id}", say=say)

    async def _choice(self, visit: Visit, who: Who, id: CaseId, form: Form) -> Choice:
        """What the decision's form says. Raises Invalid beside its field."""
        decision = next((d for d in get_args(Decision) if d == form.get("decision")), None)
        if decision is None:
            raise Invalid(fields=(FieldError("decision", _("Please choose one.")),))
        if not form.get("text"):
            raise Invalid(fields=(FieldError("text", _("Please say why, for the next person.")),))
        message = parse_id(form.get("message"))
        spans: list[Span] = []
        if decision == "mask":
            seen = await self._desk.see(who, id, before=_before(visit))
            body = next((m.body for m in seen.messages if m.id == message), "")
            spans = _hidden(form, message, body)
            if not spans:
                say = _("Tick a part, or type words that are in the message.")
                raise Invalid(fields=(FieldError("hide", say),))
        return Choice(
            decision=decision,
            reason=form.get("text"),
            message=MessageId(message) if message else None,
            spans=tuple(spans),
            rule=form.get("rule") or "person",
        )

    async def _lines(self, visit: Visit, rows: list[CaseRow]) -> list[Line]:
        now, me = self._clock.now(), visit.signed().member_id
        async with self._database.read() as conn:
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
                )
            )
        return lines


def _who(visit: Visit) -> Who:
    who = visit.signed()
    return Who(who.member_id, who.is_operator)


def _before(visit: Visit) -> MessageId | None:
    """Earlier messages than the latest are looked at: those before this one."""
    before = parse_id(visit.query.get("before", ""))
    return None if before is None else MessageId(before)


def _version(form: Form) -> int:
    text = form.get("version")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest
    return int(text)


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


def _words(seen: Seen, view: MessageView) -> Words:
    verdict = seen.verdicts.get(view.id)
    findings = [f for f in seen.findings if f.verdict_id == verdict]
    spans = {s: f for f in findings if (s := span_of(f, view.body)) is not None}
    return Words(
        view=view,
        pieces=pieces(view.body, findings),
        notes=list(dict.fromkeys((f.lane, saying.family(f.rule), f.note) for f in findings)),
        spans=[(f"{view.id}:{s.start}-{s.end}", view.body[s.start : s.end]) for s in sorted(spans)],
        shown=Markup(view.html),  # noqa: S704 - sanitised when kept
    )


def _hidden(form: Form, message: UUID | None, body: str) -> list[Span]:
    """What was ticked for this message and what was typed; ticks for its neighbours are left alone."""
    spans = every(form.get("hide"), body)
    for text in form.all("span"):
        whose, _colon, place = text.partition(":")
        start, _dash, end = place.partition("-")
        if whose == str(message) and start.isdecimal() and end.isdecimal():
            if 0 <= int(start) < int(end) <= len(body):
                spans.append(Span(int(start), int(end)))
    return spans
