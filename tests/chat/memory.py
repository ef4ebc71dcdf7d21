"""A log in memory behind chat.reading.Reader, with faults to order; and lines that remember what they got."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from chat.frames import payloads
from chat.reading import Blocks, Facts, NewNotice, Pair
from community.errors import Unavailable
from community.ids import ConversationId, MemberId, MessageId, SessionId, new_id
from community.log import LoggedEvent

MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class MemoryReader:
    """Everyone may read everything but what is in `forbidden`. While `is_away`, every read fails."""

    def __init__(self) -> None:
        self.logs: dict[ConversationId, list[LoggedEvent]] = defaultdict(list)
        self.forbidden: set[Pair] = set()
        self.dead: set[SessionId] = set()
        self.known: dict[MemberId, Facts] = {}
        self.letters: list[tuple[datetime, NewNotice]] = []
        self.is_away = False
        self.reads = 0
        self._was_read = asyncio.Event()
        self.refused = asyncio.Event()
        self.during_read: Callable[[], None] | None = None

    def say(self, c: ConversationId, author: MemberId, text: str = "hello", **more: Any) -> LoggedEvent:
        """Append a message to the log."""
        return self.log(
            c, kind="message", message_id=MessageId(new_id()), author_id=author, shown=text, **more
        )

    def log(self, c: ConversationId, **fields: Any) -> LoggedEvent:
        facts: dict[str, Any] = {
            "kind": "message",
            "message_id": None,
            "author_id": None,
            "author_handle": "someone",
            "state": "visible",
            "shown": "",
            "html": "",
            "own_body": None,
            "reply_to": None,
            "warnings": (),
            "created_at": MOMENT,
            "edited_at": None,
            "member_id": None,
            "emoji": None,
            "on": None,
            "notice": None,
            **fields,
        }
        event = LoggedEvent(c=c, seq=len(self.logs[c]) + 1, at=MOMENT, **facts)
        self.logs[c].append(event)
        return event

    async def until_read(self, times: int = 1) -> None:
        """Wait until the log was read that often."""
        async with asyncio.timeout(5):
            while self.reads < times:
                self._was_read.clear()
                await self._was_read.wait()

    async def _pause(self) -> None:
        if self.is_away:
            self.refused.set()
            raise Unavailable
        await asyncio.sleep(0)
        if self.during_read is not None:
            self.during_read()

    async def read_after(self, positions: Mapping[ConversationId, int], limit: int) -> list[LoggedEvent]:
        self.reads += 1
        found = [e for c in sorted(positions) for e in self.logs[c][positions[c] : positions[c] + limit]]
        self._was_read.set()
        await self._pause()
        return found

    async def heads(self, ids: Collection[ConversationId]) -> Mapping[ConversationId, int]:
        found = {c: len(self.logs[c]) for c in ids}
        await self._pause()
        return found

    async def epoch(self) -> str:
        await self._pause()
        return "epoch-1"

    async def readable(self, pairs: Collection[Pair]) -> Mapping[Pair, int]:
        found = {pair: len(self.logs[pair[1]]) for pair in pairs if pair not in self.forbidden}
        await self._pause()
        return found

    async def alive(self, sessions: Collection[SessionId]) -> set[SessionId]:
        await self._pause()
        return set(sessions) - self.dead

    async def facts(self, members: Collection[MemberId]) -> Mapping[MemberId, Facts]:
        await self._pause()
        return {m: self.known.get(m, Facts(f"member {m}", Blocks(), False)) for m in members}

    async def handles(self, members: Collection[MemberId]) -> Mapping[MemberId, str]:
        return {m: facts.handle for m, facts in (await self.facts(members)).items()}

    async def notices(self, since: Mapping[MemberId, datetime]) -> list[NewNotice]:
        await self._pause()
        return [n for at, n in self.letters if n.member_id in since and at >= since[n.member_id]]


class MemoryLine:
    """chat.wire.Wire that remembers. `is_writable` is the test's to set; `empty` says it may flow again."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.is_writable = True
        self._call: Callable[[], None] | None = None
        self._news = asyncio.Event()

    def write(self, frames: bytes) -> None:
        assert self.closed is None, "nothing is written to a closed line"
        self.frames += [json.loads(text) for text in payloads(frames)]
        self._news.set()

    def on_writable(self, call: Callable[[], None]) -> None:
        self._call = call

    def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (code, reason)
        self._news.set()

    def empty(self) -> None:
        self.is_writable = True
        if self._call is not None:
            self._call()

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["t"] in kinds]

    def seqs(self, c: ConversationId) -> list[int]:
        return [frame["seq"] for frame in self.of("event", "skip") if frame["c"] == str(c)]

    async def until(self, holds: Callable[[], bool], seconds: float = 5) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                self._news.clear()
                await self._news.wait()
