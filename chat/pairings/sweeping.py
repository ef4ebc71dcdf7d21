"""What happens to pairings without anybody pressing a button: asks lapse, a block or a leave ends what is open,
unread words are told of once, and an erased person is named nowhere. Every deadline is a row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from chat.pairings.acting import Rings, act, tell, undone_by
from chat.pairings.machine import Act
from chat.store import pairing_facts as facts
from chat.store import pairings as store
from chat.store import supporters
from chat.store.pairings import PairingRow
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Conflict
from community.ids import ConversationId, MemberId

UNREAD_AFTER: Final = timedelta(minutes=1)
"""Whoever has the page open has read it by then (our own value)."""


class Sweeping:
    def __init__(self, database: Database, clock: Clock, bus: Bus) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus

    async def run(self) -> None:
        """The job: everything that is due. Two at once find the rows of the other changed already."""
        now = self._clock.now()
        async with self._database.read() as conn:
            lapsing, orphaned = await facts.due(conn, now=now), await facts.orphaned(conn)
            unheard = await facts.unheard(conn, said_before=now - UNREAD_AFTER)
        async with self._database.transaction() as tx:
            await supporters.unname_gone(tx, now=now)
            forsaken = await facts.forsaken(tx)
        for id in forsaken:
            await self._alone(id, self._forsake)
        for id in lapsing:
            await self._alone(id, self._lapse)
        for id in orphaned:
            await self._alone(id, self._end)
        for id, member, seq in unheard:
            await self._say(id, member, seq)

    async def blocked(self, tx: Tx, member: MemberId, other: MemberId) -> Callable[[], None]:
        """`member` wants nothing to do with `other` any more: in the transaction that keeps the block. Asks of
        the other are only hidden, so that they look like any that nobody answers."""
        rings = Rings()
        for id in await facts.standing_between(tx, member, other):
            row = await store.lock(tx, id)
            if row is None or not _is_over_for(row, member, other):
                continue
            await self._undo(tx, row, _parted_by(row, member), rings)
        return lambda: rings.ring(self._bus)

    async def erased(self, tx: Tx, member: MemberId) -> None:
        """For community/erasure.py: nothing waits for or goes on with them, and nothing names them."""
        for id in await facts.standing_of(tx, member):
            row = await store.lock(tx, id)
            if row is not None and not _goes_on_without(row, member):
                await self._undo(tx, row, undone_by(row, member), Rings())
        await store.forget(tx, member)
        await supporters.forget(tx, member)

    async def _undo(self, tx: Tx, row: PairingRow, what: Act, rings: Rings) -> None:
        now, p = self._clock.now(), row.pairing
        if p.state not in ("asked", "accepted", "open"):
            return
        await act(tx, row, what, rings, now=now)
        if p.state == "open":
            told = [p.other(what.by)] if what.by is not None else [p.member, p.beside]
            await tell(tx, row.id, "pairing_news", told, now=now)

    async def _alone(
        self, id: ConversationId, what: Callable[[Tx, PairingRow, Rings], Awaitable[None]]
    ) -> None:
        rings = Rings()
        try:
            async with self._database.transaction() as tx:
                row = await store.lock(tx, id)
                if row is None:
                    return
                await what(tx, row, rings)
        except Conflict:
            return  # somebody was quicker
        rings.ring(self._bus)

    async def _lapse(self, tx: Tx, row: PairingRow, rings: Rings) -> None:
        now = self._clock.now()
        await act(tx, row, Act("lapsed"), rings, now=now)
        await tell(tx, row.id, "pairing_news", [row.pairing.asked_by], now=now)

    async def _forsake(self, tx: Tx, row: PairingRow, rings: Rings) -> None:
        """An ask to the group waits for somebody else; what was offered or handed over doesn't come about."""
        beside = row.pairing.beside
        if beside is not None and not await supporters.lock(tx, row.group_id, beside):
            await self._undo(tx, row, undone_by(row, beside), rings)

    async def _end(self, tx: Tx, row: PairingRow, rings: Rings) -> None:
        now = self._clock.now()
        await act(tx, row, Act("ended"), rings, now=now)
        await tell(tx, row.id, "pairing_news", [row.pairing.member, row.pairing.beside], now=now)

    async def _say(self, id: ConversationId, member: MemberId, seq: int) -> None:
        """That something new is there; not again while the last such notice is unread."""
        async with self._database.transaction() as tx:
            if not await facts.told(tx, id, member, seq) or await facts.has_unread_word(tx, member, id):
                return
            await tell(tx, id, "pairing_said", [member], now=self._clock.now())
        self._bus.ring("member", member)


def _parted_by(row: PairingRow, member: MemberId) -> Act:
    """An ask to the group waits on for somebody else."""
    p = row.pairing
    return (
        Act("passed", member)
        if p.to_group and p.beside is not None and p.state != "open"
        else undone_by(row, member)
    )


def _is_over_for(row: PairingRow, member: MemberId, other: MemberId) -> bool:
    """Whether a block by this person undoes it at once: what is open between the two, what they asked for, and
    what they or the other had accepted of an ask to the group."""
    p = row.pairing
    if p.state == "open":
        return p.has(member) and p.has(other)
    return p.asked_by == member or p.to_group


def _goes_on_without(row: PairingRow, member: MemberId) -> bool:
    """Open between two others: this person only brought them together, by handing over."""
    return row.pairing.state == "open" and not row.pairing.has(member)
