"""What chat keeps about one person: for their export, and to be dropped when they are erased.

Their words are community's; here are drafts for rooms and what they did in meetings.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from chat.store import attendance, meetings, rooms
from community.database import Conn, Tx
from community.ids import MemberId


class OwnDraft(Struct, frozen=True):
    room: UUID
    body: str
    at: datetime


class OwnAct(Struct, frozen=True):
    """What they did in a meeting (a hand raised, a turn had, a check-in) or were told there in private."""

    room: UUID
    kind: str
    at: datetime


class Belongings(Struct, frozen=True):
    """Chat's part of a person's export."""

    drafts: list[OwnDraft]
    meetings: list[OwnAct]


async def of(conn: Conn, member: MemberId) -> Belongings:
    """For community/export.py."""
    drafts = [OwnDraft(d.conversation_id, d.body, d.at) for d in await rooms.drafts_of(conn, member)]
    acts = [OwnAct(room, kind, at) for room, kind, at in await meetings.acts_of(conn, member)]
    return Belongings(drafts, acts)


async def drop(tx: Tx, member: MemberId) -> None:
    """For community/erasure.py, which calls it while the author still stands on the messages."""
    await rooms.drop_drafts_of(tx, member)
    await attendance.drop_of(tx, member)
    await meetings.drop_of(tx, member)
