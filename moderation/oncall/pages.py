"""Plain pages of on-call: the roster, one's own settings, and the page behind a page's link.

The last one works signed out, by its secret alone: whoever is woken at three needs no password. Opening it
changes nothing; its button does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.responses import Response

from community.clock import Clock
from community.errors import BadRequest, FieldError, Invalid
from community.ids import CaseId, MemberId, parse_id
from community.web.forms import Form
from community.web.pages import Page
from community.web.sections import Entry, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _
from moderation.desk.desk import Who
from moderation.oncall.hours import span
from moderation.oncall.reaching import NewChannel, Reaching
from moderation.oncall.roster import Rule, SeatName
from moderation.oncall.roster_acts import Oncall
from moderation.store.channels import Kind, Style, Use
from moderation.store.roster import Shift, ShiftRow

SHOWN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of the roster: who begins, and the hours in which nobody is there."""

    on: date
    shifts: list[ShiftRow]
    gaps: list[tuple[datetime, datetime]]


class OncallPages:
    def __init__(self, oncall: Oncall, reaching: Reaching, clock: Clock) -> None:
        self._oncall = oncall
        self._reaching = reaching
        self._clock = clock

    def pages(self) -> list[Page]:
        link = "/page/{token}"
        return [
            Page("GET", "/moderation/roster", self.roster),
            Page("POST", "/moderation/roster", self.change_roster, again=self.roster),
            Page("GET", "/moderation/on-call", self.mine),
            Page("POST", "/moderation/on-call", self.change_mine, again=self.mine),
            Page("GET", "/moderation/handover", self.handover),
            Page("POST", "/moderation/handover", self.hand_over, again=self.handover),
            Page("GET", link, self.link, signed_in=False),
            Page("POST", link, self.press, signed_in=False, guarded=False),  # the secret is the right
        ]

    async def rail(self, who: Signed) -> RailSection | None:
        """The ways to the roster, for those who are on it."""
        seen = await self._reaching.is_staff(Who(who.member_id, who.is_operator))
        entries = (
            Entry(_("Roster"), "/moderation/roster"),
            Entry(_("Hand-over"), "/moderation/handover"),
            Entry(_("How I am reached"), "/moderation/on-call"),
        )
        return RailSection(_("On call"), entries) if seen else None

    # ---- roster

    async def roster(self, visit: Visit) -> Response:
        now, zone = self._clock.now(), _zone(visit)
        seen = await self._oncall.look(who_of(visit), now - timedelta(hours=12), now + SHOWN)
        people = await self._oncall.people(who_of(visit))
        return visit.render(
            "moderation/oncall_roster.html",
            seen=seen,
            days=_days(seen.shifts, seen.gaps, zone),
            people=[(str(seat.member_id), seat.handle or "") for seat in people],
            names={seat.member_id: seat.handle for seat in people},
            zone=zone.key,
            today=now.astimezone(zone).date(),
            me=visit.signed().member_id,
        )

    async def change_roster(self, visit: Visit) -> Response:
        form, who = await visit.form(), who_of(visit)
        match form.get("act"):
            case "add":
                say = await self._add(visit, form)
            case "drop":
                await self._oncall.drop_shift(who, id_of(form, "id"))
                say = _("Taken back. If nobody else is there then, the leads hear of it.")
            case "ask":
                await self._oncall.ask_swap(who, id_of(form, "id"), MemberId(id_of(form, "to")))
                say = _("Asked. The shift stays yours until they say yes.")
            case "answer":
                accept = form.get("accept") == "yes"
                await self._oncall.answer_swap(who, id_of(form, "id"), accept=accept)
                say = _("The shift is yours. Thank you.") if accept else _("Answered.")
            case _:
                raise BadRequest(_("Please choose what to do."))
        return visit.redirect("/moderation/roster", say=say)

    async def _add(self, visit: Visit, form: Form) -> str:
        who = who_of(visit)
        seat = next((s for s in get_args(SeatName) if s == form.get("seat")), None)
        if seat is None:
            raise Invalid(fields=(FieldError("seat", _("Please choose one.")),))
        member = MemberId(id_of(form, "member")) if form.get("member") else who.member_id
        first, starts, ends = day_of(form, "first_on"), _time(form, "starts"), _time(form, "ends")
        zone = _named(form.get("zone"))
        weekdays = frozenset(int(d) for d in form.all("weekday") if d in "0123456" and len(d) == 1)
        if not weekdays:
            a, b = span(first, starts, ends, zone)
            await self._oncall.add_shift(who, Shift(member, seat, a, b))
            return _("The shift is in the roster.")
        last = day_of(form, "last_on") if form.get("last_on") else None
        weeks = 2 if form.get("every") == "2" else 1
        rule = Rule(member, seat, zone.key, starts, ends, first, last, weekdays, weeks)
        _id_made, count = await self._oncall.add_rule(who, rule)
        return _("%(n)s shifts of the next four weeks are in the roster.") % {"n": count}

    # ---- one's own

    async def mine(self, visit: Visit) -> Response:
        who, now = who_of(visit), self._clock.now()
        seen = await self._oncall.look(who, now, now + SHOWN * 2)
        return visit.render(
            "moderation/oncall_mine.html",
            channels=await self._reaching.listed(who),
            calendars=await self._reaching.calendars(who),
            records=[r for r in await self._oncall.training(who) if r.member_id == who.member_id],
            shifts=[row for row in seen.shifts if row.member_id == who.member_id],
        )

    async def change_mine(self, visit: Visit) -> Response:
        form, who = await visit.form(), who_of(visit)
        match form.get("act"):
            case "add":
                made = await self._reaching.add(who, channel_of(form))
                if made.kind == "mail":
                    return visit.redirect("/moderation/on-call", say=_("Pages come there too from now on."))
                return await self._once(visit, _("Its secret, shown this once:"), made.secret)
            case "revoke":
                await self._reaching.revoke(who, id_of(form, "id"))
                say = _("Nothing goes there any more, and links it got open nothing.")
            case "calendar":
                _made, token = await self._reaching.make_calendar(who)
                return await self._once(
                    visit, _("Your calendar's private address:"), f"/calendar/{token}.ics"
                )
            case "end_calendar":
                await self._reaching.end_calendar(who, id_of(form, "id"))
                say = _("That link shows nothing any more.")
            case "topics":
                await self._oncall.spare_me(who, [t for t in form.get("topics").split(",") if t.strip()])
                say = _("Noted. Nobody asks why.")
            case _:
                raise BadRequest(_("Please choose what to do."))
        return visit.redirect("/moderation/on-call", say=say)

    async def _once(self, visit: Visit, title: str, secret: str) -> Response:
        """A secret on its own page: it is in no address, no cookie, and not shown again."""
        return visit.render("moderation/oncall_secret.html", title=title, secret=secret)

    # ---- hand-over

    async def handover(self, visit: Visit) -> Response:
        return visit.render(
            "moderation/oncall_handover.html", rows=await self._oncall.handover(who_of(visit))
        )

    async def hand_over(self, visit: Visit) -> Response:
        form = await visit.form()
        await self._oncall.hand_over(who_of(visit), CaseId(id_of(form, "case")), form.get("words"))
        return visit.redirect("/moderation/handover", say=_("Your note is there for whoever comes next."))

    # ---- the page behind a page's link

    async def link(self, visit: Visit) -> Response:
        linked = await self._reaching.opened(visit.path["token"])
        return visit.render("moderation/oncall_page.html", linked=linked, done=False)

    async def press(self, visit: Visit) -> Response:
        linked = await self._reaching.answer_link(visit.path["token"])
        return visit.render("moderation/oncall_page.html", linked=linked, done=True)


