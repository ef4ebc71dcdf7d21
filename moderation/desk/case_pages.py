"""One case's page: what to do next at its top, words folded until opened, every act with its consequence.

Works without scripts; with them the lease is kept while the page is used, and everything goes by keyboard.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from markupsafe import Markup
from starlette.responses import Response

from community.clock import Clock
from community.ids import CaseId, MessageId, new_id, parse_id
from community.log import MessageView
from community.store.verdicts import NewFinding
from community.web.pages import Page
from community.web.visit import Visit
from moderation.desk import case_file, saying
from moderation.desk.case_acts import CaseActs
from moderation.desk.case_file import CaseFile, Reading
from moderation.desk.console import Console, who_of
from moderation.desk.highlights import Piece, pieces, span_of


@dataclass(frozen=True, slots=True)
class Noticed:
    """One finding as the page says it: what the rule is about, its sentence, and what people said of it."""

    message: UUID
    n: int
    lane: str
    about: str
    note: str
    rule: str
    right: bool | None


@dataclass(frozen=True, slots=True)
class Words:
    """One message of a case, cut up for its page."""

    view: MessageView
    pieces: list[Piece]
    noticed: list[Noticed]
    spans: list[tuple[str, str]]
    """`message:start-end` and the words there: what can be hidden with a tick."""
    shown: Markup


class CasePages:
    def __init__(self, reading: Reading, acts: CaseActs, console: Console, clock: Clock) -> None:
        self._reading = reading
        self._acts = acts
        self._console = console
        self._clock = clock

    def pages(self) -> list[Page]:
        one = "/moderation/cases/{id}"
        return [Page("GET", one, self.case), Page("POST", one, self.act, again=self.case)]

    async def case(self, visit: Visit) -> Response:
        who, now = who_of(visit), self._clock.now()
        before = before_of(visit)
        seen = await self._reading.desk.see(who, CaseId(visit.id("id")), before=before)
        file = await case_file.read(self._reading, who, seen)
        case, holder = seen.row.case, seen.row.case.held_by(now)
        clock, late = saying.clock_words(seen.row, now)
        return await self._console.render(
            visit,
            "moderation/case.html",
            file=file,
            seen=seen,
            case=case,
            step=case_file.step_of(file, who.member_id, now),
            summary=saying.summary(case.rules),
            words=[_words(file, view) for view in seen.messages],
            before=_readable(seen.before),
            after=_readable(seen.after),
            said=_readable(file.said),
            recent=[(row, Markup(row.html)) for row in file.recent],  # noqa: S704 - sanitised when kept
            checklist=await case_file.checklist_of(self._reading, who, seen),
            clock=clock,
            late=late,
            due=saying.due_of(seen.row),
            mine=holder == who.member_id,
            held=holder is not None,
            shown=f"?before={before}" if before else "",
            opened=visit.query.get("open", ""),
            begin=_begin(file, visit.query.get("begin", "")),
            nonce=new_id().hex,
            saying=saying,
        )

    async def act(self, visit: Visit) -> Response:
        """Do one thing and come back to where it was done."""
        form, id = await visit.form(), CaseId(visit.id("id"))
        done = await self._acts.do(form, who_of(visit), id, before=before_of(visit))
        path = "/moderation" if done.leaves else f"/moderation/cases/{id}{done.place}"
        return visit.redirect(path, say=done.say)


def before_of(visit: Visit) -> MessageId | None:
    """Earlier messages than the latest are looked at: those before this one."""
    before = parse_id(visit.query.get("before", ""))
    return None if before is None else MessageId(before)


def _readable(views: list[MessageView]) -> list[tuple[MessageView, Markup]]:
    return [(view, Markup(view.html)) for view in views]  # noqa: S704 - sanitised when kept


def _begin(file: CaseFile, wanted: str) -> str:
    """The letter's beginning that was asked for without scripts."""
    return next((p.text for p in file.phrases if p.id == wanted), "")


def _words(file: CaseFile, view: MessageView) -> Words:
    seen = file.seen
    verdict = seen.verdicts.get(view.id)
    findings = [f for f in seen.findings if f.verdict_id == verdict]
    spans = {s: f for f in findings if (s := span_of(f, view.body)) is not None}
    return Words(
        view=view,
        pieces=pieces(view.body, findings),
        noticed=[_noticed(file, view, f) for f in _each_once(findings)],
        spans=[(f"{view.id}:{s.start}-{s.end}", view.body[s.start : s.end]) for s in sorted(spans)],
        shown=Markup(view.html),  # noqa: S704 - sanitised when kept
    )


def _each_once(findings: list[NewFinding]) -> list[NewFinding]:
    """One line for each rule and sentence, however often it fired in one message."""
    return list({(f.lane, f.rule, f.note): f for f in reversed(findings)}.values())[::-1]


def _noticed(file: CaseFile, view: MessageView, f: NewFinding) -> Noticed:
    right = file.reviews.get((f.verdict_id, f.n))
    return Noticed(view.id, f.n, f.lane, saying.family(f.rule), f.note, f.rule, right)
