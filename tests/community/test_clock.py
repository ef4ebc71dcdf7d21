"""The clock: one source of time, and one that a test can move."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from community.clock import Clock, ManualClock, SystemClock


def test_system_time_is_aware_and_in_utc() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()


async def test_a_system_sleep_of_nothing_returns_at_once() -> None:
    clock = SystemClock()
    await clock.sleep(-1)
    await clock.until(clock.now() - timedelta(days=1))


async def test_the_system_clock_waits_until_the_moment() -> None:
    clock = SystemClock()
    moment = clock.now() + timedelta(milliseconds=5)
    await clock.until(moment)
    assert clock.now() >= moment


async def test_sleepers_wake_in_the_order_of_their_moments() -> None:
    clock: ManualClock = ManualClock()
    woken: list[str] = []

    async def nap(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    tasks = [asyncio.create_task(nap("late", 20)), asyncio.create_task(nap("early", 10))]
    await clock.sleepers(2)
    clock.advance(9.5)
    await asyncio.sleep(0)
    assert woken == []
    clock.advance(30)
    await asyncio.gather(*tasks)
    assert woken == ["early", "late"]
    assert clock.monotonic() == 39.5


async def test_a_cancelled_sleeper_does_not_stop_the_others() -> None:
    clock = ManualClock()
    gone = asyncio.create_task(clock.sleep(1))
    stays = asyncio.create_task(clock.sleep(2))
    await clock.sleepers(2)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    clock.advance(timedelta(seconds=2))
    await stays


def test_a_manual_clock_starts_aware_and_never_runs_backwards() -> None:
    with pytest.raises(ValueError):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test
    elsewhere = ManualClock(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert elsewhere.now() == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError):
        elsewhere.advance(-1)
