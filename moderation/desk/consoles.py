"""The consoles' stream: {case, version} as server-sent events when something about a case has changed.

Ids and numbers only; a console reads the rest, if it may. A console too slow to listen loses events and
reads the whole queue again when it asks anew; nothing waits for it. While its person is on a break it hears only of
what they hold or are asked for, and looks at the queue again afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Literal
from uuid import UUID

import msgspec

from community.bus import Bus, Topic
from community.ids import CaseId

WAITING_MAX = 200
HEARTBEAT_S = 20.0
LOOK: Final = b"event: look\ndata: {}\n\n"
"""Something was missed: read the queue again."""

VersionFor = Callable[[CaseId], Awaitable[int | Literal["later"] | None]]
"""The case's version for this console's person; None where it doesn't exist for them, "later" while they rest."""


class Consoles:
    def __init__(self, bus: Bus) -> None:
        self._queues: set[asyncio.Queue[UUID | None]] = set()
        self._closed = False
        bus.listen(self._on_ring, None, self._on_gap)

    def close(self) -> None:
        """End every stream; the server is going away."""
        self._closed = True
        for queue in self._queues:
            _put(queue, None)

    async def stream(self, version_for: VersionFor) -> AsyncIterator[bytes]:
        """Events for one console until it goes or the server does."""
        queue: asyncio.Queue[UUID | None] = asyncio.Queue(WAITING_MAX)
        self._queues.add(queue)
        later: CaseId | None = None  # news of it waits for the end of a break
        try:
            yield b"retry: 3000\n\n"
            while not self._closed:
                try:
                    case = await asyncio.wait_for(queue.get(), HEARTBEAT_S)
                except TimeoutError:
                    yield b": still here\n\n"
                    case = later
                    if case is None:
                        continue
                if case is None:
                    yield LOOK
                    continue
                version = await version_for(CaseId(case))
                if version == "later":
                    later = CaseId(case)
                elif later is not None and await version_for(later) != "later":
                    later = None
                    yield LOOK
                elif version is not None:
                    data = msgspec.json.encode({"case": str(case), "version": version})
                    yield b"event: case\ndata: " + data + b"\n\n"
        finally:
            self._queues.discard(queue)

    def _on_ring(self, topic: Topic, id: UUID) -> None:
        if topic == "desk":
            for queue in self._queues:
                _put(queue, id)

    def _on_gap(self) -> None:
        for queue in self._queues:
            _put(queue, None)


def _put(queue: asyncio.Queue[UUID | None], item: UUID | None) -> None:
    if not queue.full():
        queue.put_nowait(item)
