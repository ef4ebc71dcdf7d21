"""Reading hours: when moderators say that they read, in their own zone, as the settings write it.

"mon-fri 18:00-22:00" is wall time: it stays eighteen o'clock when clocks change. Windows may cross midnight.
Pure; moments are aware datetimes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW: Final = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


class BadHours(ValueError):
    """This isn't a window such as "mon-fri 18:00-22:00"."""


@dataclass(frozen=True, slots=True)
class Window:
    weekdays: frozenset[int]  # 0 is Monday
    starts: time
    ends: time  # not after `starts`: the next day


@dataclass(frozen=True, slots=True)
class Hours:
    windows: tuple[Window, ...]
    zone: ZoneInfo

    def is_open(self, at: datetime) -> bool:
        """Whether somebody says that they read at this moment."""
        return any(start <= at < end for start, end in self._around(at, 1))

    def next_open(self, at: datetime) -> datetime | None:
        """This moment if it is open, else the next start; None without windows."""
        if self.is_open(at):
            return at
        return min((start for start, _ in self._around(at, 8) if start > at), default=None)

    def open_since(self, at: datetime) -> datetime | None:
        """When the present opening began; None while it is closed. Never further back than a day."""
        day = timedelta(days=1)
        return next((a for a, b in self.between(at - day, at + day) if a <= at < b), None)

    def between(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """Open time between two moments, joined where windows touch."""
        days = (end - start).days + 2
        cut = sorted(
            (max(a, start), min(b, end)) for a, b in self._around(start, days) if b > start and a < end
        )
        return joined(cut)

    def _around(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        first = at.astimezone(self.zone).date() - timedelta(days=1)
        for n in range(days + 2):
            day = first + timedelta(days=n)
            for window in self.windows:
                if day.weekday() in window.weekdays:
                    yield span(day, window.starts, window.ends, self.zone)


def parse(windows: Sequence[str], zone: str) -> Hours:
    """What the settings say. Raises BadHours."""
    return Hours(tuple(_window(text) for text in windows), ZoneInfo(zone))


def span(day: date, starts: time, ends: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Wall time of one day as two moments. A time that a clock change skips is read with the offset before
    it, for starts and ends alike, so shifts still meet; one that comes twice begins the first time and ends
    the second, so that nobody is left alone between."""
    last = day if ends > starts else day + timedelta(days=1)
    begin = _moment(day, starts, zone, fold=0)
    return begin, max(_moment(last, ends, zone, fold=1), begin)


def joined(spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Sorted spans with those that touch or overlap made one."""
    result: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        elif end > start:
            result.append((start, end))
    return result


def _moment(day: date, at: time, zone: ZoneInfo, *, fold: int) -> datetime:
    local = datetime.combine(day, at, tzinfo=zone)
    moment = local.replace(fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return local.replace(fold=0).astimezone(UTC)  # skipped: read with the offset before (PEP 495)


def _window(text: str) -> Window:
    found = _WINDOW.fullmatch(text.strip().lower())
    if not found:
        raise BadHours(f'{text!r}: expected something like "mon-fri 18:00-22:00"')
    first, last = found[1], found[2] or found[1]
    if first not in DAYS or last not in DAYS:
        raise BadHours(f"{text!r}: days are {', '.join(DAYS)}")
    a, b = DAYS.index(first), DAYS.index(last)
    days = frozenset((a + n) % 7 for n in range((b - a) % 7 + 1))
    return Window(days, _time(found[3], found[4], text), _time(found[5], found[6], text))


def _time(hour: str, minute: str, text: str) -> time:
    if (int(hour), int(minute)) == (24, 0):
        return time(0)
    if int(hour) > 23 or int(minute) > 59:
        raise BadHours(f"{text!r}: {hour}:{minute} is no time of day")
    return time(int(hour), int(minute))
