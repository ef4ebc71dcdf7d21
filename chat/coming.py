"""Saying that one comes to a meeting, and being reminded of it; told too when it moves or is taken off.

Only a number is shown, and only to those who facilitate: nobody is counted as missing. A notice names neither
room nor group; the time stands beside it on the reader's own clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from chat.store import coming as store
from chat.store.meetings import MeetingRow
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.ids import ConversationId, MemberId, NoticeId, new_id
from community.store import people

REMIND_BEFORE: Final = timedelta(minutes=30)
"""So long before it begins: time for a cup of tea (our own value)."""

Told = Literal["meeting_soon", "meeting_moved", "meeting_off"]


class Reminders:
    """A job: whoever said that they come is told once, before it begins."""

    def __init__(self, database: Database, clock: Clock, bus: Bus) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus

    async def run(self) -> int:
        """Answers how many were told."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            due = await store.take_due(tx, now=now, until=now + REMIND_BEFORE)
            for one in due:
                await _notice(tx, one.member, "meeting_soon", (one.room, one.starts_at), now)
        for one in due:
            self._bus.ring("member", one.member)
        return len(due)


def is_soon(starts_at: datetime, now: datetime) -> bool:
    """Whether a reminder of it would be idle."""
    return starts_at - now <= REMIND_BEFORE


async def tell(tx: Tx, meeting: MeetingRow, told: Told, *, by: MemberId, now: datetime) -> Sequence[MemberId]:
    """Tell those who come, but the one who did it; answers whom. `meeting` as it stands now."""
    others = [member for member in await store.who(tx, meeting.id) if member != by]
    for member in others:
        await _notice(tx, member, told, (meeting.conversation_id, meeting.starts_at), now)
    return others


async def _notice(
    tx: Tx, member: MemberId, told: Told, about: tuple[ConversationId, datetime], now: datetime
) -> None:
    room, starts_at = about
    await people.add_notice(
        tx,
        member,
        id=NoticeId(new_id()),
        kind=told,
        message_id=None,
        parameters={"conversation": str(room), "starts_at": starts_at.isoformat()},
        now=now,
    )
