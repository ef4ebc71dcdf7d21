"""News around a room that isn't in its log: a hand went up, a meeting began, the room goes slowly now.

The frame says only "look again"; each page then reads what its own reader may see. Lost rings are repaired by
the pages themselves, which look again now and then while a meeting runs.
"""

from __future__ import annotations

from uuid import UUID

from chat import protocol
from chat.frames import encode
from chat.hub import Hub
from community.bus import Topic
from community.ids import ConversationId


class RoomNews:
    """Passes rings about rooms on to the connections that follow them here."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def on_ring(self, topic: Topic, id: UUID) -> None:
        if topic == "room":
            self._tell(ConversationId(id))

    def on_gap(self) -> None:
        """Rings may have been lost: everyone looks again."""
        for c in self._hub.followed():
            self._tell(c)

    def _tell(self, c: ConversationId) -> None:
        followers = self._hub.followers(c)
        if not followers:
            return
        frame = encode(protocol.RoomNews(c))
        for listener in followers:
            listener.outlet.put(frame, is_best_effort=True)
