"""Kinds of news, what a member wishes about each, and when the house may speak: quiet hours, digests. Pure.

Nothing leaves the house unless its member asked for that kind by that way. A break stops everything but what
they must know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Kind = Literal[
    "reply", "mention", "follow", "answer", "pairing", "meeting", "decision", "letter", "radar", "desk"
]
Digest = Literal["off", "daily", "weekly"]

KINDS: Final[tuple[Kind, ...]] = (
    *("reply", "mention", "follow", "answer"),
    *("pairing", "meeting", "decision", "letter", "radar"),
)
"""Those that a member may set, in the order they are shown. News of the desk stay on the desk's own pages."""
ALWAYS_SHOWN: Final[frozenset[Kind]] = frozenset({"decision", "letter", "desk"})
"""What was done with one's own words, and what people of the team wrote: never hidden in the house itself."""
FIRST_BY_PUSH: Final[tuple[Kind, ...]] = (
    "reply",
    "mention",
    "answer",
    "pairing",
    "meeting",
    "decision",
    "letter",
)
"""What a browser is told from the start, once its owner let it."""
MUST_KNOW: Final = frozenset({"letter", "opened"})
"""Kinds of house notices that reach their member on a break too, by the ways they chose: a person of the team
wrote, or opened something that was sealed."""
FACILITATORS_ONLY: Final[frozenset[Kind]] = frozenset({"radar"})

_OF_HOUSE: Final[dict[str, Kind]] = {
    "held": "decision",
    "masked": "decision",
    "released": "decision",
    "removed": "decision",
    "repair": "decision",
    "decision": "decision",
    "appeal": "decision",
    "title_changed": "decision",
    "meeting_soon": "meeting",
    "meeting_moved": "meeting",
    "meeting_off": "meeting",
    "meeting_others": "answer",
    "meeting_turn": "answer",
    "question": "answer",
    "answer": "answer",
    "pairing_asked": "pairing",
    "pairing_news": "pairing",
    "pairing_said": "pairing",
    "letter": "letter",
    "follow_up": "letter",
    "memorial": "letter",
    "memorial_undone": "letter",
    "opened": "letter",
}


def of_house(notice_kind: str) -> Kind:
    """To which kind a notice of the house belongs; what isn't for members as such is the desk's."""
    return _OF_HOUSE.get(notice_kind, "desk")


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """One member's. The default is what everyone starts with: all in the house, nothing outside."""

    hidden: frozenset[str] = frozenset()
    by_mail: frozenset[str] = frozenset()
    by_push: frozenset[str] = frozenset(FIRST_BY_PUSH)
    digest: Digest = "off"
    digest_hour: int = 9
    digest_day: int = 0
    quiet: tuple[int, int] | None = None
    seen_at: datetime | None = None

    def shows(self, kind: Kind) -> bool:
        """Whether the member sees this kind on the page."""
        return kind in ALWAYS_SHOWN or kind not in self.hidden


def checked(kinds: Iterable[str]) -> frozenset[str]:
    """Those that are kinds a member may set."""
    return frozenset(kinds) & frozenset(KINDS)


def after_quiet(moment: datetime, zone: ZoneInfo, quiet: tuple[int, int] | None) -> datetime:
    """This moment, or the end of the quiet hours it falls into, in UTC. From 22 to 7 goes over midnight; the
    same hour twice means no quiet hours."""
    if quiet is None or quiet[0] == quiet[1]:
        return moment.astimezone(UTC)
    start, end = quiet
    local = moment.astimezone(zone)
    is_quiet = start <= local.hour < end if start < end else local.hour >= start or local.hour < end
    if not is_quiet:
        return moment.astimezone(UTC)
    day = local.date() + timedelta(days=1 if local.hour >= end else 0)
    return datetime.combine(day, time(end), zone).astimezone(UTC)


def next_digest(after: datetime, zone: ZoneInfo, settings: NoticeSettings) -> datetime | None:
    """When the next digest is due, in UTC, later than `after`: at the member's hour where they are; None where
    they want none."""
    if settings.digest == "off":
        return None
    day = after.astimezone(zone).date()
    if settings.digest == "weekly":
        day += timedelta(days=(settings.digest_day - day.weekday()) % 7)
    step = timedelta(days=1 if settings.digest == "daily" else 7)
    due = _at(day, settings.digest_hour, zone)
    return due if due > after else _at(day + step, settings.digest_hour, zone)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
