"""The roster's pages: the coming days as a picture with its gaps in words, and a form a page to fill them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final, get_args
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.responses import Response

from community.clock import Clock
from community.errors import BadRequest, FieldError, Invalid, NotFound
from community.ids import MemberId
from community.web.forms import Form
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _, several
from moderation.oncall import cover_picture as drawn
from moderation.oncall.cover_picture import Cover, Gap, Span
from moderation.oncall.hours import span
from moderation.oncall.pages import day_of, id_of, who_of
from moderation.oncall.roster import Rule, SeatName
from moderation.oncall.roster_acts import Oncall, RosterSeen
from moderation.store.roster import RuleRow, Shift, ShiftRow

PATH: Final = "/moderation/roster"
RANGES: Final = (7, 14)
LOOK_BACK: Final = timedelta(days=1)
LOOK_AHEAD: Final = timedelta(days=60)
PART_MAX: Final = timedelta(hours=12)
"""A longer gap is offered in its first part: nobody should be asked for more at once."""


class RosterPages:
    def __init__(self, oncall: Oncall, clock: Clock) -> None:
        self._oncall = oncall
        self._clock = clock
        self._zone = oncall.settings.hours.zone

    def pages(self) -> list[Page]:
        one = PATH + "/shifts/{id}"
        return [
            Page("GET", PATH, self.roster),
            Page("POST", PATH, self.answer, again=self.roster),
            Page("GET", PATH + "/add", self.adding),
            Page("POST", PATH + "/add", self.add, again=self.adding),
            Page("GET", one, self.shift),
            Page("POST", one, self.change, again=self.shift),
        ]

    async def roster(self, visit: Visit) -> Response:
        who, now = who_of(visit), self._clock.now()
        days = 14 if visit.query.get("days") == "14" else 7
        span = Span(now.astimezone(self._zone).date(), days, self._zone, now)
        seen = await self._oncall.look(who, span.start, span.end)
        cover = Cover(seen.shifts, seen.gaps, seen.lapsed)
        people = await self._oncall.people(who)
        names = {seat.member_id: seat.handle or "" for seat in people}
        return visit.render(
            "moderation/oncall_roster.html",
            seen=seen,
            days=days,
            ranges=RANGES,
            zone=self._zone.key,
            svg=drawn.picture(cover, span),
            told=drawn.gaps_told(seen.gaps),
            lines=drawn.table(cover, span),
            seats=drawn.seat_names(),
            gaps=[(drawn.gap_words(g, self._zone), self._offer(g)) for g in seen.gaps],
            upcoming=self._editable(seen, visit, now),
            swaps=[(swap, names.get(swap.from_id, ""), self._shift_words(seen, swap.shift_id))
                   for swap in seen.swaps if swap.to_id == who.member_id],
            rules=[(row, names.get(row.rule.member, ""), _rule_words(row))
                   for row in await self._oncall.rules(who)
                   if seen.leads or row.rule.member == who.member_id],
        )  # fmt: skip

    async def answer(self, visit: Visit) -> Response:
        """Yes or no to a swap; the end of a promise that repeats."""
        form, who = await visit.form(), who_of(visit)
        match form.get("act"):
            case "answer":
                accept = form.get("accept") == "yes"
                await self._oncall.answer_swap(who, id_of(form, "id"), accept=accept)
                say = _("The shift is yours. Thank you.") if accept else _("Answered.")
            case "end":
                await self._oncall.drop_shift(who, id_of(form, "id"))
                say = _("It has ended. Shifts of it that haven't begun are gone.")
            case _:
                raise BadRequest(_("Please choose what to do."))
        return visit.redirect(PATH, say=say)

    async def adding(self, visit: Visit) -> Response:
        """The form for a promise; a gap's link has filled in its times."""
        who, today = who_of(visit), self._clock.now().astimezone(self._zone).date()
        now = self._clock.now()
        seen = await self._oncall.look(who, now, now + timedelta(minutes=1))
        people = [(str(s.member_id), s.handle or "") for s in await self._oncall.people(who)]
        return visit.render(
            "moderation/oncall_roster_add.html",
            leads=seen.leads,
            people=[p for p in people if p[0] != str(who.member_id)],
            day=_given(visit, "day", today.isoformat()),
            starts=_given(visit, "from", "18:00"),
            ends=_given(visit, "until", "22:00"),
            zone=self._zone.key,
            weekdays=list(enumerate(drawn.weekdays())),
        )

    async def add(self, visit: Visit) -> Response:
        form, who = await visit.form(), who_of(visit)
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
            return visit.redirect(PATH, say=_("The shift is in the roster."))
        last = day_of(form, "last_on") if form.get("last_on") else None
        weeks = 2 if form.get("every") == "2" else 1
        rule = Rule(member, seat, zone.key, starts, ends, first, last, weekdays, weeks)
        _id_made, count = await self._oncall.add_rule(who, rule)
        say = several(
            "%d shift of the next four weeks is in the roster.",
            "%d shifts of the next four weeks are in the roster.",
            count,
        )
        return visit.redirect(PATH, say=say % count)

    async def shift(self, visit: Visit) -> Response:
        """One shift: give it back, or ask somebody to take it."""
        seen, row = await self._one(visit)
        people = [(str(s.member_id), s.handle or "") for s in await self._oncall.people(who_of(visit))]
        return visit.render(
            "moderation/oncall_shift.html",
            row=row,
            when=drawn.gap_words((row.starts_at, row.ends_at), self._zone),
            zone=self._zone.key,
            seat=drawn.seat_names()[row.seat],
            mine=row.member_id == visit.signed().member_id,
            asked=next((s for s in seen.swaps if s.shift_id == row.id), None),
            people=[p for p in people if p[0] != str(row.member_id)],
        )

    async def change(self, visit: Visit) -> Response:
        form, who = await visit.form(), who_of(visit)
        _seen, row = await self._one(visit)
        match form.get("act"):
            case "drop":
                await self._oncall.drop_shift(who, row.id)
                say = _("Taken back. If nobody else is there then, the leads hear of it.")
            case "ask":
                await self._oncall.ask_swap(who, row.id, MemberId(id_of(form, "to")))
                say = _("Asked. The shift stays where it is until they say yes.")
            case _:
                raise BadRequest(_("Please choose what to do."))
        return visit.redirect(PATH, say=say)

    # ---- inner

    async def _one(self, visit: Visit) -> tuple[RosterSeen, ShiftRow]:
        """A shift that the visitor may change. Raises NotFound."""
        now, id = self._clock.now(), visit.id("id")
        seen = await self._oncall.look(who_of(visit), now - LOOK_BACK, now + LOOK_AHEAD)
        row = next((row for row in seen.shifts if row.id == id), None)
        if row is None or not (seen.leads or row.member_id == visit.signed().member_id):
            raise NotFound
        return seen, row

    def _editable(self, seen: RosterSeen, visit: Visit, now: datetime) -> list[tuple[ShiftRow, str]]:
        """Shifts still to come that the visitor may give back or swap, with their times in words."""
        me = visit.signed().member_id
        rows = [row for row in seen.shifts if row.ends_at > now and (seen.leads or row.member_id == me)]
        return [(row, drawn.gap_words((row.starts_at, row.ends_at), self._zone)) for row in rows]

    def _shift_words(self, seen: RosterSeen, id: UUID) -> str:
        row = next((row for row in seen.shifts if row.id == id), None)
        if row is None:
            return ""
        when = drawn.gap_words((row.starts_at, row.ends_at), self._zone)
        return _("%(when)s, as %(seat)s") % {"when": when, "seat": drawn.seat_names()[row.seat].lower()}

    def _offer(self, gap: Gap) -> str:
        """A link to the form with the gap's times, or its first twelve hours."""
        a = gap[0].astimezone(self._zone)
        b = min(gap[1], gap[0] + PART_MAX).astimezone(self._zone)
        query = {"day": a.date().isoformat(), "from": f"{a:%H:%M}", "until": f"{b:%H:%M}"}
        return f"{PATH}/add?{urlencode(query)}"


