"""Pairings as pages: mine, one that waits for an answer, the conversation, its end, and handing over.

The conversation is a room's page for two (chat/talk_pages.py): without scripts everything goes by forms.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from chat import visits
from chat.message_pages import MessagePages, MessagePlace, RoomParts
from chat.pairings.asking import Asking
from chat.pairings.pairings import Answer, Pairings, SeenPairing
from chat.pairings.supporters import Supporters
from chat.pairings.words import KNOW_VERSION, standing, time_name, told_state, topic_name, what_to_know
from chat.store.pairings import PairingView
from chat.talk_pages import TalkPages
from chat.words import Closed, closed
from chat.words import said_of as said
from community import rulings
from community.errors import FieldError, Invalid
from community.groups import Actor
from community.ids import ConversationId, MemberId, parse_id
from community.rulings import Ruling
from community.web.forms import Form
from community.web.pages import Page
from community.web.sections import Entry, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _, several
from moderation.gate.support import SupportCard

_ANSWERS: dict[str, Answer] = {
    "agree": "agree", "pass": "pass", "decline": "decline", "withdraw": "withdraw",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PairingTools:
    """What the pages of pairings work with, made once at assembly."""

    pairings: Pairings
    asking: Asking
    supporters: Supporters
    rooms: RoomParts


@dataclass(frozen=True, slots=True)
class Twosome:
    """A pairing's conversation as the shared parts of a talk see it."""

    id: ConversationId
    name: str

    @property
    def href(self) -> str:
        return f"/pairings/{self.id}"


