"""The helplines' editor, for operators: ring or open an entry, and say what you found and that it was today.

What is found lies over the shipped file in the data directory, so it works when everything else is down.
"""

from __future__ import annotations

from starlette.responses import Response

from community.clock import Clock
from community.database import Database
from community.errors import FieldError, Invalid, NotFound
from community.helplines import Confirmed, Helplines
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.evidence import chain
from moderation.store import audit

FIELD_CHARS_MAX = 200


class HelplinesPages:
    def __init__(self, helplines: Helplines, database: Database, clock: Clock) -> None:
        self._helplines = helplines
        self._database = database
        self._clock = clock

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/moderation/helplines", self.list),
            Page("GET", "/moderation/helplines/{code}", self.country),
            Page("POST", "/moderation/helplines/{code}", self.confirm, again=self.country),
        ]

    async def list(self, visit: Visit) -> Response:
        _operators_only(visit)
        old = self._helplines.unverified(self._clock.now().date())
        waiting = {
            code: sum(e.startswith(f"{code}:") for e in old) for code, _name in self._helplines.names()
        }
        return visit.render(
            "moderation/helplines.html", countries=self._helplines.names(), waiting=waiting, total=len(old)
        )

    async def country(self, visit: Visit) -> Response:
        _operators_only(visit)
        found = self._helplines.country(visit.path["code"])
        if found is None:
            raise NotFound
        return visit.render("moderation/helplines_country.html", country=found)

    async def confirm(self, visit: Visit) -> Response:
        """Keep what was found today; the log says who checked what, not what they heard."""
        _operators_only(visit)
        form, code = await visit.form(), visit.path["code"].upper()
        fields = {name: form.get(name).strip() for name in ("phone", "text", "web", "hours")}
        wrong = [n for n, v in fields.items() if len(v) > FIELD_CHARS_MAX or not v.isprintable()]
        if fields["web"] and not fields["web"].startswith("https://"):
            wrong.append("web")
        if wrong:
            say = _("Please write one short line; an address begins with https://.")
            raise Invalid(fields=tuple(FieldError(name, say) for name in wrong))
        now = self._clock.now()
        found = Confirmed(now.date(), **fields, gone=form.get("gone") == "yes")
        try:
            self._helplines.confirm(code, form.get("name"), found)
        except LookupError:
            raise NotFound from None
        said = chain.entry(
            "helpline.checked", visit.signed().member_id, None, country=code, line=form.get("name")
        )
        async with self._database.transaction() as tx:
            await audit.append(tx, [said], now=now)
        return visit.redirect(f"/moderation/helplines/{code}", say=_("Thank you. Members see the day."))


def _operators_only(visit: Visit) -> None:
    if not visit.signed().is_operator:
        raise NotFound
