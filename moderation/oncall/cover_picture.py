"""The roster as a picture: a band a day with a lane each for first, second and lead; where nobody is, hatched.

Pure. A day is as long as it is: 23 or 25 hours where clocks change, its hours drawn where they fall. Times are
wall times of the organisation's zone; the same is told as a table, and gaps in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from community.ids import MemberId
from community.web import dates
from community.web.words import _, several
from moderation.evidence.plots import hatching, percent, rect, text
from moderation.oncall.roster import SeatName
from moderation.store.roster import ShiftRow

SEATS: Final[tuple[SeatName, ...]] = ("primary", "secondary", "lead")
GUTTER: Final = 16.0  # percent of the width, for the names of the lanes
LANE: Final = 21
HEAD: Final = 20
BAND: Final = HEAD + 3 * LANE + 12
HOURS: Final = 18
WORD_HOURS_MIN: Final = 3.8
"""A shorter gap is hatched without its word: the list below has it."""

Gap = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """What is drawn: days of a zone, and this moment."""

    first: date
    days: int
    zone: ZoneInfo
    now: datetime

    @property
    def start(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return midnight(self.first + timedelta(days=self.days), self.zone)


@dataclass(frozen=True, slots=True)
class Cover:
    """Who has promised what, and where nobody has. Shifts of `lapsed` people don't count."""

    shifts: Sequence[ShiftRow]
    gaps: Sequence[Gap]
    lapsed: frozenset[MemberId]


@dataclass(frozen=True, slots=True)
class Line:
    """One day of the table: who is there in each seat, and when nobody is."""

    day: str
    seats: tuple[str, ...]
    nobody: str


def picture(cover: Cover, span: Span) -> Markup:
    """The bands below each other, first day first."""
    title = _("Who is there when")
    told = gaps_told(cover.gaps)
    parts = [_hours(span)]
    for n in range(span.days):
        parts.append(_band(cover, span, n))
    height = HOURS + span.days * BAND
    return Markup(
        '<svg class="plot roster" role="img" width="100%" height="{}" aria-labelledby="cover-title cover-told">'
        '<title id="cover-title">{}</title><desc id="cover-told">{}</desc>{}{}</svg>'
    ).format(height, title, told, hatching("cover-hatch"), Markup("").join(parts))


def table(cover: Cover, span: Span) -> list[Line]:
    """The same in words, a line a day."""
    lines = []
    for n in range(span.days):
        day = span.first + timedelta(days=n)
        a, b = midnight(day, span.zone), midnight(day + timedelta(days=1), span.zone)
        seats = tuple(_who(cover, seat, (a, b), span.zone) for seat in SEATS)
        nobody = [between(max(x, a), min(y, b), span.zone) for x, y in cover.gaps if x < b and y > a]
        lines.append(Line(day_words(day), seats, ", ".join(nobody)))
    return lines


def gaps_told(gaps: Sequence[Gap]) -> str:
    """How much is uncovered, in a sentence."""
    if not gaps:
        return _("Somebody is on duty all the time.")
    hours = sum(((b - a) for a, b in gaps), timedelta()).total_seconds() / 3600
    return several("Nobody is on duty for %d hour.", "Nobody is on duty for %d hours.", round(hours)) % round(
        hours
    )


def gap_words(gap: Gap, zone: ZoneInfo) -> str:
    """`Friday 20 March, 22:00, to Saturday 21 March, 06:00`."""
    a, b = (at.astimezone(zone) for at in gap)
    if a.date() == b.date() or (b.time() == time(0) and b.date() - a.date() == timedelta(days=1)):
        return _("%(day)s, %(from)s to %(until)s") % {
            "day": day_words(a.date()),
            "from": f"{a:%H:%M}",
            "until": f"{b:%H:%M}",
        }
    return _("%(day)s, %(from)s, to %(other)s, %(until)s") % {
        "day": day_words(a.date()),
        "from": f"{a:%H:%M}",
        "other": day_words(b.date()),
        "until": f"{b:%H:%M}",
    }


def between(a: datetime, b: datetime, zone: ZoneInfo) -> str:
    return f"{a.astimezone(zone):%H:%M}–{b.astimezone(zone):%H:%M}"


def day_words(day: date) -> str:
    """`Friday 20 March`."""
    return _("%(weekday)s %(day)s %(month)s") % {
        "weekday": weekdays()[day.weekday()],
        "day": day.day,
        "month": dates.month_name(day.month),
    }


def weekdays() -> list[str]:
    return [
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
    ]  # fmt: skip