class PairingPages:
    def __init__(self, tools: PairingTools) -> None:
        self._pairings = tools.pairings
        self._supporters = tools.supporters
        self._clock = tools.rooms.clock
        self._rooms = tools.rooms.rooms
        self._talk = TalkPages(tools.rooms)
        self._messages = MessagePages(tools.rooms, "/pairings/{id}", self._message_place)

    def pages(self) -> list[Page]:
        one = "/pairings/{id}"
        return [
            Page("GET", "/pairings", self.mine),
            Page("GET", one, self.one),
            Page("POST", one, self.say, again=self.one),
            Page("POST", one + "/answer", self.answer, again=self.one),
            Page("GET", one + "/end", self.end_form),
            Page("POST", one + "/end", self.end),
            Page("GET", one + "/hand-over", self.hand_over_form),
            Page("POST", one + "/hand-over", self.hand_over, again=self.hand_over_form),
            Page("POST", one + "/draft/drop", self.drop_draft),
            *self._messages.pages(),
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """Mine in the left rail, for whoever has one. Quiet: names of those one talks with, nothing of why."""
        mine = await self._pairings.mine(who.member_id)
        is_open = [view for view in mine if view.row.pairing.state == "open"]
        waits = [view for view in mine if told_state(view.row.pairing) in ("asked", "accepted")]
        if not is_open and not waits:
            return None
        entries = [
            Entry(
                other_handle(view, who.member_id),
                f"/pairings/{view.row.id}",
                aside=several("%d new", "%d new", view.new) % view.new if view.new else "",
            )
            for view in is_open[:20]
        ]
        answer = any(view.row.pairing.awaits(who.member_id) for view in waits)
        aside = _("waits for you") if answer else ""
        is_news = answer or any(view.new for view in is_open)
        entries.append(Entry(_("All pairings"), "/pairings", aside=aside))
        return RailSection(_("Pairings"), tuple(entries), is_news)

    async def mine(self, visit: Visit) -> Response:
        me = visit.signed().member_id
        mine = [(view, other_handle(view, me)) for view in await self._pairings.mine(me)]
        state = {view.row.id: told_state(view.row.pairing) for view, _name in mine}
        return visit.render(
            "chat/pairings.html",
            waiting=[v for v in mine if state[v[0].row.id] in ("asked", "accepted")],
            open=[v for v in mine if state[v[0].row.id] == "open"],
            over=[v for v in mine if state[v[0].row.id] in ("not_now", "withdrawn", "ended")],
            standing=lambda view: standing(view.row.pairing, me),
            awaits=lambda view: view.row.pairing.awaits(me),
            supports=await self._supporters.groups_of(me),
        )

    # ---- one

    async def one(self, visit: Visit) -> Response:
        actor = actor_of(visit)
        view = await self._pairings.see(actor, visits.required_room(visit))
        if view.row.pairing.state in ("open", "ended"):
            return await self._conversation(visit, support=visits.support_in(visit))
        me, p = actor.member_id, view.row.pairing
        return visit.render(
            "chat/pairing_answer.html",
            view=view,
            name=other_handle(view, me),
            other=other_handle(view, me) if p.has(me) and p.other(me) else "",
            asker=handle_of(view, p.asked_by),
            member=handle_of(view, p.member),
            beside=handle_of(view, p.beside),
            mine="member" if p.member == me else "beside" if p.beside == me else "other",
            asked_by_me=p.asked_by == me,
            awaits=p.awaits(me),
            waits=p.state in ("asked", "accepted"),
            standing=standing(p, me),
            topic=topic_name(view.row.topic),
            times=[time_name(time) for time in view.row.times],
            know=what_to_know(view.row.kind),
            know_version=KNOW_VERSION,
            support=visits.support_in(visit),
        )

    async def answer(self, visit: Visit) -> Response:
        form, id = await visit.form(), visits.required_room(visit)
        what = _ANSWERS.get(form.get("answer"))
        if what is None:
            return visit.redirect(f"/pairings/{id}")
        knows = KNOW_VERSION if form.get("knows") == str(KNOW_VERSION) else 0
        view = await self._pairings.answer(actor_of(visit), id, what, knows=knows)
        say = {
            "pass": _("Thank you for looking. Somebody else may take it."),
            "decline": _("Thank you for answering. They are told kindly, without a reason."),
            "withdraw": _("It is taken back. You can ask again at any time."),
            "agree": _("Thank you. As soon as you have both agreed, you can talk."),
        }[what]
        if view is None:
            return visit.redirect("/pairings", say=say)
        if view.row.pairing.state == "open":
            say = _("You have both agreed. A short hello is enough to begin.")
        return visit.redirect(f"/pairings/{id}", say=say)

    # ---- the conversation

    async def say(self, visit: Visit) -> Response:
        id = visits.required_room(visit)
        sent = await self._talk.say(visit, id)
        if sent.support is not None:
            return await self._conversation(visit, support=sent.support)
        return visit.redirect(f"/pairings/{id}", say=said(sent))

    async def drop_draft(self, visit: Visit) -> Response:
        await self._rooms.drop_draft(visit.signed().member_id, visits.required_room(visit))
        return visit.redirect("/drafts", say=_("The draft is gone."))

    async def _conversation(self, visit: Visit, *, support: SupportCard | None) -> Response:
        actor = actor_of(visit)
        inside = await self._pairings.inside(actor, visits.required_room(visit))
        place, may_write = self._place(inside, actor.member_id)
        p, me = inside.view.row.pairing, actor.member_id
        beside = await self._pairings.beside(me, inside.view)
        if visit.query.get("part") == "beside":
            return visit.render("chat/pairing_beside.html", beside=beside, pairing=place)
        is_part = self._talk.asked(visit).is_part
        worry = None if is_part else await self._pairings.worry_about(me, place.id)
        return visit.render(
            "chat/lines.html" if is_part else "chat/pairing.html",
            **await self._talk.context(visit, place, may_write, support=support),
            pairing=place,
            group=inside.seen.group,
            closed=None if may_write.allowed else _closed(inside, may_write),
            closed_later=_over(),
            is_open=p.state == "open",
            supports=inside.view.row.kind == "supporter" and p.beside == me,
            is_supported=inside.view.row.kind == "supporter" and p.member == me,
            other_id=p.other(me),
            beside=beside,
            worry=worry,
            know=what_to_know(inside.view.row.kind),
        )

    def _place(self, inside: SeenPairing, me: MemberId) -> tuple[Twosome, Ruling]:
        state = "open" if inside.view.row.pairing.state == "open" else "read_only"
        may_write = rulings.write(inside.seen.place, now=self._clock.now(), conversation=state)
        return Twosome(inside.view.row.id, other_handle(inside.view, me)), may_write

    async def _message_place(self, visit: Visit) -> MessagePlace:
        actor = actor_of(visit)
        inside = await self._pairings.inside(actor, visits.required_room(visit))
        place, may_write = self._place(inside, actor.member_id)
        trail = ((_("Pairings"), "/pairings"), (place.name, place.href))
        return MessagePlace(place, may_write, trail, _("Back to the conversation"))

    # ---- the end, and handing over

    async def end_form(self, visit: Visit) -> Response:
        actor = actor_of(visit)
        inside = await self._pairings.inside(actor, visits.required_room(visit))
        place, _may_write = self._place(inside, actor.member_id)
        p = inside.view.row.pairing
        return visit.render(
            "chat/pairing_end.html",
            pairing=place,
            is_open=p.state == "open",
            other_id=p.other(actor.member_id),
            supports=inside.view.row.kind == "supporter" and p.beside == actor.member_id,
        )

    async def end(self, visit: Visit) -> Response:
        id = visits.required_room(visit)
        await self._pairings.answer(actor_of(visit), id, "end")
        say = _("It is ended. What was said stays readable for the two of you; you can take your words back.")
        return visit.redirect(f"/pairings/{id}", say=say)

    async def hand_over_form(self, visit: Visit) -> Response:
        actor = actor_of(visit)
        inside = await self._pairings.inside(actor, visits.required_room(visit))
        place, _may_write = self._place(inside, actor.member_id)
        free = await self._pairings.others_free(actor, inside)
        return visit.render("chat/pairing_hand_over.html", pairing=place, free=free)

    async def hand_over(self, visit: Visit) -> Response:
        form, id = await visit.form(), visits.required_room(visit)
        to = member_in(form, "to", _("Please choose somebody."))
        await self._pairings.hand_over(actor_of(visit), id, to)
        say = _("Both are asked. Until they have agreed, you two go on.")
        return visit.redirect(f"/pairings/{id}", say=say)


def actor_of(visit: Visit) -> Actor:
    """Who looks. Operators are members like others here: nobody watches silently."""
    return Actor(visit.signed().member_id)


def member_in(form: Form, name: str, otherwise: str) -> MemberId:
    """The person whom a form names. Raises Invalid, saying `otherwise`."""
    found = parse_id(form.get(name))
    if found is None:
        raise Invalid(otherwise, fields=(FieldError(name, otherwise),))
    return MemberId(found)


def handle_of(view: PairingView, member: MemberId | None) -> str:
    found = None if member is None else view.handles.get(member)
    return found or _("someone who has left")


def other_handle(view: PairingView, me: MemberId) -> str:
    """The other of the two, or whom one waits for."""
    p = view.row.pairing
    if p.to_group and p.beside is None:
        return _("A peer supporter")
    if not p.has(me):
        return " · ".join((handle_of(view, p.member), handle_of(view, p.beside)))
    return handle_of(view, p.other(me))


def _over() -> Closed:
    return Closed(
        _("This conversation has ended"),
        _("What was said stays readable for the two of you. You can take your own words back at any time."),
        ((_("All pairings"), "/pairings"),),
    )


def _closed(inside: SeenPairing, may_write: Ruling) -> Closed | None:
    if inside.view.row.pairing.state != "open":
        return _over()
    return closed(may_write, inside.seen.group.slug, needs_facilitator=False)
