"""Pages of signing up, in and out, and of one's own account's hub and profile.

They call community/people.py as the API does; what they add is forms in three short steps, and a word about
names that tell too much before such a name is taken. First come the words to agree to, so that nothing is
typed before one knows them and the password travels once, in the step that makes the account.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import available_timezones

from starlette.responses import Response

from community import consents, handles
from community.consents import CONSENTS
from community.countries import COUNTRIES, LANGUAGES
from community.errors import FieldError, Invalid, NotFound
from community.passwords import PASSWORD_CHARS_MIN
from community.people import Doorway, People, SignUp
from community.recovery import Recovery
from community.web.agents import label
from community.web.forms import Form
from community.web.front_pages import looks
from community.web.pages import Page
from community.web.rendering import Look
from community.web.visit import LOOK_COOKIE, LOOK_SECONDS, Visit
from community.web.words import _, spoken

AFTER_SIGNING_IN = "/groups"
NEW_FOR = timedelta(hours=1)
"""So long after signing up an account gets its first codes without its password; our own value."""
_AREAS = frozenset("Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split())


class AccountsPages:
    def __init__(self, people: People, recovery: Recovery) -> None:
        self._people = people
        self._recovery = recovery

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/sign-up", self.sign_up_form, signed_in=False),
            Page("POST", "/sign-up/name", self.agree, signed_in=False, again=self.sign_up_form),
            Page("POST", "/sign-up", self.sign_up, signed_in=False, again=self.sign_up_again),
            Page("GET", "/welcome", self.welcome),
            Page("POST", "/welcome", self.settle_in, again=self.welcome),
            Page("GET", "/sign-in", self.sign_in_form, signed_in=False),
            Page("POST", "/sign-in", self.sign_in, signed_in=False, again=self.sign_in_form),
            Page("POST", "/sign-out", self.sign_out),
            Page("GET", "/me", self.me),
            Page("GET", "/me/profile", self.profile),
            Page("POST", "/me/profile", self.change_profile, again=self.profile),
        ]

    async def sign_up_form(self, visit: Visit) -> Response:
        """Step 1: what we ask everyone. Nothing is kept of it until there is an account."""
        if visit.who is not None:
            return visit.redirect(AFTER_SIGNING_IN)
        return visit.render("sign_up.html", consents=CONSENTS, next=_onward(visit))

    async def agree(self, visit: Visit) -> Response:
        """Step 2 follows in the answer; what was agreed to travels in its form."""
        form = await visit.form()
        consents.check(_agreed(form))
        visit.values = form
        return self._name_form(visit)

    async def sign_up_again(self, visit: Visit) -> Response:
        """Back to the step whose field needs mending, with all the rest kept."""
        if visit.problem is not None and visit.problem.code == "consent":
            return await self.sign_up_form(visit)
        return self._name_form(visit)

    def _name_form(self, visit: Visit) -> Response:
        kept = [(f"consents.{id}", str(version)) for id, version in _agreed(visit.values).items()]
        kept += [(name, visit.values.get(name)) for name in ("country", "language") if visit.values.get(name)]
        return visit.render(
            "sign_up_name.html", kept=kept, next=_onward(visit), password_min=PASSWORD_CHARS_MIN
        )

    async def sign_up(self, visit: Visit) -> Response:
        form = await visit.form()
        handle = form.get("handle")
        if form.get("handle_anyway") != handle:
            _warn_of_telling_names(handle)
        wanted = SignUp(
            handle=handle,
            password=form.exact("password"),
            consents=_agreed(form),
            country=form.get("country") or None,
            language=form.get("language") or spoken(),
        )
        signed = await self._people.sign_up(wanted, self._doorway(visit))
        zone = form.get("time_zone")
        if zone in available_timezones():  # the browser's own; only so that times read right from the start
            await self._people.change(signed.member_id, {"time_zone": zone})
        visit.signs_in(signed.token)
        onward = "/welcome?" + urlencode({"next": visit.next_path(form.get("next"), AFTER_SIGNING_IN)})
        if signed.support is not None:
            return visit.render("support_page.html", support=signed.support, onward=onward)
        return visit.redirect(onward, say=_("Welcome. Your account is there."))

    async def welcome(self, visit: Visit) -> Response:
        """Step 3, all of it if one likes: country, language, colours."""
        row = await self._people.me(visit.signed().member_id)
        return visit.render(
            "welcome.html",
            row=row,
            countries=COUNTRIES,
            languages=LANGUAGES,
            next=_onward(visit),
            looks=looks(),
        )

    async def settle_in(self, visit: Visit) -> Response:
        """Keep what was chosen, then show the codes that open the account again, this once: whoever has just
        signed up is who they are, later the password is asked for (recovery_pages.py)."""
        form, who = await visit.form(), visit.signed()
        if form.get("skip") != "yes":
            await self._people.change(
                who.member_id, {name: form.get(name) for name in ("country", "language")}
            )
            visit.look = Look.of(form.get("theme"), calm=visit.look.calm)
            visit.set_cookie(LOOK_COOKIE, visit.look.to_cookie(), LOOK_SECONDS)
        onward = visit.next_path(form.get("next"), AFTER_SIGNING_IN)
        is_new = visit.templates.now() - (await self._people.me(who.member_id)).created_at < NEW_FOR
        if not is_new or (await self._recovery.ways(who.member_id)).codes_left:
            return visit.redirect(onward, say=_("Saved."))  # those on paper stay good
        codes = await self._recovery.new_codes(who.member_id)
        return visit.render("recovery_codes.html", codes=codes, onward=onward)

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
        """Everything that is mine, at one glance: each line says how it stands now."""
        who = visit.signed()
        row = await self._people.me(who.member_id)
        ways = await self._recovery.ways(who.member_id)
        devices = len(await self._people.sessions(who.member_id))
        return visit.render(
            "me.html",
            row=row,
            ways=ways,
            devices=devices,
            country=dict(COUNTRIES).get(row.country or "", ""),
            speaks=dict(LANGUAGES).get(row.language, row.language),
            look={theme: name for theme, name, _more in looks()}[visit.look.theme],
        )

    async def profile(self, visit: Visit) -> Response:
        row = await self._people.me(visit.signed().member_id)
        zones = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if _usual(zone)]
        return visit.render(
            "profile.html", row=row, countries=COUNTRIES, languages=LANGUAGES, zones=zones, zone=row.time_zone
        )

    async def change_profile(self, visit: Visit) -> Response:
        form = await visit.form()
        changes = {name: form.get(name) for name in ("email", "country", "language", "time_zone")}
        member = visit.signed().member_id
        await self._people.check_new_email(member, changes["email"], form.exact("password"))
        await self._people.change(member, changes)
        return visit.redirect("/me/profile", say=_("Saved."))

    def _doorway(self, visit: Visit) -> Doorway:
        return Doorway("cookie", visit.address, label(visit.request.headers.get("user-agent", "")))


def _agreed(form: Form) -> dict[str, int]:
    """The present versions that were ticked."""
    return {c.id: c.version for c in CONSENTS if form.get(f"consents.{c.id}") == str(c.version)}


def _onward(visit: Visit) -> str:
    return visit.values.get("next") or visit.query.get("next", "")


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