def seat_names() -> dict[str, str]:
    return {"primary": _("First"), "secondary": _("Second"), "lead": _("Lead")}


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins. Where clocks skip midnight, the moment that comes instead of it."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _hours(span: Span) -> Markup:
    """The hours over the first band."""
    a, b = span.start, midnight(span.first + timedelta(days=1), span.zone)
    parts = []
    for hour in range(0, 24, 6):
        parts.append(text((_x(_at(span.first, hour, span.zone), a, b), 12), f"{hour:02}", "tick-word"))
    return Markup("").join(parts)


def _band(cover: Cover, span: Span, n: int) -> Markup:
    day, top = span.first + timedelta(days=n), HOURS + n * BAND
    a, b = midnight(day, span.zone), midnight(day + timedelta(days=1), span.zone)
    parts = [text(("0%", top + 14), _day_head(day, b - a), "day-word")]
    for lane, seat in enumerate(SEATS):
        y = top + HEAD + lane * LANE
        parts.append(text(("0%", y + 14), seat_names()[seat], "tick-word"))
        parts.append(rect("lane", (f"{GUTTER:g}%", y, f"{100 - GUTTER:g}%", LANE)))
    for hour in range(0, 24, 6):
        x = _x(_at(day, hour, span.zone), a, b)
        parts.append(_line("grid", x, top + HEAD, top + HEAD + 3 * LANE))
    for gap in cover.gaps:
        parts.append(_gap(gap, (a, b), top + HEAD))
    for row in cover.shifts:
        parts.append(_shift(row, (a, b), top + HEAD, row.member_id in cover.lapsed))
    if a <= span.now < b:
        x = _x(span.now, a, b)
        parts.append(_line("now", x, top + 4, top + HEAD + 3 * LANE + 4))
        late = (span.now - a) > (b - a) / 2
        anchor, shift = ("end", -5) if late else ("start", 5)
        parts.append(text((x, top + 14), _("now"), "day-word", anchor=anchor, shift=shift))
    return Markup("").join(parts)


def _gap(gap: Gap, day: Gap, top: int) -> Markup:
    """Over the first and the second lane: a lead alone doesn't answer pages."""
    a, b = max(gap[0], day[0]), min(gap[1], day[1])
    if b <= a:
        return Markup("")
    x, width = _x(a, *day), _width(a, b, day)
    made = rect("gap", (x, top, width, 2 * LANE), fill="url(#cover-hatch)")
    if (b - a) >= timedelta(hours=WORD_HOURS_MIN):
        made += _clipped((x, top, width, 2 * LANE), text(("3", 26), _("nobody"), "gap-word"))
    return made


def _shift(row: ShiftRow, day: Gap, top: int, lapsed: bool) -> Markup:
    a, b = max(row.starts_at, day[0]), min(row.ends_at, day[1])
    if b <= a:
        return Markup("")
    y = top + SEATS.index(row.seat) * LANE + 1
    where = _x(a, *day), y, _width(a, b, day), LANE - 2
    name = row.handle or _("someone who has left")
    words = _("%(name)s: not trained") % {"name": name} if lapsed else name
    box = rect("shift", where, fill="url(#cover-hatch)" if lapsed else "")
    return box + _clipped(where, text(("5", 14), words, "gap-word" if lapsed else "shift-word"))


def _clipped(where: tuple[str, int, str, int], inside: Markup) -> Markup:
    """Words that end where their box ends."""
    return Markup('<svg x="{}" y="{}" width="{}" height="{}">{}</svg>').format(*where, inside)


def _line(kind: str, x: str, top: int, base: int) -> Markup:
    return Markup('<line class="{0}" x1="{1}" x2="{1}" y1="{2}" y2="{3}"/>').format(kind, x, top, base)


def _x(at: datetime, a: datetime, b: datetime) -> str:
    return f"{GUTTER + (at - a) / (b - a) * (100 - GUTTER):.2f}%"


def _width(a: datetime, b: datetime, day: Gap) -> str:
    return percent((b - a) / (day[1] - day[0]) * (100 - GUTTER), 100)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)


def _day_head(day: date, long: timedelta) -> str:
    hours = round(long.total_seconds() / 3600)
    if hours == 24:
        return day_words(day)
    return _("%(day)s: clocks change, %(hours)s hours") % {"day": day_words(day), "hours": hours}


def _who(cover: Cover, seat: SeatName, day: Gap, zone: ZoneInfo) -> str:
    found = []
    for row in cover.shifts:
        if row.seat == seat and row.starts_at < day[1] and row.ends_at > day[0]:
            name = row.handle or _("someone who has left")
            found.append(f"{name} {between(max(row.starts_at, day[0]), min(row.ends_at, day[1]), zone)}")
    return ", ".join(found)
