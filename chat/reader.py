"""The live side's reader over Postgres: each call takes a connection for one statement and gives it back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from chat.reading import Blocks, Facts, NewNotice, Pair
from community.clock import Clock
from community.database import Database
from community.ids import ConversationId, MemberId, SessionId
from community.log import LoggedEvent
from community.store import events, live, people, sessions

NoticeWords = Callable[[str, Mapping[str, Any]], str]
"""A notice's kind and parameters, put into words for the person."""


class StoreReader:
    """chat.reading.Reader for real."""

    def __init__(self, database: Database, clock: Clock, words: NoticeWords) -> None:
        self._database = database
        self._clock = clock
        self._words = words

    async def read_after(self, positions: Mapping[ConversationId, int], limit: int) -> list[LoggedEvent]:
        async with self._database.read() as conn:
            return await events.read_after(conn, positions, limit)

    async def heads(self, ids: Collection[ConversationId]) -> Mapping[ConversationId, int]:
        async with self._database.read() as conn:
            return await events.heads(conn, ids)

    async def epoch(self) -> str:
        async with self._database.read() as conn:
            return str(await events.epoch(conn))

    async def readable(self, pairs: Collection[Pair]) -> Mapping[Pair, int]:
        async with self._database.read() as conn:
            return await live.readable(conn, pairs)

    async def alive(self, ids: Collection[SessionId]) -> set[SessionId]:
        async with self._database.read() as conn:
            return await sessions.alive(conn, list(ids), now=self._clock.now())

    async def facts(self, members: Collection[MemberId]) -> Mapping[MemberId, Facts]:
        async with self._database.read() as conn:
            found = await live.members(conn, members)
        return {m.id: Facts(m.handle, Blocks(m.blocked, m.blockers), m.is_seen, m.language) for m in found}

    async def handles(self, members: Collection[MemberId]) -> Mapping[MemberId, str]:
        async with self._database.read() as conn:
            found = await people.handles(conn, list(members))
        return {id: handle for id, handle in found.items() if handle is not None}

    async def notices(self, since: Mapping[MemberId, datetime]) -> list[NewNotice]:
        async with self._database.read() as conn:
            found = await live.notices(conn, since)
        return [
            NewNotice(n.id, n.member_id, n.kind, self._words(n.kind, n.parameters), n.message_id)
            for n in found
        ]
