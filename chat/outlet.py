"""A client's bounded outlet: what is waiting for a slow reader, and when to give up on it.

While the line takes bytes, frames go straight through. When it is full they wait here, within three limits;
best-effort frames are dropped first, then the client is closed with 4008 and comes back with `after`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from chat.wire import Wire

FRAMES_MAX: Final = 256
BYTES_MAX: Final = 1024 * 1024
OLDEST_SECONDS: Final = 10.0
BEST_EFFORT_MAX: Final = 64
"""With so many waiting, a best-effort frame isn't worth a place."""
SLOW: Final = 4008


class _Waiting(NamedTuple):
    frames: bytes
    n: int
    since: float
    is_best_effort: bool


class Outlet:
    """Everything said to one client goes through here, in order. Nothing in here waits or raises."""

    __slots__ = ("_bytes", "_count", "_monotonic", "_waiting", "_when_empty", "is_closed", "wire")

    def __init__(self, wire: Wire, monotonic: Callable[[], float]) -> None:
        self.wire = wire
        self.is_closed = False
        self._monotonic = monotonic
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._count = 0
        self._when_empty: list[Callable[[], None]] = []
        wire.on_writable(self._flush)

    @property
    def is_flowing(self) -> bool:
        """Whether the next frame would go straight to the line."""
        return not self._waiting and self.wire.is_writable

    def put(self, frames: bytes, count: int = 1, *, is_best_effort: bool = False) -> None:
        """Send `count` complete frames, or keep them for later; may close the outlet."""
        if self.is_closed:
            return
        if not self._waiting and self.wire.is_writable:
            self.wire.write(frames)
        elif not is_best_effort or self._count < BEST_EFFORT_MAX:
            self._keep(_Waiting(frames, count, self._monotonic(), is_best_effort))

    def when_flowing(self, call: Callable[[], None]) -> None:
        """Call once the outlet is empty and the line takes more, or is closed. Catch-up paces itself by it."""
        if self.is_flowing or self.is_closed:
            call()
        else:
            self._when_empty.append(call)

    def close(self, code: int, reason: str) -> None:
        """Drop what is waiting, say why, close. What the line already holds still goes out before that."""
        if not self.is_closed:
            self.abandon()
            self.wire.close(code, reason)

    def abandon(self) -> None:
        """The client has gone: forget everything."""
        self.is_closed = True
        self._waiting.clear()
        self._count = self._bytes = 0
        self._call_waiters()

    def check_age(self, now: float) -> None:
        """Close if the oldest waiting frame is too old. Asked every second for outlets that may be stuck."""
        if self._waiting and now - self._waiting[0].since > OLDEST_SECONDS:
            self._give_up()

    def _keep(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        self._count += waiting.n
        self._bytes += len(waiting.frames)
        if self._is_over():
            self._drop_best_effort()
        if self._is_over() or waiting.since - self._waiting[0].since > OLDEST_SECONDS:
            self._give_up()

    def _is_over(self) -> bool:
        return self._count > FRAMES_MAX or self._bytes > BYTES_MAX

    def _drop_best_effort(self) -> None:
        self._waiting = deque(w for w in self._waiting if not w.is_best_effort)
        self._count = sum(w.n for w in self._waiting)
        self._bytes = sum(len(w.frames) for w in self._waiting)

    def _give_up(self) -> None:
        self.close(SLOW, "You were reading too slowly; come back with `after` and nothing is lost.")

    def _flush(self) -> None:
        while self._waiting and self.wire.is_writable:
            waiting = self._waiting.popleft()
            self._count -= waiting.n
            self._bytes -= len(waiting.frames)
            self.wire.write(waiting.frames)
        if not self._waiting and self.wire.is_writable:
            self._call_waiters()

    def _call_waiters(self) -> None:
        waiters, self._when_empty = self._when_empty, []
        for call in waiters:
            call()
