"""Care for moderators over HTTP: my budget and breaks, debriefs, practice; for leads the team's load by name."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from community.clock import Clock
from community.database import Conn, Database
from community.errors import Invalid, NotFound
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Author, Listed
from moderation.carers import practice
from moderation.carers.carrying import carried
from moderation.carers.practice import TierName
from moderation.carers.wellbeing import BREAK, ITEMS_MAX, MINUTES_MAX
from moderation.casework.rights import Rights, desk_rights
from moderation.desk.letters_api import who_of
from moderation.store import practice as practice_store
from moderation.store import wellbeing as store

LOAD_DAYS = 7
BREAK_MINUTES_MAX = 240


class BudgetShape(msgspec.Struct, frozen=True):
    """What I carried since my last break. `break_until`: until then others are asked first."""

    items: int
    items_max: int
    minutes: int
    minutes_max: int
    break_until: datetime | None


class BreakBody(msgspec.Struct, frozen=True):
    minutes: int = int(BREAK.total_seconds() // 60)


class DebriefShape(msgspec.Struct, frozen=True):
    id: UUID
    case: UUID
    offered_at: datetime
    answer: str | None


class DebriefBody(msgspec.Struct, frozen=True):
    taken: bool


class LoadShape(msgspec.Struct, frozen=True):
    member: Author
    urgent_opened: int
    cases_held: int
    breaks: int
    debriefs_waiting: int


class ExerciseShape(msgspec.Struct, frozen=True):
    id: str
    text: str
    preset: str


class AnswerBody(msgspec.Struct, frozen=True):
    tier: TierName


class FeedbackShape(msgspec.Struct, frozen=True):
    tier: str
    right: bool
    say: str


class WellbeingApi:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def calls(self) -> list[Call]:
        return [
            Call("GET", "/moderation/wellbeing", self.mine, "What I carried", answers={200: BudgetShape}),
            Call("POST", "/moderation/wellbeing/break", self.rest, "I need a break", body=BreakBody,
                 answers={200: BudgetShape}),
            Call("GET", "/moderation/debriefs", self.debriefs, "Offers to talk it over",
                 answers={200: Listed[DebriefShape]}),
            Call("POST", "/moderation/debriefs/{id}", self.debrief, "Yes or no", body=DebriefBody,
                 answers={204: None}),
            Call("GET", "/moderation/load", self.load, "What the team carries", answers={200: Listed[LoadShape]}),
            Call("GET", "/moderation/practice", self.exercise, "A made-up case", answers={200: ExerciseShape}),
            Call("POST", "/moderation/practice/{id}", self.answer, "How urgent is it?", body=AnswerBody,
                 answers={200: FeedbackShape}),
        ]  # fmt: skip

    async def mine(self, ask: Ask) -> Answer:
        async with self._database.read() as conn:
            await self._rights(conn, ask)
            return Answer(await self._budget(conn, ask))

    async def rest(self, ask: Ask) -> Answer:
        """A break by wish: nobody asks why."""
        if not 1 <= ask.body.minutes <= BREAK_MINUTES_MAX:
            raise Invalid(f"A break has 1 to {BREAK_MINUTES_MAX} minutes.", code="bad_break")
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await self._rights(tx, ask)
            ends = now + timedelta(minutes=ask.body.minutes)
            await store.add_break(tx, ask.signed().member_id, starts=now, ends=ends, why="wish")
            return Answer(await self._budget(tx, ask))

    async def debriefs(self, ask: Ask) -> Answer:
        async with self._database.read() as conn:
            rows = await store.debriefs(conn, ask.signed().member_id)
        return Answer(Listed([DebriefShape(r.id, r.case_id, r.offered_at, r.answer) for r in rows]))

    async def debrief(self, ask: Ask) -> Answer:
        answer = "taken" if ask.body.taken else "declined"
        async with self._database.transaction() as tx:
            now, member = self._clock.now(), ask.signed().member_id
            if not await store.answer_debrief(tx, ask.id("id"), member, answer, now=now):
                raise NotFound
        return Answer(status=204)

    async def load(self, ask: Ask) -> Answer:
        """By name, never ranked: it is for sharing the weight, not for comparing people."""
        since = self._clock.now() - timedelta(days=LOAD_DAYS)
        async with self._database.read() as conn:
            rights = await self._rights(conn, ask)
            if not rights.lead_teams:
                raise NotFound
            rows = [
                r for team in sorted(rights.lead_teams) for r in await store.load_of(conn, team, since=since)
            ]
        return Answer(
            Listed(
                [
                    LoadShape(
                        Author(r.member_id, r.handle),
                        r.urgent_opened,
                        r.cases_held,
                        r.breaks,
                        r.debriefs_waiting,
                    )
                    for r in rows
                ]
            )
        )

    async def exercise(self, ask: Ask) -> Answer:
        async with self._database.read() as conn:
            await self._rights(conn, ask)
            found = practice.next_for(await practice_store.answered(conn, ask.signed().member_id))
        if found is None:
            raise NotFound
        return Answer(ExerciseShape(found.id, found.text, found.preset))

    async def answer(self, ask: Ask) -> Answer:
        found = next((e for e in practice.exercises() if e.id == ask.path["id"]), None)
        if found is None:
            raise NotFound
        async with self._database.transaction() as tx:
            await self._rights(tx, ask)
            tiers = (ask.body.tier, found.tier)
            await practice_store.add(tx, ask.signed().member_id, found.id, tiers, now=self._clock.now())
        say = practice.feedback(found, ask.body.tier)
        return Answer(FeedbackShape(found.tier, ask.body.tier == found.tier, say))

    async def _rights(self, conn: Conn, ask: Ask) -> Rights:
        who = who_of(ask)
        return await desk_rights(conn, who.member_id, is_operator=who.is_operator)

    async def _budget(self, conn: Conn, ask: Ask) -> BudgetShape:
        made, until = await carried(conn, ask.signed().member_id, now=self._clock.now())
        return BudgetShape(made.items, ITEMS_MAX, made.minutes, MINUTES_MAX, until)
