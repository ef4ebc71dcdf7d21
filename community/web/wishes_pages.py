"""Pages of what I want to see less of: muted words, content warnings, and a break from all of it."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from community.errors import FieldError, Invalid
from community.own_wishes import OwnWishes
from community.web import dates
from community.web.choices import warning_name
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from community.wishes import WARNINGS

BREAKS = (1, 3, 7, 14, 30)


class WishesPages:
    def __init__(self, wishes: OwnWishes) -> None:
        self._wishes = wishes

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/me/words", self.words),
            Page("POST", "/me/words", self.mute_words, again=self.words),
            Page("GET", "/me/warnings", self.warnings),
            Page("POST", "/me/warnings", self.set_warnings, again=self.warnings),
            Page("GET", "/me/break", self.rest),
            Page("POST", "/me/break", self.take_break, again=self.rest),
            Page("POST", "/me/break/end", self.end_break),
        ]

    async def words(self, visit: Visit) -> Response:
        return visit.render("muted_words.html", words=visit.signed().wishes.words)

    async def mute_words(self, visit: Visit) -> Response:
        form = await visit.form()
        after = await self._wishes.mute_words(visit.signed().member_id, form.get("words"))
        say = (
            _("Messages with these words are folded for you now.")
            if after.words
            else _("No words are muted.")
        )
        return visit.redirect("/me/words", say=say)

    async def warnings(self, visit: Visit) -> Response:
        wishes = visit.signed().wishes
        chosen = {
            n: "open" if n in wishes.opened else "hide" if n in wishes.hidden else "fold" for n in WARNINGS
        }
        return visit.render("warning_filters.html", names=[(n, warning_name(n), chosen[n]) for n in WARNINGS])

    async def set_warnings(self, visit: Visit) -> Response:
        form = await visit.form()
        chosen = {name: form.get(f"warning.{n}") for n, name in enumerate(WARNINGS)}
        await self._wishes.set_warnings(
            visit.signed().member_id,
            opened=[name for name, how in chosen.items() if how == "open"],
            hidden=[name for name, how in chosen.items() if how == "hide"],
        )
        return visit.redirect("/me/warnings", say=_("Saved. It holds for you alone."))

    async def rest(self, visit: Visit) -> Response:
        reader = dates.zone(visit.signed().time_zone)
        tomorrow = self._wishes.days_ahead(1, reader)
        return visit.render("take_a_break.html", breaks=BREAKS, tomorrow=tomorrow.isoformat())

    async def take_break(self, visit: Visit) -> Response:
        form, who = await visit.form(), visit.signed()
        reader = dates.zone(who.time_zone)
        days = next((n for n in BREAKS if str(n) == form.get("days")), 0)
        day = self._wishes.days_ahead(days, reader) if days else _day(form.get("until"))
        await self._wishes.take_break(who.member_id, self._wishes.day_ends(day, reader))
        return visit.redirect("/me/break", say=_("Rest well. Nothing is sent to you until then."))

    async def end_break(self, visit: Visit) -> Response:
        form = await visit.form()
        await self._wishes.end_break(visit.signed().member_id)
        return visit.redirect(visit.next_path(form.get("next"), "/groups"), say=_("Welcome back."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        say = _("Please choose how long, or write a day like 2026-12-24.")
        raise Invalid(say, fields=(FieldError("until", say),)) from None
