"""The event log of a conversation as it is read: what happened, in which order, and what may be seen now.

Replay gives a message's present text and state at its original place, so whoever comes back later loses
withdrawn and removed words as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from community.ids import ConversationId, MemberId, MessageId

EventKind = Literal["message", "edit", "mask", "withdraw", "remove", "react", "notice"]
MessageState = Literal["visible", "held", "masked", "withdrawn", "removed"]
GONE = ("withdrawn", "removed")
"""States in which nothing that the author wrote is shown to readers: not the words, not their warnings."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One row of the log joined with the message it is about. Held messages are never in here."""

    c: ConversationId
    seq: int
    kind: EventKind
    at: datetime
    message_id: MessageId | None
    author_id: MemberId | None  # of the message; None once erased
    author_handle: str | None
    state: MessageState | None
    shown: str  # what readers may see; empty once withdrawn or removed
    html: str  # rendered from `shown`
    own_body: str | None  # the author's own words, only where state is "masked"; for the author alone
    reply_to: MessageId | None
    warnings: tuple[str, ...]  # empty once withdrawn or removed: they are the author's words too
    created_at: datetime | None  # of the message
    edited_at: datetime | None
    member_id: MemberId | None  # who reacted
    emoji: str | None
    on: bool | None
    notice: str | None  # id of a sentence


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as its reader may see it (history, search, a case)."""

    id: MessageId
    c: ConversationId | None
    seq: int | None
    place: str
    author_id: MemberId | None
    author_handle: str | None
    state: MessageState
    shown: str
    html: str
    body: str  # as written: only for the author and care staff
    reply_to: MessageId | None
    warnings: tuple[str, ...]
    created_at: datetime
    edited_at: datetime | None
