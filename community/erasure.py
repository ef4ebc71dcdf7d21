"""Erasing an account: words gone everywhere, the name gone from the log, numbers kept whole.

Who was erased is also written into a ledger beside the data directory and outside every backup, before the
commit: a restore reads it and erases again. The ledger holds ids and times, nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Conflict
from community.ids import ConversationId, MemberId, MessageId
from community.store import conversations, events, people, sessions
from community.store import export as store
from community.store.events import NewEvent

Seals = Callable[[Tx, MemberId], Awaitable[Collection[MessageId]]]
"""Messages whose words a case still needs; from moderation/."""
Drop = Callable[[Tx, MemberId], Awaitable[None]]
"""What another package forgets about a member, in the same transaction."""


class Ledger:
    """One JSON line an erasure, synced to disk before it counts."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, member: MemberId, at: datetime) -> None:
        line = json.dumps({"member": str(member), "at": at.isoformat()}) + "\n"
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def members(self) -> list[MemberId]:
        """Everyone who was ever erased, in order."""
        if not self._file.exists():
            return []
        lines = self._file.read_text().splitlines()
        return [MemberId(UUID(json.loads(line)["member"])) for line in lines if line.strip()]


class Erasure:
    def __init__(
        self, database: Database, clock: Clock, bus: Bus, ledger: Ledger, hooks: tuple[Seals, Sequence[Drop]]
    ) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._ledger = ledger
        self._seals, self._drops = hooks

    async def erase(self, member: MemberId) -> None:
        """Erase for good. Doing it twice is fine. Raises Conflict for the last operator."""
        await self._erase(member, even_the_last_operator=False)

    async def _erase(self, member: MemberId, *, even_the_last_operator: bool) -> None:
        now = self._clock.now()
        async with self._database.transaction(command_seconds=30) as tx:
            seen = await people.by_id(tx, member)
            if seen is not None and seen.is_operator:
                await people.hold_operators(tx)
            await people.lock(tx, member)
            row = await people.by_id(tx, member)
            if row is None:
                return
            last = row.is_operator and await people.count_operators(tx) <= 1
            if last and not even_the_last_operator:
                raise Conflict(
                    "You are the last operator. Make someone else one first.", code="last_operator"
                )
            rung = await self._take_back(tx, member, now)
            ended = await sessions.revoke_all(tx, member, now=now)
            sealed = await self._seals(tx, member)
            for drop in self._drops:
                await drop(tx, member)
            await store.drop_words(tx, member, keep=sealed)
            await store.drop_account(tx, member, now=now)
            self._ledger.write(member, now)
        for conversation in rung:
            self._bus.ring("conversation", conversation)
        for session in ended:
            self._bus.ring("session", session)
        self._bus.ring("member", member)

    async def repeat(self) -> int:
        """After a restore: erase again everyone in the ledger that the backup brought back. Their number."""
        again = 0
        for member in self._ledger.members():
            async with self._database.read() as conn:
                known = await people.by_id(conn, member)
            if known is not None:
                # They were erased once already; a backup from before must not hold up the restore.
                await self._erase(member, even_the_last_operator=True)
                again += 1
        return again

    async def _take_back(self, tx: Tx, member: MemberId, now: datetime) -> list[ConversationId]:
        """A withdraw event for each message that others can read, so that live screens lose it too."""
        found = await store.conversations_of(tx, member)
        for conversation in found:  # in id order, like everyone who locks conversations
            heads = await conversations.lock(tx, {conversation})
            ids = await store.standing_words(tx, member, conversation)
            first = heads[conversation] + 1
            gone = [NewEvent(conversation, 0, "withdraw", id) for id in ids]
            await events.append(tx, [replace(e, seq=first + n) for n, e in enumerate(gone)], now=now)
            await conversations.set_heads(tx, {conversation: heads[conversation] + len(ids)})
        return found
