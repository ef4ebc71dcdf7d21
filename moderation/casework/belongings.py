"""What casework keeps about one person beside cases: for their export, and to be dropped when they are erased.

Words in open cases stay sealed until those are closed (store/sealing.py); this is the rest.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from community.clock import Clock
from community.database import Conn, Tx
from community.ids import MemberId
from moderation.casework.sealed import CantOpen, Keys
from moderation.casework.second_person import SealedContact
from moderation.store import conduct, console, follow_ups, letters, sealed_boxes


class OwnDecision(msgspec.Struct, frozen=True):
    message: UUID
    decision: str
    rule: str
    at: datetime


class Kept(msgspec.Struct, frozen=True):
    """Casework's part of a person's export."""

    emergency_contact: SealedContact | None
    letters: list[UUID]
    decisions: list[OwnDecision]
    wants_follow_ups: bool | None


class CareBelongings:
    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    async def of(self, conn: Conn, member: MemberId) -> Kept:
        """For community/export.py: the contact is opened, since it is the member's own."""
        found = await sealed_boxes.contact(conn, member)
        contact = None
        if found is not None:
            try:
                plain = self._keys.open(found[0], f"contact:{member}")
                contact = msgspec.json.decode(plain, type=SealedContact)
            except CantOpen:
                contact = SealedContact(note="(the key is gone)")
        return Kept(
            contact,
            [row.conversation_id for row in await letters.of_member(conn, member)],
            [
                OwnDecision(d.message_id, d.decision, d.rule, d.at)
                for d in await conduct.decisions_for(conn, member)
            ],
            await follow_ups.wish(conn, member),
        )

    async def drop(self, tx: Tx, member: MemberId) -> None:
        """For community/erasure.py: nothing more is planned for them, and nothing sealed stays."""
        await sealed_boxes.drop_contact(tx, member)
        await console.drop_setting(tx, member)
        await follow_ups.cancel_of(tx, member, now=self._clock.now())
