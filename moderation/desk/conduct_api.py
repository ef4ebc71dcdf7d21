"""Conduct over HTTP: repair first, reasons for one's own messages, a report about staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from community import handles
from community.database import Database
from community.errors import NotFound
from community.ids import CaseId, MemberId, parse_id
from community.store import people
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Listed
from moderation.casework.conduct import Conduct
from moderation.desk.letters_api import who_of
from moderation.desk.shapes import CaseSummary, case_summary
from moderation.gate.reasons import Statement


class RepairBody(msgspec.Struct, frozen=True):
    version: int
    rule: str = "person"
    reason: str = "repair first"


class StatementShape(msgspec.Struct, frozen=True):
    """A decision on my message: what changed, why, and until when I may say that I see it differently."""

    case: UUID
    message: UUID | None
    decision: str
    rule: str
    at: datetime
    say: list[str]
    appeal_until: datetime | None


class ComplaintBody(msgspec.Struct, frozen=True):
    """`about`: a handle or a member's id."""

    about: str
    text: str


class ComplaintShape(msgspec.Struct, frozen=True):
    say: str
    support: Any = None


class ConductApi:
    def __init__(self, conduct: Conduct, database: Database) -> None:
        self._conduct = conduct
        self._database = database

    def calls(self) -> list[Call]:
        return [
            Call("POST", "/moderation/cases/{id}/repair", self.repair, "Ask for a change first", body=RepairBody,
                 answers={200: CaseSummary}),
            Call("GET", "/me/decisions", self.decisions, "What changed of mine, and why",
                 answers={200: Listed[StatementShape]}),
            Call("POST", "/complaints", self.complain, "Report somebody of the staff", body=ComplaintBody,
                 answers={201: ComplaintShape}),
        ]  # fmt: skip

    async def repair(self, ask: Ask) -> Answer:
        body: RepairBody = ask.body
        row = await self._conduct.ask_repair(
            who_of(ask), CaseId(ask.id("id")), body.version, rule=body.rule, reason=body.reason
        )
        return Answer(case_summary(row))

    async def decisions(self, ask: Ask) -> Answer:
        rows = await self._conduct.decisions(ask.signed().member_id)
        return Answer(Listed([_shape(row) for row in rows]))

    async def complain(self, ask: Ask) -> Answer:
        about = await self._member(ask.body.about)
        support = await self._conduct.complain(ask.signed().member_id, about, ask.body.text)
        say = "Thank you. Somebody else than this person reads it, and tells you when they have."
        return Answer(ComplaintShape(say, support), 201)

    async def _member(self, said: str) -> MemberId:
        id = parse_id(said)
        if id is not None:
            return MemberId(id)
        async with self._database.read() as conn:
            found = await people.by_handle(conn, handles.folded(said.strip())[:200])
        if found is None:
            raise NotFound
        return found.id


def _shape(made: Statement) -> StatementShape:
    return StatementShape(
        made.case_id, made.message_id, made.decision, made.rule, made.at, list(made.say), made.appeal_until
    )
