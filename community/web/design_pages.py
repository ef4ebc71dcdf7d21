"""The living style page: every part of ui.html in every state, for those who work on Kith.

Shown with server.development alone. A test holds it against ui.html, so that no part is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from community.errors import FieldError, Invalid
from community.helplines import Line
from community.web.forms import Form
from community.web.pages import Page
from community.web.rendering import Look
from community.web.visit import Visit

LOOKS = ("system", "light", "dark", "contrast", "calm")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@dataclass(frozen=True, slots=True)
class SampleCard:
    """What ui.support shows, with made-up words."""

    brief: bool
    title: str = "We are glad that you wrote"
    say: tuple[str, ...] = ("Your message is there. Somebody who is trained for this has been told.",)
    emergency: str = "999"
    lines: tuple[Line, ...] = (
        Line(
            "A made-up helpline", "For anyone", "nowhere", phone="0000 000 000", text="00000", hours="Always"
        ),
    )
    next: str = "A person reads it next at"
    read_at: object = None
    not_emergency: str = "This is not an emergency service."
    unchecked: bool = True


class DesignPages:
    def pages(self) -> list[Page]:
        return [Page("GET", "/design", self.design, signed_in=False, unaided=True)]

    async def design(self, visit: Visit) -> Response:
        """`?look=` shows the page in one look, whatever the device or the person chose."""
        look = visit.query.get("look", "system")
        visit.look = Look.of(look, calm=look == "calm")
        now = visit.templates.now()
        wrong = FieldError("bad", "Please write something shorter.")
        more = tuple(
            FieldError(f"bad_{name}", "Please choose one.") for name in ("area", "choice", "radio", "check")
        )
        return visit.render(
            "design.html",
            looks=LOOKS,
            chosen=look,
            long=LONG,
            problem=Invalid("Something needs mending before this can be sent.", fields=(wrong, *more)),
            values=Form([("bad", "what was sent"), ("bad_area", "what was sent\nin two lines")]),
            card=SampleCard(brief=False),
            brief=SampleCard(brief=True),
            options=[("a", "The first one"), ("b", "The second one"), ("c", LONG)],
            hinted=[("a", "The first one", "With a word about it."), ("b", LONG, "")],
            earlier=now - timedelta(minutes=5),
        )
