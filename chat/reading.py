"""What the live side needs to know from the database, as one small interface.

The hub and its neighbours never see a connection or SQL, so that they can be tested with a log in memory and
every fault one can think of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from community.ids import ConversationId, MemberId, MessageId, NoticeId, SessionId
from community.log import LoggedEvent

Pair = tuple[MemberId, ConversationId]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Between one member and others: whom they don't want to read, and who doesn't want to be seen by
    them."""

    blocked: frozenset[MemberId] = frozenset()
    blockers: frozenset[MemberId] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the live side knows of a member. `is_seen`: they chose to be shown as present."""

    handle: str
    blocks: Blocks
    is_seen: bool
    language: str = "en"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A letter from the house to one member, in the source language: who sends it on puts it into theirs."""

    id: NoticeId
    member_id: MemberId
    kind: str
    say: str
    message_id: MessageId | None


class Reader(Protocol):
    """Each call is one short read, and raises Unavailable when the database is away."""

    async def read_after(self, positions: Mapping[ConversationId, int], limit: int) -> list[LoggedEvent]:
        """At most `limit` events a conversation after each position, by conversation and seq."""

    async def heads(self, ids: Collection[ConversationId]) -> Mapping[ConversationId, int]:
        """The last seq of each."""

    async def epoch(self) -> str:
        """Changes only when history was restored from a backup."""

    async def readable(self, pairs: Collection[Pair]) -> Mapping[Pair, int]:
        """Those pairs whose member may read that conversation now, with its last seq."""

    async def alive(self, sessions: Collection[SessionId]) -> set[SessionId]:
        """Those sessions that still stand."""

    async def facts(self, members: Collection[MemberId]) -> Mapping[MemberId, Facts]:
        """For each of `members` that is there."""

    async def handles(self, members: Collection[MemberId]) -> Mapping[MemberId, str]:
        """The handles of those who have one."""

    async def notices(self, since: Mapping[MemberId, datetime]) -> list[NewNotice]:
        """Each member's notices made after that member's moment, oldest first."""
