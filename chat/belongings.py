"""What chat keeps about one person: for their export, and to be dropped when they are erased.

Their words are community's; here are drafts for rooms and what they did in meetings.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from chat.pairings.pairings import sees
from chat.pairings.words import told_state
from chat.store import attendance, coming, meetings, pairings, rooms
from chat.store.pairings import PairingView
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


class OwnPairing(Struct, frozen=True):
    """A pairing of theirs: their words in it are among their messages. Who the other was is the other's to tell."""

    id: UUID
    kind: str
    state: str
    asked_at: datetime
    since: datetime
    topic: str
    times: list[str]
    accompanied: bool


class Belongings(Struct, frozen=True):
    """Chat's part of a person's export."""

    drafts: list[OwnDraft]
    meetings: list[OwnAct]
    pairings: list[OwnPairing]


async def of(conn: Conn, member: MemberId) -> Belongings:
    """For community/export.py."""
    drafts = [OwnDraft(d.conversation_id, d.body, d.at) for d in await rooms.drafts_of(conn, member)]
    acts = [OwnAct(room, kind, at) for room, kind, at in await meetings.acts_of(conn, member)]
    acts += [OwnAct(room, "come", at) for room, at in await coming.of_member(conn, member)]
    own = [_own(view, member) for view in await pairings.of_member(conn, member) if sees(view, member)]
    return Belongings(drafts, acts, own)


async def drop(tx: Tx, member: MemberId) -> None:
    """For community/erasure.py, which calls it while the author still stands on the messages."""
    await rooms.drop_drafts_of(tx, member)
    await attendance.drop_of(tx, member)
    await meetings.drop_of(tx, member)
    await coming.drop_of(tx, member)


def _own(view: PairingView, member: MemberId) -> OwnPairing:
    row = view.row
    return OwnPairing(
        id=row.id,
        kind=row.kind,
        state=told_state(row.pairing),
        asked_at=row.asked_at,
        since=row.pairing.since,
        topic=row.topic,
        times=list(row.times),
        accompanied=row.pairing.member == member,
    )
