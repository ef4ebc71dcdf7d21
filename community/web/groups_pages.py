"""Pages of the directory, of one group, and of joining, leaving and founding.

What a group has inside (rooms, boards) comes from functions handed in at assembly: the ground knows
neither of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.responses import Response

from community import markdown, rulings
from community.cards import PRESETS
from community.easy_reads import EasyReads
from community.errors import FieldError, Invalid, NotFound, NotSignedIn
from community.finding import Wanted, fits, language_name, languages_of, presets_of
from community.group_forms import GroupForm
from community.groups import Actor, Groups, Seen
from community.opening import reads_now
from community.web.forms import Form
from community.web.pages import Page
from community.web.sections import Entry, GroupSections, GroupSeen, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _

PER_PAGE = 50
VISIBILITIES: tuple[Literal["public", "members", "private"], ...] = ("public", "members", "private")
JOININGS: tuple[Literal["open", "request", "invite"], ...] = ("open", "request", "invite")


class GroupsPages:
    """`sections` fill a group's page, in the order given; `zone` is the one in which cards name hours."""

    def __init__(
        self,
        groups: Groups,
        easy_reads: EasyReads,
        *,
        sections: Sequence[GroupSections] = (),
        zone: ZoneInfo | None = None,
    ) -> None:
        self._groups = groups
        self._easy_reads = easy_reads
        self._sections = tuple(sections)
        self._zone = zone or ZoneInfo("UTC")

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/groups", self.directory, signed_in=False),
            Page("GET", "/found-a-group", self.found_form),
            Page("POST", "/found-a-group", self.found, again=self.found_form),
            Page("GET", "/groups/{slug}", self.group, signed_in=False),
            Page("GET", "/groups/{slug}/look-in", self.look_in, signed_in=False),
            Page("GET", "/groups/{slug}/join", self.invited),
            Page("POST", "/groups/{slug}/join", self.join, again=self.join_again),
            Page("POST", "/groups/{slug}/leave", self.leave),
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """ "My groups" in the left rail."""
        mine = await self._groups.of_member(who.member_id)
        inside = [group for group in mine if group.state == "member"]
        return RailSection(_("My groups"), tuple(Entry(g.name, f"/groups/{g.slug}") for g in inside[:20]))

    async def directory(self, visit: Visit) -> Response:
        """Filters are a form that asks by address: works without scripts, and can be kept as a bookmark."""
        listed, wanted = await self._groups.listed(actor_of(visit)), wanted_of(visit)
        mine = [group for group in listed if group.state is not None]
        others = [group for group in listed if group.state is None]
        found = [g for g in others if fits(g, wanted, now=visit.templates.now(), zone=self._zone)]
        page = _page_number(visit.query.get("page", ""), len(found))
        return visit.render(
            "directory.html",
            mine=mine if wanted.is_anything and page == 1 else [],
            groups=found[(page - 1) * PER_PAGE : page * PER_PAGE],
            found=len(found),
            others=len(others),
            wanted=wanted,
            language_name=language_name,
            reads_now=self._reads_now(visit),
            presets=PRESETS,
            kinds=presets_of(others, wanted.preset),
            languages=languages_of(others),
            older=_with_page(visit, page + 1) if len(found) > page * PER_PAGE else "",
            newer=_with_page(visit, page - 1) if page > 1 else "",
        )

    def _reads_now(self, visit: Visit) -> Callable[[Mapping[str, object]], bool]:
        """Whether a card says, without doubt, that moderators read at this moment."""
        now = visit.templates.now()
        return lambda card: reads_now(str(card.get("moderation_hours", "")), now, self._zone)

    async def group(self, visit: Visit) -> Response:
        return await self._show(visit, await self._seen(visit))

    async def look_in(self, visit: Visit) -> Response:
        """Reading before joining, in groups whose owners made them readable: everything but a place to write."""
        seen = await self._seen(visit)
        if seen.place.state == "member" or seen.group.visibility != "public":
            return visit.redirect(f"/groups/{seen.group.slug}")
        visit.signed()  # the card is for all; people's words are for those who gave themselves a name
        return await self._show(visit, seen, looking_in=True)

    async def _seen(self, visit: Visit) -> Seen:
        try:
            return await self._groups.see(actor_of(visit), visit.path["slug"])
        except NotFound:
            if visit.who is None:
                raise NotSignedIn from None  # perhaps theirs; the same answer as for one that isn't there
            raise

    async def _show(self, visit: Visit, seen: Seen, *, code: str = "", looking_in: bool = False) -> Response:
        may_read = rulings.read(seen.place).allowed
        inside = GroupSeen(seen.group.id, seen.group.slug, seen.my_role)
        shown = may_read and (looking_in or seen.place.state == "member")
        made = [await section(visit.who, inside) for section in self._sections] if shown else []
        agreed = seen.place.agreed_guidelines or 0
        return visit.render(
            "group.html",
            seen=seen,
            group=seen.group,
            card=seen.group.card,
            preset=PRESETS.get(seen.group.preset, ""),
            reads_now=self._reads_now(visit)(seen.group.card),
            languages=[language_name(language) for language in seen.group.card.get("languages", [])],
            guidelines=Markup(await markdown.render(seen.group.guidelines_text)),  # noqa: S704 - sanitised
            easy_read=await self._easy_reads.offered(seen) is not None,
            sections=[section for section in made if section is not None],
            may_read=may_read,
            looking_in=looking_in,
            may_answer=rulings.answer(seen.place).allowed,
            may_moderate=rulings.moderate(seen.place).allowed,
            may_own=rulings.own(seen.place).allowed,
            joining=rulings.join(seen.place),
            changed=seen.place.state == "member" and agreed < seen.group.guidelines_version,
            code=code,
        )

    async def invited(self, visit: Visit) -> Response:
        """Where an invitation's link leads: the group's page, with the code kept in its form."""
        code = visit.query.get("code", "")
        return await self._show(visit, await self._to_join(visit, code), code=code)

    async def join_again(self, visit: Visit) -> Response:
        code = visit.values.get("code")
        return await self._show(visit, await self._to_join(visit, code), code=code)

    async def join(self, visit: Visit) -> Response:
        form, slug = await visit.form(), visit.path["slug"]
        version = form.get("guidelines_version")
        joined = await self._groups.join(
            required_actor(visit),
            slug,
            guidelines_version=int(version) if version.isascii() and version.isdigit() else 0,
            words=form.get("words"),
            code=form.get("code") or None,
        )
        if joined.support is not None:
            return visit.render("support_page.html", support=joined.support, onward=f"/groups/{slug}")
        if joined.state == "requested":
            return visit.redirect(f"/groups/{slug}", say=_("You have asked to join. Someone will answer."))
        return visit.redirect(f"/groups/{slug}", say=_("Welcome. You can read for as long as you like."))

    async def leave(self, visit: Visit) -> Response:
        await self._groups.leave(required_actor(visit), visit.path["slug"])
        return visit.redirect("/groups", say=_("You have left the group. You can come back."))

    async def found_form(self, visit: Visit) -> Response:
        return visit.render("found.html", presets=list(PRESETS.items()))

    async def found(self, visit: Visit) -> Response:
        wanted = group_form(await visit.form())
        if wanted.slug is None and wanted.name:
            wanted = replace(wanted, slug=slug_of(wanted.name))
        seen = await self._groups.found(required_actor(visit), wanted)
        say = _("Your group is there. Look at its card and guidelines before you tell anyone.")
        return visit.redirect(f"/groups/{seen.group.slug}", say=say)

    async def _to_join(self, visit: Visit, code: str) -> Seen:
        return await self._groups.see_to_join(required_actor(visit), visit.path["slug"], code or None)


