"""Pages for those who look after a group: its card and settings, guidelines, members, invitations, its end.

Every action says its consequence in words beside its button. Who may do what is decided in rulings.py, not
here; these pages only leave out what would be refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.responses import Response

from community import group_presets, rulings
from community.cards import PRESETS
from community.clock import Clock
from community.database import Database
from community.errors import BadRequest, FieldError, Invalid
from community.groups import Groups, Seen, StandingChange
from community.ids import MemberId, parse_id
from community.store import guidelines as guideline_store
from community.store import questions
from community.store.groups import GroupRow
from community.web.groups_pages import group_form, required_actor
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _

PER_PAGE = 50
Warn = Callable[[GroupRow], Awaitable[list[str]]]
MUTES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class StandingPages:
    """`warn` says what moderation knows of a group: whether anybody would answer there."""

    def __init__(self, groups: Groups, database: Database, clock: Clock, warn: Warn) -> None:
        self._groups = groups
        self._database = database
        self._clock = clock
        self._warn = warn

    def pages(self) -> list[Page]:
        group = "/groups/{slug}"
        return [
            Page("GET", f"{group}/settings", self.settings),
            Page("POST", f"{group}/settings", self.change, again=self.settings),
            Page("GET", f"{group}/guidelines", self.guidelines),
            Page("POST", f"{group}/guidelines", self.change_guidelines, again=self.guidelines),
            Page("GET", f"{group}/members", self.members),
            Page("POST", f"{group}/members/{{member}}", self.set_standing, again=self.members),
            Page("POST", f"{group}/invite", self.invite),
            Page("GET", f"{group}/delete", self.delete_form),
            Page("POST", f"{group}/delete", self.delete, again=self.delete_form),
        ]

    async def settings(self, visit: Visit) -> Response:
        group = (await self._owned(visit)).group
        return visit.render(
            "group_settings.html",
            group=group,
            presets=[(id, _(words), group_presets.switched_on(id)) for id, words in PRESETS.items()],
            preset=_(PRESETS.get(group.preset, "")),
            switched_on=group_presets.switched_on(group.preset),
            always=group_presets.always(),
            differences=group_presets.differences(group),
            unsafe=[*await self._warn(group), *group_presets.unsafe(group)],
        )

    async def change(self, visit: Visit) -> Response:
        form, slug = await visit.form(), visit.path["slug"]
        version = form.get("version")
        await self._groups.change(
            required_actor(visit),
            slug,
            group_form(form),
            version=int(version) if version.isascii() and version.isdigit() else None,
        )
        if form.get("then") == "stay":
            return visit.redirect(f"/groups/{slug}/settings", say=_("Saved."))
        return visit.redirect(f"/groups/{slug}", say=_("Saved."))

    async def guidelines(self, visit: Visit) -> Response:
        group = (await self._owned(visit)).group
        async with self._database.read() as conn:
            versions = await guideline_store.versions(conn, group.id)
        return visit.render("group_guidelines.html", group=group, versions=versions)

    async def change_guidelines(self, visit: Visit) -> Response:
        form, slug = await visit.form(), visit.path["slug"]
        version = form.get("version")
        before = await self._owned(visit)
        seen = await self._groups.change(
            required_actor(visit),
            slug,
            group_form(form),
            version=int(version) if version.isascii() and version.isdigit() else None,
        )
        changed = seen.group.guidelines_version != before.group.guidelines_version
        say = _("Saved. Everyone is asked to read them before they write again.") if changed else _("Saved.")
        return visit.redirect(f"/groups/{slug}", say=say)

    async def members(self, visit: Visit) -> Response:
        actor, slug = required_actor(visit), visit.path["slug"]
        seen = await self._groups.see(actor, slug)
        after = parse_id(visit.query.get("after", ""))
        waiting = await self._groups.members(actor, slug, states=["requested"], after=None, limit=PER_PAGE)
        found = await self._groups.members(
            actor, slug, states=["member"], after=MemberId(after) if after else None, limit=PER_PAGE + 1
        )
        shown = found[:PER_PAGE]
        async with self._database.read() as conn:  # `members` has made sure that they may know who asks
            words = await questions.join_words(conn, seen.group.id, [person.member_id for person in waiting])
        base = f"/groups/{slug}/members"
        return visit.render(
            "group_members.html",
            group=seen.group,
            waiting=waiting,
            words=words,
            members=shown,
            roles=_roles(),
            may_own=rulings.own(seen.place).allowed,
            older=f"{base}?after={shown[-1].member_id}" if len(found) > PER_PAGE else "",
            newer=base if after else "",
        )

    async def set_standing(self, visit: Visit) -> Response:
        form, slug = await visit.form(), visit.path["slug"]
        change, say = self._wanted(form.get("act"), form.get("role"), form.get("length"))
        await self._groups.set_standing(required_actor(visit), slug, MemberId(visit.id("member")), change)
        return visit.redirect(f"/groups/{slug}/members", say=say)

    def _wanted(self, act: str, role: str, length: str) -> tuple[StandingChange, str]:
        match act:
            case "role":
                return StandingChange(role=role), _("The role has changed.")
            case "mute" if length in MUTES:
                until = self._clock.now() + MUTES[length]
                return StandingChange(set_mute=True, muted_until=until), _("They can read but not write.")
            case "unmute":
                return StandingChange(set_mute=True, muted_until=None), _("They can write again.")
            case "ban":
                return StandingChange(banned=True), _("They can't see the group any more.")
            case "unban":
                return StandingChange(banned=False), _("They can see the group again.")
            case "accept":
                return StandingChange(accept=True), _("They are in.")
            case "decline":
                return StandingChange(accept=False), _("The request is answered with no.")
            case _:
                raise BadRequest(_("Please choose what to do."))

    async def invite(self, visit: Visit) -> Response:
        slug = visit.path["slug"]
        uses = (await visit.form()).get("uses")
        code = await self._groups.invite(
            required_actor(visit), slug, uses=int(uses) if uses.isascii() and uses.isdigit() else 1
        )
        link = visit.absolute(f"/groups/{slug}/join?code={code}")
        return visit.render("group_invitation.html", slug=slug, link=link)

    async def delete_form(self, visit: Visit) -> Response:
        return visit.render("group_delete.html", group=(await self._owned(visit)).group)

    async def delete(self, visit: Visit) -> Response:
        slug = visit.path["slug"]
        seen = await self._owned(visit)
        if (await visit.form()).get("name").casefold() != seen.group.name.casefold():
            say = _("Please type the group's name, to be sure.")
            raise Invalid(say, fields=(FieldError("name", say),))
        await self._groups.delete(required_actor(visit), slug)
        return visit.redirect("/groups", say=_("The group is gone."))

    async def _owned(self, visit: Visit) -> Seen:
        seen = await self._groups.see(required_actor(visit), visit.path["slug"])
        rulings.own(seen.place).require()
        return seen


def _roles() -> list[tuple[str, str]]:
    return [
        ("member", _("Member")),
        ("companion", _("Companion: reads along")),
        ("facilitator", _("Facilitator: leads rooms")),
        ("moderator", _("Moderator: looks after people and words")),
        ("owner", _("Owner: decides about the group")),
    ]
