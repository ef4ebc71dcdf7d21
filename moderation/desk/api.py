"""The desk over HTTP: queue, case, acts, appeals, teams, and the consoles' stream of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from starlette.responses import StreamingResponse

from community.clock import Clock
from community.database import Database
from community.errors import NotFound
from community.ids import CaseId, MemberId, MessageId, PageId, parse_id
from community.store import groups as groups_store
from community.store import people as people_store
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Author, Listed, clamp
from moderation.casework.acts import Rung, When
from moderation.casework.appeals import Appeals
from moderation.casework.regrouping import Regrouping
from moderation.casework.rights import desk_rights, set_seat
from moderation.desk.consoles import Consoles
from moderation.desk.desk import Choice, Desk, Who
from moderation.desk.duties import tie
from moderation.desk.shapes import CaseShape, CaseSummary, case_shape, case_summary
from moderation.evidence import chain
from moderation.pipeline.types import Span
from moderation.store import audit, teams, ties

ClosedAs = Literal[
    "person",
    "safe_now",
    "with_help",
    "handed_over",
    "declined",
    "no_answer",
    "not_care",
    "no_rule_broken",
    "died",
]


class CasesQuery(msgspec.Struct, frozen=True):
    lane: Literal["care", "conduct"] | None = None
    state: str | None = None
    limit: int = 50
    after: int = 0


class CaseQuery(msgspec.Struct, frozen=True):
    """`before`: the messages before this one, instead of the latest."""

    before: str | None = None


class ActBody(msgspec.Struct, frozen=True):
    version: int


class ClaimBody(ActBody, frozen=True):
    """`anyway`: the answer to 409 crisis_cap or on_break."""

    take_over: bool = False
    anyway: bool = False


class ReleaseBody(ActBody, frozen=True):
    """`passed`: ask others at once. No reason is wanted."""

    passed: bool = False


class LadderBody(ActBody, frozen=True):
    rung: Rung
    when: When = "unknown"


class MergeBody(ActBody, frozen=True):
    into: str
    reason: str = "one situation"


class SplitBody(ActBody, frozen=True):
    messages: list[str]
    reason: str = "two situations"


class AcknowledgeBody(msgspec.Struct, frozen=True):
    anyway: bool = False


class NoteBody(ActBody, frozen=True):
    text: str


class DecideBody(ActBody, frozen=True):
    decision: Literal["publish", "remove", "mask", "close"]
    reason: str
    message: str | None = None
    spans: list[tuple[int, int]] = []
    rule: str = "person"


class EscalateBody(ActBody, frozen=True):
    tier: str = "crisis"
    reason: str = "escalated"


class CloseBody(ActBody, frozen=True):
    """`kind` says how it ended, for the figures; `not_care`: the rules were wrong."""

    reason: str
    kind: ClosedAs = "person"


class AppealBody(msgspec.Struct, frozen=True):
    decision: str
    text: str


class AppealShape(msgspec.Struct, frozen=True, omit_defaults=True):
    id: UUID
    state: str
    at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    support: Any = None


class SeatBody(msgspec.Struct, frozen=True):
    care: bool = False
    conduct: bool = False
    lead: bool = False


class SeatShape(msgspec.Struct, frozen=True):
    team: UUID
    member: Author
    care: bool
    conduct: bool
    lead: bool


class CasesApi:
    def __init__(
        self,
        desk: Desk,
        regrouping: Regrouping,
        appeals: Appeals,
        consoles: Consoles,
        *,
        database: Database,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._regrouping = regrouping
        self._appeals = appeals
        self._consoles = consoles
        self._database = database
        self._clock = clock

    def calls(self) -> list[Call]:
        one, acted = "/moderation/cases/{id}", {200: CaseShape}
        return [
            Call(
                "GET",
                "/moderation/cases",
                self.queue,
                "Most urgent first",
                query=CasesQuery,
                answers={200: Listed[CaseSummary]},
            ),
            Call("GET", one, self.see, "A case with context", query=CaseQuery, answers=acted),
            Call(
                "POST", one + "/claim", self.claim, "Take it for five minutes", body=ClaimBody, answers=acted
            ),
            Call("POST", one + "/release", self.release, "Give it back", body=ReleaseBody, answers=acted),
            Call("POST", one + "/heartbeat", self.heartbeat, "I am still here", answers={200: CaseSummary}),
            Call("POST", one + "/ladder", self.ladder, "How far it has gone", body=LadderBody, answers=acted),
            Call("POST", one + "/merge", self.merge, "Join into another case", body=MergeBody, answers=acted),
            Call("POST", one + "/split", self.split, "A case of their own", body=SplitBody, answers=acted),
            Call("POST", one + "/note", self.note, "An internal note", body=NoteBody, answers=acted),
            Call("POST", one + "/decide", self.decide, "Decide on a message", body=DecideBody, answers=acted),
            Call("POST", one + "/escalate", self.escalate, "A higher tier", body=EscalateBody, answers=acted),
            Call("POST", one + "/close", self.close, "Done, with a reason", body=CloseBody, answers=acted),
            Call("GET", "/moderation/stream", self.stream, "Changes of cases, server-sent events"),
            Call(
                "POST",
                "/moderation/pages/{id}/acknowledge",
                self.acknowledge,
                "Answer a page",
                body=AcknowledgeBody,
                answers=acted,
            ),
            Call(
                "GET", "/moderation/team", self.team, "Who has which seat", answers={200: Listed[SeatShape]}
            ),
            Call(
                "PUT",
                "/moderation/team/{member}",
                self.seat,
                "Give a seat",
                body=SeatBody,
                answers={204: None},
            ),
            Call("GET", "/moderation/ties", self.ties, "Whom I know too well", answers={200: Listed[Author]}),
            Call("PUT", "/moderation/ties/{member}", self.tie, "Declare a tie", answers={204: None}),
            Call("DELETE", "/moderation/ties/{member}", self.untie, "Take it back", answers={204: None}),
            Call("POST", "/appeals", self.appeal, "Disagree", body=AppealBody, answers={201: AppealShape}),
            Call("GET", "/appeals", self.my_appeals, "My disagreements", answers={200: Listed[AppealShape]}),
        ]

    async def queue(self, ask: Ask) -> Answer:
        query: CasesQuery = ask.query
        limit, offset = clamp(query.limit), max(0, query.after)
        rows = await self._desk.queue(
            _who(ask), lane=query.lane, state=query.state, offset=offset, limit=limit
        )
        more = str(offset + limit) if len(rows) == limit else None
        return Answer(Listed([case_summary(row) for row in rows], more))

    async def see(self, ask: Ask) -> Answer:
        seen = await self._desk.see(_who(ask), _case(ask), before=_message(ask.query.before))
        return Answer(case_shape(seen))

    async def claim(self, ask: Ask) -> Answer:
        body: ClaimBody = ask.body
        await self._desk.claim(
            _who(ask), _case(ask), body.version, take_over=body.take_over, anyway=body.anyway
        )
        return await self._shown(ask, _case(ask))

    async def release(self, ask: Ask) -> Answer:
        await self._desk.release(_who(ask), _case(ask), ask.body.version, passed=ask.body.passed)
        return await self._shown(ask, _case(ask))

    async def heartbeat(self, ask: Ask) -> Answer:
        return Answer(case_summary(await self._desk.heartbeat(_who(ask), _case(ask))))

    async def ladder(self, ask: Ask) -> Answer:
        body: LadderBody = ask.body
        await self._desk.ladder(_who(ask), _case(ask), body.version, body.rung, body.when)
        return await self._shown(ask, _case(ask))

    async def merge(self, ask: Ask) -> Answer:
        """Answers the case that stays."""
        into = parse_id(ask.body.into)
        if into is None:
            raise NotFound
        row = await self._regrouping.merge(
            _who(ask), _case(ask), ask.body.version, CaseId(into), ask.body.reason
        )
        return await self._shown(ask, row.id)

    async def split(self, ask: Ask) -> Answer:
        """Answers the new case."""
        chosen = [m for text in ask.body.messages if (m := _message(text)) is not None]
        _, fresh = await self._regrouping.split(
            _who(ask), _case(ask), ask.body.version, chosen, ask.body.reason
        )
        return await self._shown(ask, fresh.id)

    async def note(self, ask: Ask) -> Answer:
        await self._desk.note(_who(ask), _case(ask), ask.body.version, ask.body.text)
        return await self._shown(ask, _case(ask))

    async def decide(self, ask: Ask) -> Answer:
        body: DecideBody = ask.body
        choice = Choice(
            decision=body.decision,
            reason=body.reason,
            message=_message(body.message),
            spans=tuple(Span(start, end) for start, end in body.spans),
            rule=body.rule,
        )
        await self._desk.decide(_who(ask), _case(ask), body.version, choice)
        return await self._shown(ask, _case(ask))

    async def escalate(self, ask: Ask) -> Answer:
        body: EscalateBody = ask.body
        await self._desk.escalate(_who(ask), _case(ask), body.version, tier=body.tier, reason=body.reason)
        return await self._shown(ask, _case(ask))

    async def close(self, ask: Ask) -> Answer:
        await self._desk.close(_who(ask), _case(ask), ask.body.version, ask.body.reason, kind=ask.body.kind)
        return await self._shown(ask, _case(ask))

    async def acknowledge(self, ask: Ask) -> Answer:
        row = await self._desk.acknowledge(_who(ask), PageId(ask.id("id")), anyway=ask.body.anyway)
        return await self._shown(ask, row.id)

    async def stream(self, ask: Ask) -> Answer:
        who = _who(ask)
        async with self._database.read() as conn:
            await desk_rights(conn, who.member_id, is_operator=who.is_operator)
        body = self._consoles.stream(lambda case: self._desk.version_for(who, case))
        return Answer(
            StreamingResponse(body, media_type="text/event-stream", headers={"cache-control": "no-store"})
        )

    async def team(self, ask: Ask) -> Answer:
        who = _who(ask)
        async with self._database.read() as conn:
            rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
            team = await groups_store.default_team(conn)
            rows = await teams.seats(conn, team) if team in rights.care_teams | rights.conduct_teams else []
        items = [SeatShape(s.team_id, Author(s.member_id, s.handle), s.care, s.conduct, s.lead) for s in rows]
        return Answer(Listed(items))

    async def seat(self, ask: Ask) -> Answer:
        who, member, body = _who(ask), MemberId(ask.id("member")), ask.body
        async with self._database.transaction() as tx:
            rights = await desk_rights(tx, who.member_id, is_operator=who.is_operator)
            team = await groups_store.default_team(tx)
            if team not in rights.lead_teams or await people_store.by_id(tx, member) is None:
                raise NotFound
            seat = teams.Seat(team, member, None, body.care, body.conduct, body.lead)
            await set_seat(tx, team, seat, now=self._clock.now())
            seats = {"care": body.care, "conduct": body.conduct, "lead": body.lead}
            said = chain.entry("seat.set", who.member_id, member, **seats)
            await audit.append(tx, [said], now=self._clock.now())
        return Answer(status=204)

    async def ties(self, ask: Ask) -> Answer:
        who = _who(ask)
        async with self._database.read() as conn:
            await desk_rights(conn, who.member_id, is_operator=who.is_operator)
            rows = await ties.of(conn, who.member_id)
        return Answer(Listed([Author(id, handle) for id, handle in rows]))

    async def tie(self, ask: Ask) -> Answer:
        return await self._tie(ask, on=True)

    async def untie(self, ask: Ask) -> Answer:
        return await self._tie(ask, on=False)

    async def _tie(self, ask: Ask, *, on: bool) -> Answer:
        """Cases about that member don't exist for this person from now on, or do again."""
        async with self._database.transaction() as tx:
            await tie(tx, _who(ask), MemberId(ask.id("member")), on=on, now=self._clock.now())
        return Answer(status=204)

    async def appeal(self, ask: Ask) -> Answer:
        decision = parse_id(ask.body.decision)
        if decision is None:
            raise NotFound
        row, support = await self._appeals.appeal(ask.signed().member_id, decision, ask.body.text)
        return Answer(AppealShape(row.id, row.state, row.at, row.due_at, support=support), 201)

    async def my_appeals(self, ask: Ask) -> Answer:
        rows = await self._appeals.of(ask.signed().member_id)
        return Answer(Listed([AppealShape(r.id, r.state, r.at, r.due_at, r.answered_at) for r in rows]))

    async def _shown(self, ask: Ask, id: CaseId) -> Answer:
        return Answer(case_shape(await self._desk.see(_who(ask), id)))


def _who(ask: Ask) -> Who:
    who = ask.signed()
    return Who(who.member_id, who.is_operator)


def _case(ask: Ask) -> CaseId:
    return CaseId(ask.id("id"))


def _message(text: str | None) -> MessageId | None:
    if text is None:
        return None
    value = parse_id(text)
    if value is None:
        raise NotFound
    return MessageId(value)
