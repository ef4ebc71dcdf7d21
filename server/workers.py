"""Several processes on one port: start them, start again what fell over, end them in order.

Workers share the listening socket and know nothing of each other but the bus. Each gets its settings through
its standard input, so that no secret stands on a command line, and dies with us whatever kills us.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from community.clock import Clock, SystemClock
from server.serving import told_to_leave
from server.settings import Settings
from server.worker import Order

log = logging.getLogger("kith.serve")

PAUSE_SECONDS: Final = 0.5
PAUSE_SECONDS_MAX: Final = 30.0
STEADY_SECONDS: Final = 60.0
"""A worker that lived so long fell over by accident; one that didn't is started again more slowly."""
WATCH_SECONDS: Final = 1.0
KILL_AFTER_SECONDS: Final = 15.0
LOOK_SECONDS: Final = 0.2  # how often the end looks for a worker that was started meanwhile


class Workers:
    """The workers of one `kith serve`. `run` returns after a signal, when all have ended."""

    def __init__(
        self, settings: Settings, data: Path, listener: socket.socket, watch: Callable[[], object]
    ) -> None:
        self._settings = settings
        self._data = data
        self._listener = listener
        self._watch = watch
        self._clock: Clock = SystemClock()
        self._alive: set[Process] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        keepers = [asyncio.create_task(self._keep(n)) for n in range(self._settings.server.workers)]
        while not await self._stops_within(WATCH_SECONDS):
            self._watch()
            if told_to_leave():
                self._stopping.set()
        await self._end(keepers)

    async def _keep(self, number: int) -> None:
        """One place among the workers, never empty for long."""
        pause = PAUSE_SECONDS
        while not self._stopping.is_set():
            began = self._clock.monotonic()
            process = await self._start()
            code = await process.wait()
            self._alive.discard(process)
            if self._stopping.is_set():
                return
            log.error("worker_ended", extra={"worker": number, "exit_code": code})
            if self._clock.monotonic() - began > STEADY_SECONDS:
                pause = PAUSE_SECONDS
            await self._stops_within(pause)
            pause = min(PAUSE_SECONDS_MAX, pause * 2)

    async def _stops_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()

    async def _start(self) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # not the directory we happen to stand in, which may have a `server` of its own
            "-m",
            "server.worker",
            stdin=asyncio.subprocess.PIPE,
            pass_fds=[self._listener.fileno()],
            start_new_session=True,  # Ctrl-C reaches us alone; we tell them
        )
        self._alive.add(process)
        order = Order(self._settings, str(self._data), self._listener.fileno())
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(order))
        process.stdin.close()
        return process

    async def _end(self, keepers: Collection[asyncio.Task[None]]) -> None:
        """Tell every worker to leave, also one that was just being started when the signal came, and kill
        those that are late. Raises what a keeper raised."""
        late = self._clock.monotonic() + self._settings.server.drain_seconds + KILL_AFTER_SECONDS
        told: set[Process] = set()
        waiting: Collection[asyncio.Task[None]] = keepers
        while waiting:
            for process in [p for p in self._alive if p.returncode is None]:
                if self._clock.monotonic() > late:
                    process.kill()
                elif process not in told:
                    process.terminate()
                    told.add(process)
            _, waiting = await asyncio.wait(waiting, timeout=LOOK_SECONDS)
        await asyncio.gather(*keepers)