def wanted_of(visit: Visit) -> Wanted:
    """What the directory's form asks for."""
    asked = visit.query
    return Wanted(
        text=asked.get("for", "").strip()[:100],
        preset=asked.get("kind", ""),
        language=asked.get("language", ""),
        led_by=asked.get("led", ""),
        format=asked.get("format", ""),
        open_now=asked.get("now") == "yes",
    )


def _page_number(text: str, found: int) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    return max(1, min(wanted, (found + PER_PAGE - 1) // PER_PAGE))


def _with_page(visit: Visit, page: int) -> str:
    kept = [(name, value) for name, value in visit.query.multi_items() if name != "page" and value]
    return "/groups?" + urlencode([*kept, ("page", str(page))])


def actor_of(visit: Visit) -> Actor | None:
    """The one who acts; None when signed out."""
    return Actor(visit.who.member_id, visit.who.is_operator) if visit.who else None


def required_actor(visit: Visit) -> Actor:
    """The one who acts. Raises NotSignedIn."""
    who = visit.signed()
    return Actor(who.member_id, who.is_operator)


def slug_of(name: str) -> str | None:
    """An address made from a name: plain letters, digits and dashes; None when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-") or None


_TEXTS = ("purpose", "for_whom", "led_by", "format", "runs", "runs_until", "moderation_hours", "access_needs")
_LISTS = ("languages", "likely_triggers")
_SWITCHES = ("profanity", "contact_details", "links")


def _number(form: Form, name: str) -> int:
    text = form.get(name) or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Invalid(fields=(FieldError(name, _("Please write a number.")),))
    return int(text)


def group_form(form: Form) -> GroupForm:
    """What founding and settings send; a field that wasn't on the form stays as it is."""
    card: dict[str, object] = {name: form.get(f"card.{name}") for name in _TEXTS if form.has(f"card.{name}")}
    for name in _LISTS:
        if form.has(f"card.{name}"):
            card[name] = [part.strip() for part in form.get(f"card.{name}").split(",") if part.strip()]
    settings: dict[str, object] = {
        name: form.get(f"settings.{name}") or None for name in _SWITCHES if form.has(f"settings.{name}")
    }
    if form.has("settings.premoderate_first"):
        settings["premoderate_first"] = _number(form, "settings.premoderate_first")
    return GroupForm(
        name=form.get("name") if form.has("name") else None,
        slug=form.get("slug") or None,
        preset=form.get("preset") or None,
        visibility=next((v for v in VISIBILITIES if v == form.get("visibility")), None),
        joining=next((j for j in JOININGS if j == form.get("joining")), None),
        card=card or None,
        settings=settings or None,
        guidelines=form.get("guidelines") if form.has("guidelines") else None,
    )
