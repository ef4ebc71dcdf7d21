"""Letters over HTTP: the team writes to a member, templates, follow-ups; a member finds theirs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from community.ids import CaseId
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Listed, MessageShape, message_shape
from moderation.casework.follow_ups import FollowUps
from moderation.casework.letters import Letter, Letters
from moderation.casework.phrases import Phrase, offered
from moderation.desk.ground import Who
from moderation.desk.shapes import SentShape, sent_shape


class LetterBody(msgspec.Struct, frozen=True):
    """`nonce` makes a resend harmless; `template` is only for the figures."""

    version: int
    nonce: str
    body: str
    template: str = ""


class PlanBody(msgspec.Struct, frozen=True):
    version: int


class WishBody(msgspec.Struct, frozen=True):
    wanted: bool


class PhraseQuery(msgspec.Struct, frozen=True):
    language: str = "en"


class FollowUpShape(msgspec.Struct, frozen=True):
    id: UUID
    due_at: datetime
    state: str


class CareConversationShape(msgspec.Struct, frozen=True):
    """A conversation id; what is said there is read and written like any other conversation."""

    id: UUID


class SaidShape(msgspec.Struct, frozen=True):
    conversation: UUID | None
    items: list[MessageShape]


class LettersApi:
    def __init__(self, letters: Letters, follow_ups: FollowUps) -> None:
        self._letters = letters
        self._follow_ups = follow_ups

    def calls(self) -> list[Call]:
        one = "/moderation/cases/{id}"
        sent = {201: SentShape, 202: SentShape}
        planned = {200: Listed[FollowUpShape]}
        return [
            Call("POST", one + "/messages", self.write, "Write to the person", body=LetterBody, answers=sent),
            Call("GET", one + "/messages", self.said, "What was said between us", answers={200: SaidShape}),
            Call("POST", one + "/follow-up", self.plan, "Ask again later", body=PlanBody, answers=planned),
            Call("GET", "/moderation/templates", self.templates, "Beginnings of letters", query=PhraseQuery,
                 answers={200: Listed[Phrase]}),
            Call("GET", "/me/letters", self.mine, "My conversations with the team",
                 answers={200: Listed[CareConversationShape]}),
            Call("PUT", "/me/follow-ups", self.wish, "Whether I want to be asked", body=WishBody,
                 answers={204: None}),
        ]  # fmt: skip

    async def write(self, ask: Ask) -> Answer:
        body: LetterBody = ask.body
        letter = Letter(body.nonce, body.body)
        sent = await self._letters.write(who_of(ask), CaseId(ask.id("id")), body.version, letter)
        return Answer(sent_shape(sent), 202 if sent.outcome == "hold" else 201)

    async def said(self, ask: Ask) -> Answer:
        conversation, views = await self._letters.read(who_of(ask), CaseId(ask.id("id")))
        return Answer(SaidShape(conversation, [message_shape(v, None, staff=True) for v in views]))

    async def plan(self, ask: Ask) -> Answer:
        _, planned = await self._follow_ups.plan(who_of(ask), CaseId(ask.id("id")), ask.body.version)
        return Answer(Listed([FollowUpShape(p.id, p.due_at, p.state) for p in planned]))

    async def templates(self, ask: Ask) -> Answer:
        return Answer(Listed(offered(ask.query.language)))

    async def mine(self, ask: Ask) -> Answer:
        rows = await self._letters.mine(ask.signed().member_id)
        return Answer(Listed([CareConversationShape(row.conversation_id) for row in rows]))

    async def wish(self, ask: Ask) -> Answer:
        await self._follow_ups.set_wish(ask.signed().member_id, on=ask.body.wanted)
        return Answer(status=204)


def who_of(ask: Ask) -> Who:
    """Who asks, as the desk knows people."""
    who = ask.signed()
    return Who(who.member_id, who.is_operator)
