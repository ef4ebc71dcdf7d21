"""One act on a pairing, with everything that belongs to it in the same transaction: the row, the act, who is in
the conversation, and whom to tell. People, clocks, blocks and erasure all pass here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from chat.pairings.machine import Act, IllegalAct, step
from chat.store import pairings as store
from chat.store.pairings import PairingRow
from community.bus import Bus, Topic
from community.database import Tx, require_tx
from community.errors import Conflict
from community.ids import ConversationId, MemberId, NoticeId, new_id
from community.store import conversations, events, people
from community.store.events import NewEvent

ENDED = "pairing_ended"
"""The notice in the log with which a conversation closes."""

NoticeKind = Literal["pairing_asked", "pairing_news", "pairing_said"]


@dataclass(slots=True)
class Rings:
    """Whom to wake after the commit."""

    due: dict[tuple[Topic, UUID], None] = field(default_factory=dict)

    def add(self, topic: Topic, *ids: UUID | None) -> None:
        for id in ids:
            if id is not None:
                self.due[(topic, id)] = None

    def ring(self, bus: Bus) -> None:
        for topic, id in self.due:
            bus.ring(topic, id)


async def act(tx: Tx, row: PairingRow, what: Act, rings: Rings, *, now: datetime) -> PairingRow:
    """The pairing after one act, written. Opens the conversation when both have agreed and closes it at the end.
    Raises Conflict where the act isn't possible any more."""
    require_tx(tx)
    try:
        after = step(row.pairing, what, now)
    except IllegalAct:
        raise Conflict from None
    await store.append(tx, row.id, what, now=now)
    await store.update(tx, row.id, after)
    if after.state == "open":
        for member in (after.member, after.beside):
            assert member is not None, "two people have just agreed"
            await conversations.add_participant(tx, row.id, member, now=now)
    if after.state == "ended":
        await _close(tx, row.id, now)
    rings.add("conversation", row.id)
    rings.add("member", after.member, after.beside, row.pairing.beside)
    return replace(row, pairing=after)


async def _close(tx: Tx, id: ConversationId, now: datetime) -> None:
    """Nobody writes any more; what was said stays with the two, who can each take their own words back."""
    heads = await conversations.lock(tx, [id])
    await conversations.set_state(tx, id, "read_only")
    await events.append(tx, [NewEvent(id, heads[id] + 1, "notice", notice=ENDED)], now=now)
    await conversations.set_heads(tx, {id: heads[id] + 1})


async def tell(
    tx: Tx, id: ConversationId, kind: NoticeKind, whom: Iterable[MemberId | None], *, now: datetime
) -> None:
    """A discreet notice: that there is something, never what or from whom."""
    for member in sorted({one for one in whom if one is not None}):
        await people.add_notice(
            tx,
            member,
            id=NoticeId(new_id()),
            kind=kind,
            message_id=None,
            parameters={"pairing": str(id)},
            now=now,
        )


def undone_by(row: PairingRow, member: MemberId) -> Act:
    """What becomes of something that waits or is open when this person is gone, or wants nothing to do with the
    other any more."""
    p = row.pairing
    if p.state == "open":
        return Act("ended", member if p.has(member) else None)
    if p.asked_by == member:
        return Act("withdrawn", member)
    return Act("passed" if p.to_group else "declined", member)
