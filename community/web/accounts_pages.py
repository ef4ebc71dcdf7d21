"""Pages of signing up, in and out, and of one's own account's hub and profile.

They call community/people.py as the API does; what they add is forms, and a word about names that tell
too much before such a name is taken.
"""

from __future__ import annotations

from zoneinfo import available_timezones

from starlette.responses import Response

from community import handles
from community.consents import CONSENTS
from community.countries import COUNTRIES, LANGUAGES
from community.errors import FieldError, Invalid, NotFound
from community.passwords import PASSWORD_CHARS_MIN
from community.people import Doorway, People, SignUp
from community.web.agents import label
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _

AFTER_SIGNING_IN = "/groups"
_AREAS = frozenset("Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split())


class AccountsPages:
    def __init__(self, people: People) -> None:
        self._people = people

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/sign-up", self.sign_up_form, signed_in=False),
            Page("POST", "/sign-up", self.sign_up, signed_in=False, again=self.sign_up_form),
            Page("GET", "/sign-in", self.sign_in_form, signed_in=False),
            Page("POST", "/sign-in", self.sign_in, signed_in=False, again=self.sign_in_form),
            Page("POST", "/sign-out", self.sign_out),
            Page("GET", "/me", self.me),
            Page("GET", "/me/profile", self.profile),
            Page("POST", "/me/profile", self.change_profile, again=self.profile),
        ]

    async def sign_up_form(self, visit: Visit) -> Response:
        if visit.who is not None:
            return visit.redirect(AFTER_SIGNING_IN)
        return visit.render(
            "sign_up.html",
            consents=CONSENTS,
            countries=COUNTRIES,
            password_min=PASSWORD_CHARS_MIN,
            next=visit.values.get("next") or visit.query.get("next", ""),
        )

    async def sign_up(self, visit: Visit) -> Response:
        form = await visit.form()
        handle = form.get("handle")
        if form.get("handle_anyway") != handle:
            _warn_of_telling_names(handle)
        wanted = SignUp(
            handle=handle,
            password=form.exact("password"),
            consents={c.id: c.version for c in CONSENTS if form.get(f"consents.{c.id}") == str(c.version)},
            country=form.get("country") or None,
        )
        signed = await self._people.sign_up(wanted, self._doorway(visit))
        zone = form.get("time_zone")
        if zone in available_timezones():  # the browser's own; only so that times read right from the start
            await self._people.change(signed.member_id, {"time_zone": zone})
        visit.signs_in(signed.token)
        onward = visit.next_path(form.get("next"), AFTER_SIGNING_IN)
        if signed.support is not None:
            return visit.render("support_page.html", support=signed.support, onward=onward)
        return visit.redirect(onward, say=_("Welcome. You can look around first; nobody is in a hurry here."))

    async def sign_in_form(self, visit: Visit) -> Response:
        if visit.who is not None:
            return visit.redirect(visit.next_path(visit.query.get("next", ""), AFTER_SIGNING_IN))
        return visit.render("sign_in.html", next=visit.values.get("next") or visit.query.get("next", ""))

    async def sign_in(self, visit: Visit) -> Response:
        form = await visit.form()
        signed = await self._people.sign_in(form.get("handle"), form.exact("password"), self._doorway(visit))
        visit.signs_in(signed.token)
        return visit.redirect(visit.next_path(form.get("next"), AFTER_SIGNING_IN))

    async def sign_out(self, visit: Visit) -> Response:
        who = visit.signed()
        await self._people.sign_out(who.member_id, who.session_id)
        visit.signs_out()
        return visit.redirect("/", say=_("You are signed out."))

    async def end_session(self, visit: Visit) -> None:
        """For "Leave this page": end the session, whatever else is wrong with the visit."""
        if visit.who is not None:
            try:
                await self._people.sign_out(visit.who.member_id, visit.who.session_id)
            except NotFound:
                return  # ended already, by the same hurry in another tab

    async def me(self, visit: Visit) -> Response:
        return visit.render("me.html")

    async def profile(self, visit: Visit) -> Response:
        row = await self._people.me(visit.signed().member_id)
        zones = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if _usual(zone)]
        return visit.render(
            "profile.html", row=row, countries=COUNTRIES, languages=LANGUAGES, zones=zones, zone=row.time_zone
        )

    async def change_profile(self, visit: Visit) -> Response:
        form = await visit.form()
        changes = {name: form.get(name) for name in ("email", "country", "language", "time_zone")}
        await self._people.change(visit.signed().member_id, changes)
        return visit.redirect("/me/profile", say=_("Saved."))

    def _doorway(self, visit: Visit) -> Doorway:
        return Doorway("cookie", visit.address, label(visit.request.headers.get("user-agent", "")))


def _warn_of_telling_names(handle: str) -> None:
    """Once, before the name is taken; sent again with the box ticked it passes."""
    said = handles.warnings(handle)
    if said:
        raise Invalid(
            _("Please look at the name once more."),
            code="handle_warning",
            fields=tuple(FieldError("handle", sentence) for sentence in said),
        )


def _usual(zone: str) -> bool:
    """Zones that people look for: Area/City, and UTC. The rest are old names of the same."""
    return zone == "UTC" or zone.partition("/")[0] in _AREAS
