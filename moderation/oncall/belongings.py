"""What on-call keeps about one person: for their export, and to be dropped when they are erased.

An address goes at once; who was paged when stays as the case's record, without a way to reach anybody.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from community.database import Conn, Tx
from community.ids import MemberId
from moderation.store import channels, personal


class OwnChannel(Struct, frozen=True):
    kind: str
    label: str
    address: str


class OwnShift(Struct, frozen=True):
    seat: str
    starts_at: datetime
    ends_at: datetime


class OwnTraining(Struct, frozen=True):
    lane: str
    trained_on: date
    expires_on: date
    topics_excluded: list[str]


class Belongings(Struct, frozen=True):
    """On-call's part of a person's export."""

    channels: list[OwnChannel]
    shifts: list[OwnShift]
    training: list[OwnTraining]


async def of(conn: Conn, member: MemberId) -> Belongings:
    """For community/export.py."""
    return Belongings(
        channels=[OwnChannel(c.kind, c.label, c.address) for c in await channels.of_members(conn, [member])],
        shifts=[OwnShift(*row) for row in await personal.shifts_of(conn, member)],
        training=[OwnTraining(*row) for row in await personal.training_of(conn, member)],
    )


async def drop(tx: Tx, member: MemberId) -> None:
    """For community/erasure.py: no address, no shift to come, no series, no link, no wish."""
    await personal.drop(tx, member)
