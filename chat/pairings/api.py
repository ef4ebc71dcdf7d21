"""Pairings in the JSON API: ask, answer, end, hand over; supporters and a group's rules. What is said in one goes
through the calls of all conversations: a pairing's id is its conversation's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from chat.pairings.asking import AskForm, Asking
from chat.pairings.pairings import Answer as Answering
from chat.pairings.pairings import Pairings
from chat.pairings.supporters import GroupPairings, Supporters
from chat.pairings.words import KNOW_VERSION, TIMES, TOPICS, told_state, what_to_know
from chat.rooms import Rooms
from chat.store.pairings import PairingView
from chat.store.supporters import PairingRules, SupporterRow
from community.errors import NotFound
from community.groups import Actor
from community.ids import ConversationId, MemberId
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Author, Listed

_ANSWERS: dict[str, Answering] = {
    "agree": "agree", "pass": "pass", "decline": "decline", "withdraw": "withdraw", "end": "end",
}  # fmt: skip


class AskBody(msgspec.Struct, frozen=True):
    """`to` null asks the group for a peer supporter. `offers`: I am one, and offer to walk beside `to`. `knows`:
    the version of what both are told beforehand."""

    knows: int
    to: UUID | None = None
    offers: bool = False
    topic: str = ""
    times: tuple[str, ...] = ()
    note: str = ""


class AgreeBody(msgspec.Struct, frozen=True):
    """`knows` is asked for by agree alone."""

    knows: int = 0


class HandOverBody(msgspec.Struct, frozen=True):
    to: UUID


class SupporterBody(msgspec.Struct, frozen=True):
    supervisor: UUID


class PauseBody(msgspec.Struct, frozen=True):
    paused: bool


class RulesBody(msgspec.Struct, frozen=True):
    caseload: int
    between_members: bool = False


class DraftBody(msgspec.Struct, frozen=True):
    """`nonce`: the one these words will be sent with."""

    body: str
    nonce: str = ""


class PairingShape(msgspec.Struct, frozen=True):
    """`state`: asked, accepted, open, not_now (nobody answered, or it didn't come about), withdrawn, ended.
    `other` is null while nobody has taken an ask to the group. `mine`: which side I am on."""

    id: UUID
    group: str
    kind: str
    state: str
    mine: str
    other: Author | None
    awaits_me: bool
    topic: str
    times: list[str]
    note: str
    asked_at: datetime
    since: datetime
    new: int
    last_seq: int
    handed_from: UUID | None


class MadeShape(msgspec.Struct, frozen=True, omit_defaults=True):
    pairing: PairingShape
    support: Any = None


class DoneShape(msgspec.Struct, frozen=True):
    """Null when nothing of it is mine to see any more."""

    pairing: PairingShape | None


class KnowShape(msgspec.Struct, frozen=True):
    version: int
    say: list[str]


class SupporterShape(msgspec.Struct, frozen=True):
    member: Author
    supervisor: Author | None
    paused: bool
    carries: int
    free: bool


class GroupShape(msgspec.Struct, frozen=True):
    """`waiting` and `supporters` are empty for who neither leads the group nor is a supporter; `me` is null for
    whoever isn't one."""

    has_supporters: bool
    between_members: bool
    caseload: int
    know: KnowShape
    topics: list[str]
    times: list[str]
    me: SupporterShape | None
    supporters: list[SupporterShape]
    waiting: list[PairingShape]


class PairingsApi:
    def __init__(self, pairings: Pairings, asking: Asking, supporters: Supporters, rooms: Rooms) -> None:
        self._pairings = pairings
        self._asking = asking
        self._supporters = supporters
        self._rooms = rooms

    def calls(self) -> list[Call]:
        group, one = "/groups/{slug}/pairings", "/pairings/{id}"
        supporter = "/groups/{slug}/supporters/{member}"
        return [
            Call("GET", "/pairings", self.mine, "My pairings", answers={200: Listed[PairingShape]}),
            Call("GET", one, self.see, "One of my pairings", answers={200: PairingShape}),
            Call("PUT", one + "/draft", self.keep_draft, "Keep what I began to write there", body=DraftBody,
                 answers={204: None}, idempotent=False),
            Call("POST", one + "/hand-over", self.hand_over, "Ask another supporter to go on (supporters)",
                 body=HandOverBody, answers={201: MadeShape}),
            # Last: the paths above are no answers.
            Call("POST", one + "/{answer}", self.answer, "agree, pass, decline, withdraw, end",
                 body=AgreeBody, answers={200: DoneShape}),
            Call("GET", group, self.of_group, "What I can do about pairings in a group",
                 answers={200: GroupShape}),
            Call("POST", group, self.ask, "Ask for a pairing, or offer one", body=AskBody,
                 answers={201: MadeShape}),
            Call("PUT", "/groups/{slug}/pairing-rules", self.rules, "How pairings go here (facilitators)",
                 body=RulesBody, answers={204: None}),
            Call("PUT", "/groups/{slug}/supporting", self.pause, "Take nobody new for now (supporters)",
                 body=PauseBody, answers={204: None}),
            Call("PUT", supporter, self.name, "Name a peer supporter (facilitators)", body=SupporterBody,
                 answers={204: None}),
            Call("DELETE", supporter, self.unname, "No supporter any more (facilitators)",
                 answers={204: None}),
        ]  # fmt: skip

    async def mine(self, ask: Ask) -> Answer:
        me = ask.signed().member_id
        return Answer(Listed([shape(view, me) for view in await self._pairings.mine(me)]))

    async def see(self, ask: Ask) -> Answer:
        return Answer(await self._shape(ask, _id(ask)))

    async def ask(self, ask: Ask) -> Answer:
        body: AskBody = ask.body
        to = None if body.to is None else MemberId(body.to)
        form = AskForm(body.knows, to, body.offers, body.topic, body.times, body.note)
        made = await self._asking.ask(_actor(ask), ask.path["slug"], form)
        return Answer(MadeShape(await self._shape(ask, made.id), made.support), 201)

    async def answer(self, ask: Ask) -> Answer:
        what = _ANSWERS.get(ask.path["answer"])
        if what is None:
            raise NotFound
        view = await self._pairings.answer(_actor(ask), _id(ask), what, knows=ask.body.knows)
        return Answer(DoneShape(None if view is None else shape(view, ask.signed().member_id)))

    async def hand_over(self, ask: Ask) -> Answer:
        fresh = await self._pairings.hand_over(_actor(ask), _id(ask), MemberId(ask.body.to))
        return Answer(MadeShape(await self._shape(ask, fresh)), 201)

    async def keep_draft(self, ask: Ask) -> Answer:
        await self._pairings.inside(_actor(ask), _id(ask))
        member = ask.signed().member_id
        await self._rooms.put_draft(member, _id(ask), ask.body.body, nonce=ask.body.nonce)
        return Answer(status=204)

    async def of_group(self, ask: Ask) -> Answer:
        actor = _actor(ask)
        found = await self._supporters.of_group(actor, ask.path["slug"])
        answers = found.leads or found.me is not None
        waiting = await self._pairings.waiting(actor, found.seen) if answers else []
        return Answer(_group(found, [shape(view, actor.member_id) for view in waiting], answers=answers))

    async def name(self, ask: Ask) -> Answer:
        member, supervisor = MemberId(ask.id("member")), MemberId(ask.body.supervisor)
        await self._supporters.name(_actor(ask), ask.path["slug"], member, supervisor)
        return Answer(status=204)

    async def unname(self, ask: Ask) -> Answer:
        await self._supporters.unname(_actor(ask), ask.path["slug"], MemberId(ask.id("member")))
        return Answer(status=204)

    async def pause(self, ask: Ask) -> Answer:
        await self._supporters.pause(_actor(ask), ask.path["slug"], on=ask.body.paused)
        return Answer(status=204)

    async def rules(self, ask: Ask) -> Answer:
        rules = PairingRules(ask.body.caseload, ask.body.between_members)
        await self._supporters.set_rules(_actor(ask), ask.path["slug"], rules)
        return Answer(status=204)

    async def _shape(self, ask: Ask, id: ConversationId) -> PairingShape:
        return shape(await self._pairings.see(_actor(ask), id), ask.signed().member_id)


def shape(view: PairingView, me: MemberId) -> PairingShape:
    """A pairing as this reader is told of it."""
    row, p = view.row, view.row.pairing
    mine = "member" if p.member == me else "beside" if p.beside == me else "neither"
    other = p.beside if p.member == me else p.member
    return PairingShape(
        id=row.id,
        group=view.slug,
        kind=row.kind,
        state=told_state(p),
        mine=mine,
        other=None if other is None and p.to_group and p.beside is None else author(view, other),
        awaits_me=p.awaits(me),
        topic=row.topic,
        times=list(row.times),
        note=view.note,
        asked_at=row.asked_at,
        since=p.since,
        new=view.new if p.has(me) and p.state == "open" else 0,
        last_seq=view.last_seq,
        handed_from=row.handed_from,
    )


def author(view: PairingView, member: MemberId | None) -> Author:
    return Author(member, None if member is None else view.handles.get(member))


def _group(found: GroupPairings, waiting: list[PairingShape], *, answers: bool) -> GroupShape:
    return GroupShape(
        has_supporters=found.has_supporters,
        between_members=found.between_members,
        caseload=found.rules.caseload,
        know=KnowShape(KNOW_VERSION, what_to_know("supporter")),
        topics=list(TOPICS),
        times=list(TIMES),
        me=None if found.me is None else _supporter(found.me, found.rules),
        supporters=[_supporter(one, found.rules) for one in found.supporters] if answers else [],
        waiting=waiting,
    )


def _supporter(row: SupporterRow, rules: PairingRules) -> SupporterShape:
    behind = None if row.supervisor_id is None else Author(row.supervisor_id, row.supervisor)
    return SupporterShape(
        Author(row.member_id, row.handle), behind, row.paused, row.carries, row.is_free(rules)
    )


def _actor(ask: Ask) -> Actor:
    who = ask.signed()
    return Actor(who.member_id)


def _id(ask: Ask) -> ConversationId:
    return ConversationId(ask.id("id"))
