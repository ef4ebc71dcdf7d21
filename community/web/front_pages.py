"""Pages for everyone, signed in or not: the front, help now, how pages look, about, and leaving.

Help now and leaving work while the database is away: nobody's way to help or out leads through it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.responses import Response

from community.countries import LANGUAGES
from community.helplines import Helplines
from community.web.pages import Page
from community.web.rendering import THEMES, Look, Theme
from community.web.sessions import COOKIE
from community.web.visit import LANGUAGE_COOKIE, LOOK_COOKIE, LOOK_SECONDS, NOTE_COOKIE, Visit
from community.web.words import _

EndSession = Callable[[Visit], Awaitable[None]]


class FrontPages:
    """`end_session` revokes the visitor's session; it is called for someone who leaves in a hurry."""

    def __init__(self, helplines: Helplines, end_session: EndSession) -> None:
        self._helplines = helplines
        self._end_session = end_session

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/", self.front, signed_in=False, unaided=True),
            Page("GET", "/help-now", self.help_now, signed_in=False, unaided=True),
            Page("GET", "/look", self.look, signed_in=False, unaided=True),
            Page("POST", "/look", self.set_look, signed_in=False, unaided=True),
            Page("GET", "/about", self.about, signed_in=False, unaided=True),
            Page("GET", "/is-this-for-me", self.check, signed_in=False, unaided=True),
            Page("POST", "/leave", self.leave, signed_in=False, unaided=True, guarded=False),
        ]

    async def front(self, visit: Visit) -> Response:
        return visit.render("front.html")

    async def check(self, visit: Visit) -> Response:
        """Questions for oneself. No form: nothing that is answered can be sent."""
        return visit.render("is_this_for_me.html")

    async def about(self, visit: Visit) -> Response:
        return visit.render("about.html")

    async def help_now(self, visit: Visit) -> Response:
        """Helplines of the country that the person chose, never one guessed from their address."""
        asked = visit.query.get("country", visit.who.country if visit.who and visit.who.country else "")
        country = self._helplines.country(asked)
        return visit.render(
            "help_now.html",
            country=country,
            unknown=bool(asked) and country is None,
            countries=self._helplines.names(),
            general=self._helplines.general,
        )

    async def look(self, visit: Visit) -> Response:
        offered = visit.templates.catalogues.languages
        languages = [(tag, name) for tag, name in LANGUAGES if tag in offered]
        return visit.render("look.html", themes=looks(), languages=languages)

    async def set_look(self, visit: Visit) -> Response:
        form = await visit.form()
        look = Look.of(form.get("theme"), calm=form.get("calm") == "yes")
        visit.set_cookie(LOOK_COOKIE, look.to_cookie(), LOOK_SECONDS)
        if form.get("language") in visit.templates.catalogues.languages:
            visit.set_cookie(LANGUAGE_COOKIE, form.get("language"), LOOK_SECONDS)
        return visit.redirect("/look", say=_("Saved on this device."))

    async def leave(self, visit: Visit) -> Response:
        """Sign out and show nothing but the way to a neutral site.

        The form token isn't asked for, so that a page open for days still lets its reader out; the cookie
        is SameSite=Lax and a post from another site is recognised, so nobody else can sign a person out.
        """
        foreign = visit.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        target = visit.templates.site.leave_url
        if not foreign:
            await self._end_session(visit)
            visit.set_cookie(COOKIE, "", 0)
            visit.set_cookie(NOTE_COOKIE, "", 0)
        # A page that sends on by itself, not a redirect: form-action 'self' forbids a form to end elsewhere.
        assert urlsplit(target).scheme == "https", "the leave page goes to an https site"
        response = visit.render("leave.html")
        response.headers["refresh"] = f"0; url={target}"
        return response


def looks() -> list[tuple[Theme, str, str]]:
    """(theme, name, a word about it) of every look there is."""
    names = {
        "system": (_("Like my device"), _("Light by day, dark by night, if your device does that.")),
        "light": (_("Light"), ""),
        "dark": (_("Dark"), ""),
        "contrast": (_("High contrast"), _("Black on white, with strong lines.")),
    }
    return [(theme, *names[theme]) for theme in THEMES]
