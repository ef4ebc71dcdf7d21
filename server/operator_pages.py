"""Pages of whoever runs the server: the first day, how it does (crisis path first), tests, groups and roles.

For operators alone; to everyone else none of them exists. The set-up page exists while nobody runs the server,
and opens only with the code that the server printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from community.cards import PRESETS
from community.countries import COUNTRIES
from community.errors import BadRequest, FieldError, Invalid, NotFound
from community.passwords import PASSWORD_CHARS_MIN
from community.people import Doorway, check_email
from community.store import groups, operating
from community.store.operating import Organisation
from community.web.agents import label
from community.web.forms import Form
from community.web.pages import Page
from community.web.sections import Entry, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _
from moderation.oncall.trying import Tried
from moderation.store import channels as channel_store
from moderation.store import teams
from server.first_day import FirstDay, FirstPerson, checked
from server.running import Running

if TYPE_CHECKING:
    from server.assembly import House

PATH: Final = "/operator"
SET_UP: Final = "/set-up"


class OperatorPages:
    def __init__(self, house: House) -> None:
        self._house = house
        self._first_day = FirstDay(house.database, house.clock, house.people)
        self._running = Running(house.settings, house.data, house.database, house.clock)
        self._tests = house.oncall.tests

    def pages(self) -> list[Page]:
        return [
            Page("GET", SET_UP, self.set_up_form, signed_in=False),
            Page("POST", SET_UP, self.set_up, signed_in=False, again=self.set_up_form),
            Page("GET", PATH, self.state),
            Page("POST", PATH, self.act, again=self.state),
            Page("GET", PATH + "/organisation", self.organisation),
            Page("POST", PATH + "/organisation", self.change_organisation, again=self.organisation),
            Page("GET", PATH + "/groups", self.groups),
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """The ways to them, for operators."""
        entries = (
            Entry(_("How it does"), PATH),
            Entry(_("All groups and roles"), PATH + "/groups"),
            Entry(_("Helplines"), "/moderation/helplines"),
        )
        return RailSection(_("Running Kith"), entries) if who.is_operator else None

    # ---- the first day

    async def set_up_form(self, visit: Visit) -> Response:
        if not await self._first_day.is_open():
            raise NotFound
        return visit.render(
            "server/set_up.html",
            countries=COUNTRIES,
            password_min=PASSWORD_CHARS_MIN,
            mail=bool(self._house.settings.mail.host),
            hours=self._hours(),
        )

    async def set_up(self, visit: Visit) -> Response:
        if not await self._first_day.is_open():
            raise NotFound
        form = await visit.form()
        if form.exact("password") != form.exact("password_again"):
            raise Invalid(fields=(FieldError("password_again", _("The two passwords differ.")),))
        handle, password = form.get("handle"), form.exact("password")
        await self._first_day.open(FirstPerson(form.get("code"), handle, password, _organisation(form)))
        doorway = Doorway("cookie", visit.address, label(visit.request.headers.get("user-agent", "")))
        signed = await self._house.people.sign_in(handle, password, doorway)
        visit.signs_in(signed.token)
        return visit.redirect(PATH, say=_("You run this server now. Here is what it still needs."))

    # ---- how it does

    async def state(self, visit: Visit) -> Response:
        return await self._show(visit, [])

    async def _show(self, visit: Visit, tried: list[Tried]) -> Response:
        self._operator(visit)
        return visit.render(
            "server/operator.html",
            state=await self._running.state(self._house.health),
            tried=tried,
            mail=bool(self._house.settings.mail.host),
            hours=self._hours(),
            version=visit.templates.site.version,
        )

    async def act(self, visit: Visit) -> Response:
        who = self._operator(visit)
        form = await visit.form()
        match form.get("act"):
            case "mail":
                address = _address(form)
                return await self._show(visit, [await self._tests.mail(address, who.member_id)])
            case "channels":
                async with self._house.database.read() as conn:
                    own = await channel_store.of_members(conn, [who.member_id])
                    own += await channel_store.alarms(conn)
                if not own:
                    raise Invalid(_("There is no channel yet: add yours at “How I am reached”."))
                return await self._show(visit, [await self._tests.channel(channel) for channel in own])
            case "tried":
                async with self._house.database.transaction() as tx:
                    now = self._house.clock.now()
                    await operating.record_backup(tx, "tried", now=now, by=who.member_id)
                return visit.redirect(PATH, say=_("Noted. A backup that was brought back once is worth ten."))
            case _:
                raise BadRequest(_("Please choose what to do."))

    # ---- who we are

    async def organisation(self, visit: Visit) -> Response:
        self._operator(visit)
        async with self._house.database.read() as conn:
            said = await operating.organisation(conn)
        return visit.render("server/organisation.html", said=said, countries=COUNTRIES, hours=self._hours())

    async def change_organisation(self, visit: Visit) -> Response:
        self._operator(visit)
        said = checked(_organisation(await visit.form()))
        async with self._house.database.transaction() as tx:
            await operating.set_organisation(tx, said)
        return visit.redirect(PATH, say=_("Saved."))

    async def groups(self, visit: Visit) -> Response:
        self._operator(visit)
        async with self._house.database.read() as conn:
            team = await groups.default_team(conn)
            return visit.render(
                "server/groups.html",
                groups=[
                    (line, _(PRESETS.get(line.preset, line.preset))) for line in await operating.groups(conn)
                ],
                operators=await operating.operators(conn),
                seats=await teams.seats(conn, team),
            )

    # ---- inner

    def _operator(self, visit: Visit) -> Signed:
        """Who came. Raises NotFound unless they run the server."""
        who = visit.signed()
        if not who.is_operator:
            raise NotFound
        return who

    def _hours(self) -> str:
        care = self._house.settings.care
        return f"{', '.join(care.reading_hours)} ({care.time_zone})"


def _address(form: Form) -> str:
    """One address and no more. Raises Invalid beside the field."""
    try:
        address = check_email(form.get("address"))
    except Invalid:
        address = None
    if address is None:
        raise Invalid(fields=(FieldError("address", _("Expected name@example.org.")),))
    return address


def _organisation(form: Form) -> Organisation:
    languages = form.get("languages").replace(";", ",").split(",")
    return Organisation(form.get("name"), form.get("contact"), form.get("country") or None, languages)
