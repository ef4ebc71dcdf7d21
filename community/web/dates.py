"""Times and numbers as people read them: in the reader's zone and language, day in words, never a bare number of
seconds.

Pure; the present moment is an argument, the language that of the visit (words.spoken). The browser refines
these to "5 minutes ago" where it can.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from community.web.words import SOURCE_LANGUAGE, _, several, spoken

_LOCALES = {SOURCE_LANGUAGE: "en_GB", "pt": "pt_PT"}
"""Where a language alone would bring another country's order of day and month."""


def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; UTC where it isn't known (a name from an older server, say)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def machine(at: datetime) -> str:
    """RFC 3339 in UTC, for `<time datetime>` and scripts."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def day(at: datetime, reader: ZoneInfo) -> str:
    """`21 November 2026`"""
    return format_date(at.astimezone(reader).date(), "long", locale=locale())


def short_day(when: date) -> str:
    """`21 Nov`, for the foot of a picture."""
    return format_date(when, "d MMM", locale=locale())


def month_name(number: int) -> str:
    """`November` for 11, as it stands alone."""
    return format_date(date(2000, number, 1), "LLLL", locale=locale())


def clock_time(at: datetime, reader: ZoneInfo) -> str:
    """`21:10`"""
    return format_time(at.astimezone(reader).time(), "HH:mm", locale=locale())


def number(value: float) -> str:
    """`12,400` or `12.400`, as the language groups figures."""
    return format_decimal(value, locale=locale())


def locale() -> str:
    """Babel's name for the language of the visit."""
    language = spoken()
    return _LOCALES.get(language, language)


def moment(at: datetime, reader: ZoneInfo) -> str:
    """`21 November 2026, 21:10`"""
    return f"{day(at, reader)}, {clock_time(at, reader)}"


def soon(at: datetime, now: datetime, reader: ZoneInfo) -> str:
    """`today, 21:10`, `yesterday, 08:00`, `tomorrow, 09:30`, else the full moment."""
    local, today = at.astimezone(reader), now.astimezone(reader).date()
    named = {
        today: _("today"),
        today - timedelta(days=1): _("yesterday"),
        today + timedelta(days=1): _("tomorrow"),
    }.get(local.date())
    return f"{named}, {clock_time(at, reader)}" if named else moment(at, reader)


def length(span: timedelta) -> str:
    """`3 minutes`, `2 hours`, `4 days`: one unit, rounded down, for ages and clocks."""
    minutes = int(abs(span).total_seconds()) // 60
    if minutes < 1:
        return _("less than a minute")
    if minutes < 120:
        return several("%d minute", "%d minutes", minutes) % minutes
    if minutes < 48 * 60:
        hours = minutes // 60
        return several("%d hour", "%d hours", hours) % hours
    days = minutes // (24 * 60)
    return several("%d day", "%d days", days) % days
