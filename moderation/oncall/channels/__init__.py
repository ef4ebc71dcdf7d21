"""Channels: one interface for every way in which a page reaches somebody, and which of them to use.

What travels is a Letter: sentences that name nobody, no group and no word of a message, and a link. Sending is
time-boxed by the caller; a channel that can't deliver raises Undelivered with a stable code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from community.ids import PageId
from moderation.oncall.paging import How
from moderation.store.channels import Channel

SEND_SECONDS = 10.0
"""Longest for one send: two in a row and a tick between stay under the minute in which the next channel is
asked (issue: a server that hangs)."""


class Undelivered(Exception):
    """The channel didn't take it. `why` is a stable id: refused, timed_out, unreachable, answered_500 …"""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Letter:
    """One page to one person by one channel. `id` is the same at every try, so that receivers can see a
    doubled one; `page` the same for all letters of a page."""

    id: UUID
    page: PageId
    severity: Literal["crisis", "red", "test", "fault"]
    subject: str
    body: str
    link: str
    at: datetime
    event: Literal["page", "answered"] = "page"


class Way(Protocol):
    """One kind of channel."""

    async def send(self, channel: Channel, letter: Letter) -> None:
        """Hand it over, or raise Undelivered. May be cancelled when its time is up."""


def is_extra(channel: Channel) -> bool:
    """Whether it only comes on top: nobody can promise that a browser is awake, so it is never one of the two that a
    crisis asks for, and stands for no channel that failed."""
    return channel.kind == "push"


def chosen(channels: Sequence[Channel], how: How, at: datetime) -> list[Channel]:
    """Which of a person's channels a page uses. Those that fail at the moment come last; of two, one rings
    aloud if any does. Extras always."""
    return _counted([c for c in channels if not is_extra(c)], how, at) + [c for c in channels if is_extra(c)]


def _counted(channels: Sequence[Channel], how: How, at: datetime) -> list[Channel]:
    ordered = sorted(channels, key=lambda c: (c.retry_at is not None and c.retry_at > at, c.position))
    if how == "all":
        return ordered
    if how == "one":
        return ordered[:1]
    loud = next((c for c in ordered if c.aloud), None)
    if loud is None or loud in ordered[:2]:
        return ordered[:2]
    return [ordered[0], loud]


def next_after(channels: Sequence[Channel], used: Sequence[UUID], at: datetime) -> Channel | None:
    """Another channel of the same person that wasn't asked for this due time; working ones first."""
    left = [c for c in channels if c.id not in used and not is_extra(c)]
    return min(left, key=lambda c: (c.retry_at is not None and c.retry_at > at, c.position), default=None)
