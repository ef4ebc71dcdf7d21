"""A task that was told to end does, also when the first telling was lost."""

from __future__ import annotations

import asyncio

from community.endings import end


async def test_a_task_whose_cancellation_was_swallowed_is_told_again() -> None:
    """The bus once listened on after it was stopped: its line broke in the same moment, and the stop never returned."""
    swallowed = asyncio.Event()

    async def listens() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if swallowed.is_set():
                    raise
                swallowed.set()

    task = asyncio.create_task(listens())
    await asyncio.sleep(0)
    await asyncio.wait_for(end([task]), 10)
    assert task.cancelled() and swallowed.is_set()


async def test_what_ended_before_or_by_an_error_is_no_trouble() -> None:
    async def fails() -> None:
        raise ValueError

    failed = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await end([failed])
    await end([])
