"""Whether moderators read now, from what a group's card says in its own words ("weekdays 9:00 to 17:00").

Pure. What can't be read with certainty is unknown, not open: a wrong "someone is here now" is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_ALWAYS = re.compile(r"24\s*/\s*7|around the clock|day and night|\bat all hours\b")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_RANGE = re.compile(_DAY + r"\s*(?:-|–|to|until)\s*" + _DAY)
_ONE = re.compile(r"\b" + _DAY)
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?"
_SPAN = re.compile(r"(?<![\d:.])" + _CLOCK + r"\s*(?:-|–|to|until|till|and)\s*" + _CLOCK + r"(?![\d:.])")
_EXCEPT = re.compile(r"\b(except|not on|but not|no \w+days?)\b")
_PLACE = re.compile(
    r"\b(utc|gmt|[bceimp]s?[et]s?t|edt|pdt|aes?t|(?:(?:new|los|hong|san|são) )?[^\W\d_]+(?=[ -]time\b))\b"
)
"""What names a zone: "London time", "UTC", or an abbreviation that may mean several."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekdays (0 is Monday) and minutes of the day; `ends` not after `starts` runs past midnight."""

    weekdays: frozenset[int]
    spans: tuple[tuple[int, int], ...]
    zone: ZoneInfo | None = None
    """The zone that the text names; None leaves it to the reader of the card's."""

    def is_open(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        before = (local - timedelta(days=1)).weekday()
        return any(
            (local.weekday() in self.weekdays and starts <= minute < (ends if ends > starts else 24 * 60))
            or (ends <= starts and before in self.weekdays and minute < ends)
            for starts, ends in self.spans
        )


def reads_now(text: str, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the text says, without doubt, that somebody reads at this moment."""
    hours = read(text)
    return hours is not None and hours.is_open(now.astimezone(hours.zone or zone))


def read(text: str) -> Hours | None:
    """The hours a text names, or None where that isn't certain."""
    said = text.casefold()
    place = _PLACE.search(said)
    zone = _zone(place[1]) if place else None
    if _EXCEPT.search(said) or (place and zone is None):
        return None
    if _ALWAYS.search(said):
        return Hours(frozenset(range(7)), ((0, 24 * 60),), zone)
    found = [_span(match) for match in _SPAN.finditer(said)]
    spans = tuple(span for span in found if span is not None)
    if not spans or len(spans) != len(found):
        return None
    return Hours(_weekdays(said), spans, zone)


def _zone(place: str) -> ZoneInfo | None:
    """The zone of a city, or UTC. None for what could mean several (EST) or nothing ("any time")."""
    if place in ("utc", "gmt"):
        return ZoneInfo("UTC")
    name = _cities().get(place.replace(" ", "_"))
    return ZoneInfo(name) if name else None


@cache
def _cities() -> dict[str, str]:
    return {name.rpartition("/")[2].lower(): name for name in sorted(available_timezones()) if "/" in name}


def _weekdays(said: str) -> frozenset[int]:
    if "weekday" in said:
        return frozenset(range(5))
    if "weekend" in said:
        return frozenset((5, 6))
    ranges = [(_DAYS.index(m[1]), _DAYS.index(m[2])) for m in _RANGE.finditer(said)]
    named = {(first + n) % 7 for first, last in ranges for n in range((last - first) % 7 + 1)}
    named |= {_DAYS.index(m[1]) for m in _ONE.finditer(said)}
    return frozenset(named or range(7))


def _span(match: re.Match[str]) -> tuple[int, int] | None:
    """Minutes from and to. Bare hours without minutes, am or pm ("9 to 5") are no times for certain."""
    starts_h, starts_m, starts_half, ends_h, ends_m, ends_half = match.groups()
    if not (starts_m or ends_m or starts_half or ends_half):
        return None
    starts, ends = _minute(starts_h, starts_m, starts_half or ends_half), _minute(ends_h, ends_m, ends_half)
    return None if starts is None or ends is None else (starts, ends)


def _minute(hour: str, minute: str | None, half: str | None) -> int | None:
    h, m = int(hour), int(minute or 0)
    if half is not None:
        if not 1 <= h <= 12:
            return None
        h = h % 12 + (12 if half == "pm" else 0)
    return h * 60 + m if (h <= 23 and m <= 59) or (h, m) == (24, 0) else None
