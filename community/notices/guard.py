"""What only moderation knows and the senders of news must ask before anything leaves the house.

community/ may not import it; server/notice_parts.py hands an answerer in.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from community.database import Conn
from community.ids import MemberId, MessageId


class Guard(Protocol):
    async def never_write_to(self, conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
        """Those whom nothing may reach any more: they have died."""

    async def in_cases(self, conn: Conn, messages: Collection[MessageId]) -> frozenset[MessageId]:
        """Those that belong to a case, open or closed. Nobody may be told so, by any word or number."""

    async def keep_quiet(self, conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
        """Those about whose own case no mail or push may go out: somebody may look over their shoulder."""
