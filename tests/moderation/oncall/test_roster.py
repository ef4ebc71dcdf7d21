"""Promises in wall time: what they come to in moments, when clocks change, and where nobody is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.ids import MemberId
from moderation.oncall.hours import BadHours, parse
from moderation.oncall.roster import (
    Record,
    Rule,
    Turn,
    clashes,
    expand,
    gaps,
    lapsed,
    next_cover,
    on_duty,
    trained,
)

ANN, BOB, CAT = (MemberId(uuid4()) for _ in range(3))
BERLIN = "Europe/Berlin"


def rule(**more: object) -> Rule:
    given: dict[str, object] = {
        "member": ANN,
        "seat": "primary",
        "zone": BERLIN,
        "starts": time(21),
        "ends": time(7),
        "first_on": date(2026, 3, 2),
    }
    return Rule(**{**given, **more})  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_nine_in_the_evening_stays_nine_in_the_evening_when_clocks_change() -> None:
    turns = list(expand(rule(), date(2026, 3, 27), date(2026, 3, 30)))
    assert [t.starts_at for t in turns] == [
        at("2026-03-27T20:00"), at("2026-03-28T20:00"), at("2026-03-29T19:00"), at("2026-03-30T19:00")
    ]  # fmt: skip
    assert [(t.ends_at - t.starts_at).total_seconds() / 3600 for t in turns] == [10, 9, 10, 10]


def test_the_night_in_which_an_hour_comes_twice_is_an_hour_longer() -> None:
    [turn] = expand(rule(first_on=date(2026, 10, 24)), date(2026, 10, 24), date(2026, 10, 24))
    assert turn.ends_at - turn.starts_at == timedelta(hours=11)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24)])
def test_shifts_that_meet_at_half_past_two_leave_nobody_alone_on_either_night(day: date) -> None:
    early = expand(rule(starts=time(20), ends=time(2, 30)), day, day)
    late = expand(rule(starts=time(2, 30), ends=time(8), member=BOB), day, day + timedelta(days=1))
    turns = [*early, *late]
    start = datetime.combine(day, time(20), ZoneInfo(BERLIN)).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(8), ZoneInfo(BERLIN)).astimezone(UTC)
    assert gaps(turns, start, end) == []


def test_every_second_week_is_counted_from_the_first_one() -> None:
    fridays = rule(weekdays=frozenset({4}), every_weeks=2, first_on=date(2026, 3, 4))
    days = [t.on_day for t in expand(fridays, date(2026, 3, 1), date(2026, 4, 5))]
    assert days == [date(2026, 3, 6), date(2026, 3, 20), date(2026, 4, 3)]


def test_a_skipped_day_and_days_outside_the_promise_are_no_shifts() -> None:
    short = rule(last_on=date(2026, 3, 4), skips=frozenset({date(2026, 3, 3)}))
    assert [t.on_day for t in expand(short, date(2026, 2, 1), date(2026, 4, 1))] == [
        date(2026, 3, 2),
        date(2026, 3, 4),
    ]


@given(
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.times(),
    st.times(),
    st.sampled_from(
        [BERLIN, "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata"]
    ),
)
def test_a_daily_shift_begins_at_its_wall_time_or_in_the_gap_that_swallowed_it(
    day: date, starts: time, ends: time, zone: str
) -> None:
    starts, ends = starts.replace(fold=0), ends.replace(fold=0)
    for turn in expand(rule(starts=starts, ends=ends, zone=zone, first_on=day), day, day):
        assert turn.ends_at > turn.starts_at
        assert turn.ends_at - turn.starts_at <= timedelta(hours=26)
        local = turn.starts_at.astimezone(ZoneInfo(zone))
        late = datetime.combine(local.date(), local.time()) - datetime.combine(day, starts)
        assert timedelta() <= late <= timedelta(hours=1)


TURNS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 40), st.sampled_from(["primary", "secondary", "lead"]))
)


@given(TURNS)
def test_a_moment_is_in_a_gap_exactly_when_nobody_but_a_lead_is_on_duty(
    raw: list[tuple[int, int, str]],
) -> None:
    zero = at("2026-03-02T00:00")
    turns = [
        Turn(ANN, seat, zero + timedelta(hours=a), zero + timedelta(hours=a + n))  # type: ignore[arg-type]
        for a, n, seat in raw
    ]
    found = gaps(turns, zero, zero + timedelta(hours=168))
    for hour in range(168):
        moment = zero + timedelta(hours=hour, minutes=30)
        assert any(a <= moment < b for a, b in found) == (not on_duty(turns, moment).anyone)


def test_a_small_team_has_gaps_in_its_stated_hours_alone() -> None:
    hours = parse(["mon-fri 18:00-22:00"], BERLIN)
    monday = at("2026-03-02T00:00")
    turns = [Turn(ANN, "primary", at("2026-03-02T17:00"), at("2026-03-02T20:00"))]
    found = gaps(turns, monday, monday + timedelta(days=2), hours)
    assert found == [
        (at("2026-03-02T20:00"), at("2026-03-02T21:00")),
        (at("2026-03-03T17:00"), at("2026-03-03T21:00")),
    ]


def test_who_left_a_test_page_unanswered_comes_after_their_secondary() -> None:
    start, end = at("2026-03-02T20:00"), at("2026-03-03T06:00")
    turns = [Turn(ANN, "primary", start, end, taken_over=True), Turn(BOB, "secondary", start, end)]
    duty = on_duty(turns, start)
    assert (duty.primary, duty.secondary) == ((BOB,), (ANN,))


def test_a_shift_covers_from_its_first_moment_to_just_before_its_last() -> None:
    start, end = at("2026-03-02T20:00"), at("2026-03-03T06:00")
    turns = [Turn(ANN, "primary", start, end)]
    assert on_duty(turns, start).anyone
    assert not on_duty(turns, end).anyone
    assert not on_duty([Turn(ANN, "lead", start, end)], start).anyone
    assert next_cover(turns, start - timedelta(hours=1)) == start
    assert next_cover(turns, start) is None


def test_nobody_is_in_two_seats_at_once() -> None:
    start = at("2026-03-02T20:00")
    one = Turn(ANN, "primary", start, start + timedelta(hours=2))
    assert clashes(one, [Turn(ANN, "secondary", start + timedelta(hours=1), start + timedelta(hours=3))])
    assert not clashes(one, [Turn(ANN, "secondary", one.ends_at, one.ends_at + timedelta(hours=1))])
    assert not clashes(one, [Turn(BOB, "secondary", start, one.ends_at)])


def test_training_counts_on_its_last_day_and_lapses_the_next() -> None:
    records = [
        Record(ANN, "care", date(2025, 1, 1), date(2026, 1, 1)),
        Record(BOB, "conduct", date(2025, 1, 1), date(2027, 1, 1)),
        Record(CAT, "care", date(2024, 1, 1), date(2025, 1, 1)),
        Record(CAT, "care", date(2025, 1, 1), date(2027, 1, 1)),
    ]
    assert trained(records, "care", date(2026, 1, 1)) == {ANN, CAT}
    assert trained(records, "care", date(2026, 1, 2)) == {CAT}
    assert lapsed(records, "care", date(2026, 1, 2)) == {ANN}


def test_reading_hours_are_wall_time_and_may_cross_midnight() -> None:
    hours = parse(["fri-sun 20:00-02:00", "wed 9:00-24:00"], BERLIN)
    assert hours.is_open(at("2026-03-07T00:30"))  # Saturday 01:30, of Friday's window
    assert not hours.is_open(at("2026-03-07T01:00"))
    assert hours.next_open(at("2026-03-02T12:00")) == at("2026-03-04T08:00")
    assert hours.next_open(at("2026-03-04T12:00")) == at("2026-03-04T12:00")
    assert hours.open_since(at("2026-03-07T00:30")) == at("2026-03-06T19:00")
    assert hours.open_since(at("2026-03-05T12:00")) is None


@pytest.mark.parametrize(
    "text", ["always", "mon 25:00-26:00", "mon-fre 09:00-10:00", "mon 09:00", "mon 9-10"]
)
def test_hours_that_nobody_can_read_are_refused(text: str) -> None:
    with pytest.raises(BadHours):
        parse([text], "UTC")


def test_no_hours_are_never_open() -> None:
    assert parse([], "UTC").next_open(at("2026-03-02T12:00")) is None
