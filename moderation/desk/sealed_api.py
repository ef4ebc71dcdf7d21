"""Sealed things over HTTP: a second person, the member's own emergency contact, broken glass, the checklist."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from community.errors import NotFound
from community.ids import CaseId, MemberId, MessageId, parse_id
from community.store import groups
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Listed, MessageShape, message_shape
from moderation.casework.break_glass import BreakGlass
from moderation.casework.second_person import SealedContact, SecondPerson, Wanted
from moderation.casework.two_people import Kind, Signature
from moderation.desk.contact_pages import Contacts
from moderation.desk.duties import Given, Office, give_office
from moderation.desk.ground import DeskGround
from moderation.desk.letters_api import who_of
from moderation.store import sealed_boxes


class AskBody(msgspec.Struct, frozen=True):
    kind: Kind
    reason: str
    message: str | None = None


class ReviewBody(msgspec.Struct, frozen=True):
    right: bool


class SignatureShape(msgspec.Struct, frozen=True):
    id: UUID
    case: UUID
    kind: str
    message: UUID | None
    asked_by: UUID
    asked_at: datetime
    state: str
    answered_by: UUID | None
    review_due_at: datetime | None
    review: str | None


class ReasonBody(msgspec.Struct, frozen=True):
    reason: str


class AroundShape(msgspec.Struct, frozen=True):
    before: list[MessageShape]
    after: list[MessageShape]


class KeptShape(msgspec.Struct, frozen=True):
    """Whether a contact is kept, never what it says."""

    kept: bool
    at: datetime | None = None


class HeardShape(msgspec.Struct, frozen=True):
    """It is kept; what its note says is heard now."""

    support: Any


class BrokenShape(msgspec.Struct, frozen=True):
    id: UUID
    case: UUID
    by: UUID
    what: str
    at: datetime
    reviewed_by: UUID | None


class ChecklistBody(msgspec.Struct, frozen=True):
    items: list[str]


class OfficeBody(msgspec.Struct, frozen=True):
    office: Office
    on: bool = True


class SealedApi:
    def __init__(
        self, ground: DeskGround, second: SecondPerson, glass: BreakGlass, contacts: Contacts
    ) -> None:
        self._ground = ground
        self._second = second
        self._glass = glass
        self._contacts = contacts

    def calls(self) -> list[Call]:
        one, case = "/moderation/signatures/{id}", "/moderation/cases/{id}"
        signed = {200: SignatureShape}
        return [
            Call("POST", case + "/signatures", self.ask, "Ask a second person", body=AskBody,
                 answers={201: SignatureShape}),
            Call("GET", case + "/signatures", self.asked, "What was asked", answers={200: Listed[SignatureShape]}),
            Call("POST", one + "/confirm", self.confirm, "I agree: do it", answers=signed),
            Call("POST", one + "/refuse", self.refuse, "I don't agree", answers=signed),
            Call("POST", one + "/alone", self.alone, "Nobody answered, a life is in danger", answers=signed),
            Call("POST", one + "/review", self.review, "I looked at it", body=ReviewBody, answers=signed),
            Call("GET", one + "/contact", self.contact, "The emergency contact", answers={200: SealedContact}),
            Call("POST", case + "/context", self.context, "Read what was said around it", body=ReasonBody,
                 answers={200: AroundShape}),
            Call("GET", "/moderation/break-glass", self.opened, "What was opened",
                 answers={200: Listed[BrokenShape]}),
            Call("POST", "/moderation/break-glass/{id}/review", self.looked, "I looked at it",
                 answers={204: None}),
            Call("GET", "/moderation/checklist", self.checklist, "When a life is in danger",
                 answers={200: ChecklistBody}),
            Call("PUT", "/moderation/checklist", self.set_checklist, "Our own list", body=ChecklistBody,
                 answers={204: None}),
            Call("PUT", "/moderation/offices/{member}", self.office, "Give a duty", body=OfficeBody,
                 answers={204: None}),
            Call("GET", "/me/emergency-contact", self.kept, "Whether I left one", answers={200: KeptShape}),
            Call("PUT", "/me/emergency-contact", self.keep, "Leave one, sealed", body=SealedContact,
                 answers={200: HeardShape, 204: None}),
            Call("DELETE", "/me/emergency-contact", self.drop, "Take it back", answers={204: None}),
        ]  # fmt: skip

    # ---- two people

    async def ask(self, ask: Ask) -> Answer:
        body: AskBody = ask.body
        message = None if body.message is None else parse_id(body.message)
        if body.message is not None and message is None:
            raise NotFound
        wanted = Wanted(body.kind, body.reason, None if message is None else MessageId(message))
        made = await self._second.ask(who_of(ask), CaseId(ask.id("id")), wanted)
        return Answer(_shape(made), 201)

    async def asked(self, ask: Ask) -> Answer:
        rows = await self._second.of_case(who_of(ask), CaseId(ask.id("id")))
        return Answer(Listed([_shape(row) for row in rows]))

    async def confirm(self, ask: Ask) -> Answer:
        return Answer(_shape(await self._second.answer(who_of(ask), ask.id("id"), yes=True)))

    async def refuse(self, ask: Ask) -> Answer:
        return Answer(_shape(await self._second.answer(who_of(ask), ask.id("id"), yes=False)))

    async def alone(self, ask: Ask) -> Answer:
        return Answer(_shape(await self._second.alone(who_of(ask), ask.id("id"))))

    async def review(self, ask: Ask) -> Answer:
        return Answer(_shape(await self._second.review(who_of(ask), ask.id("id"), right=ask.body.right)))

    async def contact(self, ask: Ask) -> Answer:
        return Answer(await self._second.contact(who_of(ask), ask.id("id")))

    # ---- broken glass

    async def context(self, ask: Ask) -> Answer:
        found = await self._glass.context(who_of(ask), CaseId(ask.id("id")), ask.body.reason)
        return Answer(
            AroundShape(
                [message_shape(m, None) for m in found.before], [message_shape(m, None) for m in found.after]
            )
        )

    async def opened(self, ask: Ask) -> Answer:
        rows = await self._glass.opened(who_of(ask))
        return Answer(
            Listed([BrokenShape(r.id, r.case_id, r.by_id, r.what, r.at, r.reviewed_by) for r in rows])
        )

    async def looked(self, ask: Ask) -> Answer:
        await self._glass.review(who_of(ask), ask.id("id"))
        return Answer(status=204)

    async def checklist(self, ask: Ask) -> Answer:
        async with self._ground.database.read() as conn:
            team = await groups.default_team(conn)
        return Answer(ChecklistBody(await self._glass.checklist(who_of(ask), team)))

    async def set_checklist(self, ask: Ask) -> Answer:
        async with self._ground.database.read() as conn:
            team = await groups.default_team(conn)
        await self._glass.set_checklist(who_of(ask), team, ask.body.items)
        return Answer(status=204)

    async def office(self, ask: Ask) -> Answer:
        given = Given(ask.body.office, MemberId(ask.id("member")), ask.body.on)
        async with self._ground.database.transaction() as tx:
            await give_office(tx, who_of(ask), given, now=self._ground.clock.now())
        return Answer(status=204)

    # ---- the member's own

    async def kept(self, ask: Ask) -> Answer:
        async with self._ground.database.read() as conn:
            found = await sealed_boxes.contact(conn, ask.signed().member_id)
        return Answer(KeptShape(False) if found is None else KeptShape(True, found[1]))

    async def keep(self, ask: Ask) -> Answer:
        """Only two people together open it, when a life is in danger, and the member hears of it."""
        support = await self._contacts.keep(ask.signed().member_id, ask.body)
        return Answer(status=204) if support is None else Answer(HeardShape(support))

    async def drop(self, ask: Ask) -> Answer:
        async with self._ground.database.transaction() as tx:
            await sealed_boxes.drop_contact(tx, ask.signed().member_id)
        return Answer(status=204)


def _shape(row: Signature) -> SignatureShape:
    return SignatureShape(
        row.id, row.case_id, row.kind, row.message_id, row.asked_by, row.asked_at, row.state, row.answered_by,
        row.review_due_at, row.review,
    )  # fmt: skip
