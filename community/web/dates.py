"""Times as people read them: in the reader's zone, day in words, never a bare number of seconds.

Pure; the present moment is an argument. The browser refines these to "5 minutes ago" where it can.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from community.web.words import _, several

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


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
    local = at.astimezone(reader)
    return f"{local.day} {_(MONTHS[local.month - 1])} {local.year}"


def moment(at: datetime, reader: ZoneInfo) -> str:
    """`21 November 2026, 21:10`"""
    return f"{day(at, reader)}, {at.astimezone(reader):%H:%M}"


def soon(at: datetime, now: datetime, reader: ZoneInfo) -> str:
    """`today, 21:10`, `yesterday, 08:00`, `tomorrow, 09:30`, else the full moment."""
    local, today = at.astimezone(reader), now.astimezone(reader).date()
    named = {
        today: _("today"),
        today - timedelta(days=1): _("yesterday"),
        today + timedelta(days=1): _("tomorrow"),
    }.get(local.date())
    return f"{named}, {local:%H:%M}" if named else moment(at, reader)


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