def _days(shifts: list[ShiftRow], gaps: list[tuple[datetime, datetime]], zone: ZoneInfo) -> list[Day]:
    days: dict[date, Day] = {}
    for row in shifts:
        on = row.starts_at.astimezone(zone).date()
        days.setdefault(on, Day(on, [], [])).shifts.append(row)
    for gap in gaps:
        on = gap[0].astimezone(zone).date()
        days.setdefault(on, Day(on, [], [])).gaps.append(gap)
    return [days[on] for on in sorted(days)]


def channel_of(form: Form, use: Use = "person") -> NewChannel:
    """A channel as its form describes it. Raises Invalid beside the field."""
    kind = next((k for k in get_args(Kind) if k == form.get("kind")), None)
    style: Style = next((s for s in get_args(Style) if s == form.get("style")), "kith")
    if kind is None:
        raise Invalid(fields=(FieldError("kind", _("Please choose one.")),))
    return NewChannel(
        kind=kind,
        address=form.get("address"),
        label=form.get("label"),
        style=style,
        their_key=form.get("their_key"),
        aloud=form.get("aloud") == "yes",
        use=use,
    )


def who_of(visit: Visit) -> Who:
    """Who came, as the desk knows them. Raises NotSignedIn."""
    who = visit.signed()
    return Who(who.member_id, who.is_operator)


def _zone(visit: Visit) -> ZoneInfo:
    return _named(visit.signed().time_zone)


def _named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(fields=(FieldError("zone", _("Expected a zone such as Europe/Berlin.")),)) from None


def id_of(form: Form, name: str) -> UUID:
    """An id that the form names. Raises Invalid beside the field."""
    value = parse_id(form.get(name))
    if value is None:
        raise Invalid(fields=(FieldError(name, _("Please choose one.")),))
    return value


def day_of(form: Form, name: str) -> date:
    """A day that the form names. Raises Invalid beside the field."""
    try:
        return date.fromisoformat(form.get(name))
    except ValueError:
        raise Invalid(fields=(FieldError(name, _("Please give a day.")),)) from None


def _time(form: Form, name: str) -> time:
    try:
        return time.fromisoformat(form.get(name)).replace(tzinfo=None, microsecond=0)
    except ValueError:
        raise Invalid(fields=(FieldError(name, _("Please give a time such as 21:00.")),)) from None
