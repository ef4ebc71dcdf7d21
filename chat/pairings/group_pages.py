"""Pairings of a group as pages: what there is, asking and offering, a supporter's own page, and who leads them."""

from __future__ import annotations

from starlette.responses import Response

from chat import visits
from chat.pairings.asking import NOTE_CHARS_MAX, AskForm
from chat.pairings.pages import PairingTools, actor_of, handle_of, member_in
from chat.pairings.supporters import GroupPairings
from chat.pairings.words import KNOW_VERSION, TIMES, TOPICS, time_name, topic_name, what_to_know
from chat.store.supporters import PairingRules
from community import rulings
from community.errors import Forbidden
from community.groups import Actor
from community.web.pages import Page
from community.web.sections import Entry, GroupSection, GroupSeen
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _

_AS = ("supporter", "member", "offer")


class PairingGroupPages:
    def __init__(self, tools: PairingTools) -> None:
        self._pairings = tools.pairings
        self._asking = tools.asking
        self._supporters = tools.supporters
        self._clock = tools.rooms.clock

    def pages(self) -> list[Page]:
        group, supporters = "/groups/{slug}/pairings", "/groups/{slug}/supporters"
        return [
            Page("GET", group, self.group),
            Page("POST", group + "/pause", self.pause),
            Page("GET", group + "/new", self.ask_form),
            Page("POST", group + "/new", self.ask, again=self.ask_form),
            Page("GET", supporters, self.team),
            Page("POST", supporters, self.name, again=self.team),
            Page("POST", supporters + "/unname", self.unname),
            Page("POST", supporters + "/rules", self.set_rules, again=self.team),
        ]

    async def section(self, who: Signed | None, group: GroupSeen) -> GroupSection | None:
        """On a group's page: the way to somebody of one's own, where there is one."""
        if who is None or group.role is None:
            return None
        found = await self._supporters.of_group(Actor(who.member_id), group.slug)
        if not (found.has_supporters or found.between_members or found.leads):
            return None
        about = _("A private conversation of two people who both agreed.")
        entry = Entry(_("One to one"), f"/groups/{group.slug}/pairings", about=about)
        return GroupSection(_("Pairings"), (entry,), "")

    # ---- what there is, and a supporter's own page

    async def group(self, visit: Visit) -> Response:
        actor = actor_of(visit)
        found = await self._supporters.of_group(actor, visit.path["slug"])
        answers = found.leads or found.me is not None
        waiting = await self._pairings.waiting(actor, found.seen) if answers else []
        return visit.render(
            "chat/pairing_group.html",
            group=found.seen.group,
            found=found,
            may_ask=rulings.write(found.seen.place, now=self._clock.now()).allowed,
            waiting=[
                (view, handle_of(view, view.row.pairing.member), topic_name(view.row.topic),
                 [time_name(time) for time in view.row.times])
                for view in waiting
            ],
        )  # fmt: skip

    async def pause(self, visit: Visit) -> Response:
        slug, on = visit.path["slug"], (await visit.form()).get("on") == "yes"
        await self._supporters.pause(actor_of(visit), slug, on=on)
        say = (
            _("Nobody new is sent to you. What is open goes on.")
            if on
            else _("You can take somebody new again.")
        )
        return visit.redirect(f"/groups/{slug}/pairings", say=say)

    # ---- asking and offering

    async def ask_form(self, visit: Visit) -> Response:
        found = await self._supporters.of_group(actor_of(visit), visit.path["slug"])
        kind = _kind(visit.values.get("as") or visit.query.get("as", ""))
        if visit.problem is None:
            rulings.write(found.seen.place, now=self._clock.now()).require()
            _offered(found, kind)
        return visit.render(
            "chat/pairing_ask.html",
            group=found.seen.group,
            kind=kind,
            handle=visit.query.get("to", ""),
            topics=[(topic, topic_name(topic)) for topic in TOPICS],
            times=[(time, time_name(time)) for time in TIMES],
            note_max=NOTE_CHARS_MAX,
            know=what_to_know("members" if kind == "member" else "supporter"),
            know_version=KNOW_VERSION,
            support=visits.support_in(visit),
        )

    async def ask(self, visit: Visit) -> Response:
        form, actor, slug = await visit.form(), actor_of(visit), visit.path["slug"]
        kind = _kind(form.get("as"))
        to = None
        if kind != "supporter":
            to = await self._supporters.id_of(actor, slug, form.get("handle"))
        wanted = AskForm(
            knows=KNOW_VERSION if form.get("knows") == str(KNOW_VERSION) else 0,
            to=to,
            offers=kind == "offer",
            topic=form.get("topic"),
            times=tuple(dict.fromkeys(form.all("times"))),
            note=form.get("note"),
        )
        made = await self._asking.ask(actor, slug, wanted)
        onward = f"/pairings/{made.id}"
        if made.support is not None:
            return visit.render("support_page.html", support=made.support, onward=onward)
        return visit.redirect(onward, say=_("It is asked. You don't have to do anything now."))

    # ---- for those who lead the group

    async def team(self, visit: Visit) -> Response:
        actor, slug = actor_of(visit), visit.path["slug"]
        leaders = await self._supporters.leaders(actor, slug)
        found = await self._supporters.of_group(actor, slug)
        return visit.render(
            "chat/supporters.html",
            group=found.seen.group,
            found=found,
            leaders=[(str(id), handle) for id, handle in leaders],
            me=str(actor.member_id),
        )

    async def name(self, visit: Visit) -> Response:
        form, actor, slug = await visit.form(), actor_of(visit), visit.path["slug"]
        member = await self._supporters.id_of(actor, slug, form.get("handle"))
        supervisor = member_in(form, "supervisor", _("Please choose who stands behind them."))
        await self._supporters.name(actor, slug, member, supervisor)
        return visit.redirect(
            f"/groups/{slug}/supporters", say=_("They are a peer supporter of the group now.")
        )

    async def unname(self, visit: Visit) -> Response:
        form, slug = await visit.form(), visit.path["slug"]
        member = member_in(form, "member", _("Please choose somebody."))
        await self._supporters.unname(actor_of(visit), slug, member)
        return visit.redirect(f"/groups/{slug}/supporters", say=_("Done. What they had open has ended."))

    async def set_rules(self, visit: Visit) -> Response:
        form, slug = await visit.form(), visit.path["slug"]
        rules = PairingRules(
            caseload=visits.number(form.get("caseload")) or 0, between_members=form.get("between") == "yes"
        )
        await self._supporters.set_rules(actor_of(visit), slug, rules)
        return visit.redirect(f"/groups/{slug}/supporters", say=_("Saved."))


def _kind(text: str) -> str:
    return text if text in _AS else "supporter"


def _offered(found: GroupPairings, kind: str) -> None:
    """Raises Forbidden for what isn't to be had here, before somebody writes a form for nothing."""
    if kind == "offer" and found.me is None:
        raise Forbidden(_("Only peer supporters of the group can do that."), code="not_a_supporter")
    if kind == "member" and not found.between_members:
        say = _("In this group you can ask for a peer supporter, not for another member.")
        raise Forbidden(say, code="not_offered")