def _rule_words(row: RuleRow) -> str:
    """`Monday, Friday, 21:00 to 07:00, Europe/Berlin`."""
    rule, names = row.rule, drawn.weekdays()
    days = _("every day") if len(rule.weekdays) == 7 else ", ".join(names[d] for d in sorted(rule.weekdays))
    said = {
        "days": days,
        "from": f"{rule.starts:%H:%M}",
        "until": f"{rule.ends:%H:%M}",
        "zone": rule.zone,
        "seat": drawn.seat_names()[rule.seat],
    }
    if rule.every_weeks == 1:
        return _("%(seat)s: %(days)s, %(from)s to %(until)s (%(zone)s)") % said
    return _("%(seat)s: %(days)s of every %(weeks)s. week, %(from)s to %(until)s (%(zone)s)") % {
        **said,
        "weeks": rule.every_weeks,
    }


def _given(visit: Visit, name: str, otherwise: str) -> str:
    """What a link filled in; a form's field takes any text, and shows nothing that is no time."""
    return visit.query.get(name, "")[:10] or otherwise


def _named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(fields=(FieldError("zone", _("Expected a zone such as Europe/Berlin.")),)) from None


def _time(form: Form, name: str) -> time:
    try:
        return time.fromisoformat(form.get(name)).replace(tzinfo=None, microsecond=0)
    except ValueError:
        raise Invalid(fields=(FieldError(name, _("Please give a time such as 21:00.")),)) from None
