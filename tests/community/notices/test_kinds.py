"""When the house may speak: quiet hours over midnight and over a change of clocks, digests at their hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.notices.kinds import (
    KINDS,
    Digest,
    Kind,
    NoticeSettings,
    after_quiet,
    checked,
    next_digest,
    of_house,
)
from community.web.accounts_api import NOTICE_WORDS
from community.web.notices_pages import kind_words

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([ZoneInfo(n) for n in ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu")])
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)
HOURS = st.integers(0, 23)


def at(hour: int, minute: int = 0, day: int = 5) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "then"),
    [(at(21, 59), at(21, 59)), (at(22), at(7, day=6)), (at(3), at(7)), (at(7), at(7)), (at(12), at(12))],
)
def test_quiet_hours_go_over_midnight(moment: datetime, then: datetime) -> None:
    assert after_quiet(moment, BERLIN, (22, 7)) == then


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    assert after_quiet(at(13), BERLIN, (12, 14)) == at(14)
    assert after_quiet(at(13), BERLIN, (13, 13)) == at(13), "the same hour twice is no time"
    assert after_quiet(at(3), BERLIN, None) == at(3)


@given(MOMENTS, ZONES, HOURS, HOURS)
def test_what_waits_for_the_end_of_quiet_hours_never_waits_over_a_day(
    moment: datetime, zone: ZoneInfo, start: int, end: int
) -> None:
    then = after_quiet(moment, zone, (start, end))
    assert moment <= then <= moment + timedelta(hours=25)
    assert after_quiet(then, zone, (start, end)) == then or then.astimezone(zone).fold, "and only once"


@given(MOMENTS, ZONES, HOURS, st.integers(0, 6), st.sampled_from(["daily", "weekly"]))
def test_a_digest_is_due_later_at_the_members_hour(
    after: datetime, zone: ZoneInfo, hour: int, day: int, often: Digest
) -> None:
    due = next_digest(after, zone, NoticeSettings(digest=often, digest_hour=hour, digest_day=day))
    assert due is not None and after < due <= after + timedelta(days=1 if often == "daily" else 7, hours=2)
    if often == "weekly":
        assert due.astimezone(zone).weekday() == day


def test_over_a_change_of_clocks_the_digest_keeps_its_hour() -> None:
    """In Berlin clocks went forward on 29 March 2026."""
    settings = NoticeSettings(digest="daily", digest_hour=9)
    before = datetime(2026, 3, 28, 9, tzinfo=BERLIN)
    due = next_digest(before, BERLIN, settings)
    assert due is not None and due == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert next_digest(before, BERLIN, NoticeSettings()) is None


def test_every_kind_has_words_and_every_notice_of_the_house_belongs_to_one() -> None:
    assert all(all(kind_words(kind)) for kind in KINDS)
    assert {of_house(name) for name in NOTICE_WORDS} <= set(get_args(Kind))
    assert of_house("cluster") == "desk", "what is for staff is never a member's mail"
    assert checked(["reply", "desk", "nonsense"]) == {"reply"}


def test_letters_and_decisions_are_always_shown() -> None:
    none = NoticeSettings(hidden=frozenset(KINDS))
    assert none.shows("letter") and none.shows("decision") and not none.shows("reply")
