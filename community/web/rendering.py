"""Templates of all packages in one Jinja environment: escaping always on, words through gettext.

A package's templates are named with its prefix ("chat/room.html" is chat/templates/room.html); the
ground's own have none ("base.html"), because everybody extends them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import BytecodeCache, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from community.clock import Clock
from community.web import dates
from community.web.avatars import avatar
from community.web.choices import reaction_name, warning_name
from community.web.statics import Statics
from community.web.words import Catalogues, _, asked_for, direction, several, shipped, spoken
from community.wishes import WARNINGS

if TYPE_CHECKING:
    from community.web.visit import Visit

OWN_TEMPLATES = Path(__file__).parent / "templates"
OWN_STATICS = Path(__file__).parent / "static"

Theme = Literal["system", "light", "dark", "contrast"]
THEMES: tuple[Theme, ...] = ("system", "light", "dark", "contrast")


@dataclass(frozen=True, slots=True)
class Site:
    """What every page may say about this server."""

    name: str = "Kith"
    version: str = ""
    leave_url: str = "https://www.wikipedia.org/"  # where "Leave this page" goes: a place nobody asks about


@dataclass(frozen=True, slots=True)
class Look:
    """How this browser wants pages to look. Kept in a cookie, so that it holds before signing in too."""

    theme: Theme = "system"
    calm: bool = False  # low stimulation: hardly any colour, no movement

    @classmethod
    def from_cookie(cls, value: str) -> Look:
        theme, _, calm = value.partition(".")
        return cls.of(theme, calm=calm == "calm")

    @classmethod
    def of(cls, theme: str, *, calm: bool) -> Look:
        """With this theme if there is one of that name, else as the system has it."""
        return cls(next((t for t in THEMES if t == theme), "system"), calm)

    def to_cookie(self) -> str:
        return f"{self.theme}.{'calm' if self.calm else ''}"


class Templates:
    """Renders pages. `folders` maps a package's name to its folder of templates."""

    def __init__(
        self,
        *,
        site: Site,
        clock: Clock,
        statics: Statics,
        folders: Mapping[str, Path],
        catalogues: Catalogues | None = None,
    ) -> None:
        self.site = site
        self.catalogues = catalogues or shipped()
        self._clock = clock
        self._statics = statics
        self._environment = _environment(folders)
        self._environment.globals.update(static=statics.url, site=site, avatar=avatar)
        self._environment.globals.update(length=dates.length, number=dates.number)
        self._environment.filters.update(styles=self._styles, scripts=self._scripts)

    def _styles(self, names: str) -> Markup:
        """The link to one file that holds these style sheets; nothing for none."""
        tag = Markup('<link rel="stylesheet" href="{}">')
        return tag.format(self._statics.bundle(names)) if names.strip() else Markup()

    def _scripts(self, names: str) -> Markup:
        """The one script that holds these modules and what they import; nothing for none."""
        tag = Markup('<script type="module" src="{}"></script>')
        return tag.format(self._statics.bundle(names)) if names.strip() else Markup()

    def now(self) -> datetime:
        """The present moment, by the clock that pages are written by."""
        return self._clock.now()

    def add(self, **things: Callable[..., Any]) -> None:
        """Give all templates one more function or value."""
        self._environment.globals.update(things)

    def speak(self, visit: Visit) -> None:
        """Let `_` answer in the visitor's language from here on: their account's, else what they chose in this
        browser, else what the browser asks for."""
        if visit.who is not None:
            self.catalogues.speak(visit.who.language)
            return
        wanted = [visit.chosen_language, *asked_for(visit.request.headers.get("accept-language", ""))]
        self.catalogues.speak(self.catalogues.choose(tag for tag in wanted if tag))

    def render(self, template: str, visit: Visit, **context: Any) -> str:
        """The page as text, in the visitor's language and zone."""
        reader = dates.zone(visit.who.time_zone if visit.who else "UTC")
        language = spoken()
        now = self._clock.now()
        shared: dict[str, Any] = {
            "visit": visit,
            "who": visit.who,
            "csrf": visit.csrf,
            "problem": visit.problem,
            "values": visit.values,
            "here": visit.request.url.path,
            "language": language,
            "direction": direction(language),
            "is_draft": self.catalogues.is_draft(language),
            "now": now,
            "day": lambda at: dates.day(at, reader),
            "moment": lambda at: dates.moment(at, reader),
            "soon": lambda at: dates.soon(at, now, reader),
            "machine": dates.machine,
        }
        return self._environment.get_template(template).render({**shared, **context})


class _Compiled(BytecodeCache):
    """Compiled templates, kept for every house of this process. Jinja throws out what its source has outgrown."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


def _environment(folders: Mapping[str, Path]) -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(OWN_TEMPLATES),
                PrefixLoader({package: FileSystemLoader(folder) for package, folder in folders.items()}),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=_compiled,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # Not Jinja's own i18n: its new style marks every sentence as safe HTML, and some of ours come from
    # refusals. A plain text is escaped like everything else.
    environment.globals.update({"_": _sentence, "several": several})
    environment.globals.update(WARNINGS=WARNINGS, warning_name=warning_name, reaction_name=reaction_name)
    environment.filters["warning_name"] = warning_name
    return environment


def _sentence(text: str, **filled: object) -> str:
    """The sentence in the visitor's language, with what is to be filled in: `_("Call %(n)s", n=…)`."""
    said = _(text)
    return said % filled if filled else said
