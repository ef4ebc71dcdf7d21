"""Pages of what is mine: sessions, password, people I avoid, my data, and leaving for good."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from community.database import Database
from community.erasure import Erasure
from community.errors import BadRequest, FieldError, Invalid
from community.export import Export
from community.ids import MemberId, SessionId
from community.people import People
from community.store import people as store
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _


class MinePages:
    def __init__(self, people: People, database: Database, export: Export, erasure: Erasure) -> None:
        self._people = people
        self._database = database
        self._export = export
        self._erasure = erasure

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/me/sessions", self.sessions),
            Page("POST", "/me/sessions", self.end_others),
            Page("POST", "/me/sessions/{id}", self.end_session),
            Page("GET", "/me/password", self.password_form),
            Page("POST", "/me/password", self.password, again=self.password_form),
            Page("GET", "/me/people", self.people),
            Page("GET", "/people/{member}", self.person),
            Page("POST", "/people/{member}", self.avoid),
            Page("GET", "/me/data", self.data),
            Page("POST", "/me/data/copy", self.copy),
            Page("POST", "/me/erase", self.erase, again=self.data),
        ]

    async def sessions(self, visit: Visit) -> Response:
        who = visit.signed()
        found = await self._people.sessions(who.member_id)
        return visit.render("sessions.html", sessions=found, current=who.session_id)

    async def end_session(self, visit: Visit) -> Response:
        who, id = visit.signed(), SessionId(visit.id("id"))
        await self._people.sign_out(who.member_id, id)
        return visit.redirect("/me/sessions", say=_("Signed out there. It takes effect within a second."))

    async def end_others(self, visit: Visit) -> Response:
        who = visit.signed()
        for session in await self._people.sessions(who.member_id):
            if session.id != who.session_id:
                await self._people.sign_out(who.member_id, session.id)
        return visit.redirect("/me/sessions", say=_("You are signed in only here now."))

    async def password_form(self, visit: Visit) -> Response:
        return visit.render("password.html")

    async def password(self, visit: Visit) -> Response:
        who, form = visit.signed(), await visit.form()
        await self._people.change_password(
            who.member_id, form.exact("old_password"), form.exact("password"), keep=who.session_id
        )
        return visit.redirect("/me", say=_("Your password is new. You are signed out everywhere else."))

    async def people(self, visit: Visit) -> Response:
        who = visit.signed()
        async with self._database.read() as conn:
            blocked = await store.blocks(conn, who.member_id)
            muted = await store.mutes(conn, who.member_id)
        return visit.render("people.html", blocked=blocked, muted=muted)

    async def person(self, visit: Visit) -> Response:
        """One other person: their name, and the ways to see less of them."""
        who, member = visit.signed(), MemberId(visit.id("member"))
        row = await self._people.me(member)
        async with self._database.read() as conn:
            blocked = {id for id, _handle in await store.blocks(conn, who.member_id)}
            muted = {id for id, _handle in await store.mutes(conn, who.member_id)}
        return visit.render(
            "person.html",
            person=row,
            oneself=member == who.member_id,
            blocked=member in blocked,
            muted=member in muted,
        )

    async def avoid(self, visit: Visit) -> Response:
        mine, other = visit.signed().member_id, MemberId(visit.id("member"))
        form = await visit.form()
        match form.get("act"):
            case "block":
                await self._people.block(mine, other, on=True)
                say = _("You won't see each other's words any more. They aren't told.")
            case "unblock":
                await self._people.block(mine, other, on=False)
                say = _("You see their words again.")
            case "mute":
                await self._people.mute(mine, other, on=True)
                say = _("Their words are folded for you. They aren't told.")
            case "unmute":
                await self._people.mute(mine, other, on=False)
                say = _("Their words are unfolded again.")
            case _:
                raise BadRequest
        return visit.redirect(visit.next_path(form.get("next"), "/me/people"), say=say)

    async def data(self, visit: Visit) -> Response:
        return visit.render("data.html")

    async def copy(self, visit: Visit) -> Response:
        """Everything about me as a file whose name tells nothing. Not by a link: another site could make a
        browser follow one, and the file would lie on the person's disk."""
        everything = await self._export.of(visit.signed().member_id)
        body = msgspec.json.format(msgspec.json.encode(everything), indent=2)
        headers = {"content-disposition": 'attachment; filename="my-copy.json"', "cache-control": "no-store"}
        return Response(body, headers=headers, media_type="application/json")

    async def erase(self, visit: Visit) -> Response:
        who, form = visit.signed(), await visit.form()
        if form.get("sure") != "yes":
            say = _("Please tick this, to be sure.")
            raise Invalid(say, fields=(FieldError("sure", say),))
        await self._people.check_own_password(who.member_id, form.exact("password"))
        await self._erasure.erase(who.member_id)
        visit.signs_out()
        return visit.redirect("/", say=_("Your account and your words are erased. Go well."))
