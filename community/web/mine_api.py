"""The API's part of what is mine beside the account: what I want to see less of, and questions to facilitators."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from community.groups import Actor
from community.ids import MemberId
from community.own_wishes import OwnWishes
from community.questions import Questions
from community.store.questions import QuestionWords
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Author, Listed
from community.wishes import Wishes


class WishesShape(msgspec.Struct, frozen=True):
    """Clients fold by themselves what has a muted word, or a warning that isn't opened (community/wishes.py)."""

    words: list[str]
    opened: list[str]
    hidden: list[str]
    break_until: datetime | None


class WishesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields that are absent stay as they are; `break_until` null ends a break."""

    words: list[str] | None = None
    opened: list[str] | None = None
    hidden: list[str] | None = None
    break_until: datetime | msgspec.UnsetType | None = msgspec.UNSET


class WordsBody(msgspec.Struct, frozen=True):
    words: str


class AskedShape(msgspec.Struct, frozen=True, omit_defaults=True):
    support: Any = None


class QuestionShape(msgspec.Struct, frozen=True):
    id: UUID
    asker: Author
    is_answer: bool
    by: str | None
    words: str
    at: datetime


class MineApi:
    def __init__(self, wishes: OwnWishes, questions: Questions) -> None:
        self._wishes = wishes
        self._questions = questions

    def calls(self) -> list[Call]:
        asked = "/groups/{slug}/questions"
        return [
            Call("GET", "/me/wishes", self.wishes, "What I want to see less of", answers={200: WishesShape}),
            Call(
                "PATCH", "/me/wishes", self.change, "Change it", body=WishesBody, answers={200: WishesShape}
            ),
            Call("POST", asked, self.ask, "Ask the facilitators", body=WordsBody, answers={201: AskedShape}),
            Call(
                "GET",
                asked,
                self.asked,
                "What was asked, for facilitators",
                answers={200: Listed[QuestionShape]},
            ),
            Call("GET", asked + "/mine", self.mine, "What I asked", answers={200: Listed[QuestionShape]}),
            Call(
                "POST",
                asked + "/{member}/answers",
                self.answer,
                "Answer somebody's questions",
                body=WordsBody,
                answers={201: AskedShape},
            ),
        ]

    async def wishes(self, ask: Ask) -> Answer:
        return Answer(_shape(await self._wishes.of(ask.signed().member_id)))

    async def change(self, ask: Ask) -> Answer:
        body: WishesBody = ask.body
        member = ask.signed().member_id
        after = await self._wishes.of(member)
        if body.words is not None:
            after = await self._wishes.mute_words(member, "\n".join(body.words))
        if body.opened is not None or body.hidden is not None:
            opened = after.opened if body.opened is None else body.opened
            hidden = after.hidden if body.hidden is None else body.hidden
            after = await self._wishes.set_warnings(member, opened=opened, hidden=hidden)
        if body.break_until is None:
            after = await self._wishes.end_break(member)
        elif isinstance(body.break_until, datetime):
            after = await self._wishes.take_break(member, body.break_until)
        return Answer(_shape(after))

    async def ask(self, ask: Ask) -> Answer:
        support = await self._questions.ask(_actor(ask), ask.path["slug"], ask.body.words)
        return Answer(AskedShape(support), 201)

    async def asked(self, ask: Ask) -> Answer:
        _seen, threads = await self._questions.asked(_actor(ask), ask.path["slug"])
        return Answer(Listed([_question(words) for thread in threads for words in thread.said]))

    async def mine(self, ask: Ask) -> Answer:
        _seen, said = await self._questions.mine(_actor(ask), ask.path["slug"])
        return Answer(Listed([_question(words) for words in said]))

    async def answer(self, ask: Ask) -> Answer:
        asker = MemberId(ask.id("member"))
        support = await self._questions.answer(_actor(ask), ask.path["slug"], asker, ask.body.words)
        return Answer(AskedShape(support), 201)


def _actor(ask: Ask) -> Actor:
    who = ask.signed()
    return Actor(who.member_id, who.is_operator)


def _shape(wishes: Wishes) -> WishesShape:
    return WishesShape(list(wishes.words), list(wishes.opened), list(wishes.hidden), wishes.break_until)


def _question(words: QuestionWords) -> QuestionShape:
    asker = Author(words.asker_id, words.asker)
    return QuestionShape(words.message_id, asker, words.is_answer, words.author, words.shown, words.at)
