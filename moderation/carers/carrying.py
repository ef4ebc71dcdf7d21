"""What one moderator carries at this moment, for API and pages alike."""

from __future__ import annotations

from datetime import datetime

from community.database import Conn
from community.ids import MemberId
from moderation.carers.wellbeing import Budget, budget, counts_from
from moderation.store import wellbeing as store


async def carried(conn: Conn, member: MemberId, *, now: datetime) -> tuple[Budget, datetime | None]:
    """The budget since the last break, and until when a break runs."""
    last = await store.last_break(conn, member)
    made = budget(await store.views(conn, member, since=counts_from(now, last)))
    return made, last if last is not None and last > now else None
