"""Ids of everything that has one: UUIDs, typed so that one kind can't stand in for another.

Made in Python (version 7: time-ordered, good for indexes) so that the SQL runs on PostgreSQL 15 and
later and a row's id is known before it is written. Random bits come from the system.
"""

from __future__ import annotations

import os
from typing import NewType
from uuid import UUID

from community.clock import SystemClock

MemberId = NewType("MemberId", UUID)
SessionId = NewType("SessionId", UUID)
GroupId = NewType("GroupId", UUID)
TeamId = NewType("TeamId", UUID)
ConversationId = NewType("ConversationId", UUID)
BoardId = NewType("BoardId", UUID)
MessageId = NewType("MessageId", UUID)
VerdictId = NewType("VerdictId", UUID)
CaseId = NewType("CaseId", UUID)
PageId = NewType("PageId", UUID)
NoticeId = NewType("NoticeId", UUID)
Seq = NewType("Seq", int)
"""Place of an event in its conversation: 1, 2, 3 … without gaps, the same for every reader."""


_clock = SystemClock()


def new_id() -> UUID:
    """A version 7 UUID (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random.

    The wall clock only spreads index inserts; no code may read time or order out of an id, so it isn't
    worth handing a clock to everyone who needs an id.
    """
    ms = int(_clock.now().timestamp() * 1000)
    value = (ms & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (7 << 76)
    value = value & ~(0x3 << 62) | (2 << 62)
    return UUID(int=value)


def parse_id(text: str) -> UUID | None:
    """The id that `text` spells, or None: a malformed id names nothing, which edges answer with 404."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
