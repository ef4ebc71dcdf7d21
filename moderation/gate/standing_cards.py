"""Support cards after a reload: still in place beside the author's words, until the author puts them away.

Somebody in danger who loads the page again must not lose the numbers. Cards about abuse are the exception:
whoever looks over a shoulder, or takes the phone, would read them, so they show once and never come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from community.clock import Clock
from community.database import Database
from community.ids import ConversationId, MemberId, MessageId
from community.store import cards as store
from moderation.gate.submissions import repeated
from moderation.gate.support import SupportCard

STANDS_FOR: Final = timedelta(hours=12)
"""After that its word on who reads next is no longer true; our own value."""
SHOWN_ONCE: Final = frozenset(("abuse", "child"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A card and the message that it answers."""

    message: MessageId
    card: SupportCard


class StandingCards:
    """Shared by the pages of rooms and threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, author: MemberId, conversation: ConversationId) -> Standing | None:
        """The newest card that still stands here for this author."""
        since = self._clock.now() - STANDS_FOR
        async with self._database.read() as conn:
            found = await store.standing(conn, author, conversation, since=since)
        card = repeated("", found.result).support if found else None
        if found is None or card is None or card.topic in SHOWN_ONCE:
            return None
        return Standing(found.message_id, card)

    async def put_away(self, author: MemberId, message: MessageId) -> None:
        """The author is done with it; twice is once, and somebody else's is left alone."""
        async with self._database.transaction() as tx:
            await store.put_away(tx, author, message, now=self._clock.now())
