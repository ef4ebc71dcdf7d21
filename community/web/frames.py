"""Events of a conversation as they travel: the same JSON on the socket and in the replay over HTTP.

Two readers of one event may see different things (a blocked author, one's own masked words), so what is
shown is decided here, once, for both doors.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType

from community.ids import ConversationId, MemberId, MessageId
from community.log import EventKind, LoggedEvent, MessageState

T = TypeVar("T")


class Author(Struct, frozen=True):
    """Who wrote a message; both null once that person is erased."""

    id: MemberId | None
    handle: str | None


class EventFrame(Struct, frozen=True, tag_field="t", tag="event", omit_defaults=True):
    """One event. Which fields follow `kind` is protocol.md's table; the others are absent."""

    c: ConversationId
    seq: int
    kind: EventKind
    at: datetime
    id: MessageId | UnsetType = UNSET
    author: Author | UnsetType = UNSET
    body: str | UnsetType = UNSET
    html: str | UnsetType = UNSET
    own_body: str | UnsetType = UNSET  # a masked message's own words, for their author alone
    reply_to: MessageId | UnsetType = UNSET
    warnings: tuple[str, ...] | UnsetType = UNSET
    state: MessageState | UnsetType = UNSET
    edited_at: datetime | UnsetType = UNSET
    member: MemberId | UnsetType | None = UNSET
    emoji: str | UnsetType = UNSET
    on: bool | UnsetType = UNSET
    notice: str | UnsetType = UNSET


class SkipFrame(Struct, frozen=True, tag_field="t", tag="skip"):
    """An event that this reader may not see; it keeps the numbering whole."""

    c: ConversationId
    seq: int


def is_hidden(event: LoggedEvent, blocked: Set[MemberId]) -> bool:
    """Whether a reader who blocked these members gets a skip: their messages, all events on those, and
    what they did to others' messages."""
    return event.author_id in blocked or event.member_id in blocked


def event_frame(event: LoggedEvent, *, own: bool = False) -> EventFrame:
    """`event` as its readers see it; with `own`, as the author of a masked message does."""
    c, seq, kind = event.c, event.seq, event.kind
    id = _or_absent(event.message_id)
    match kind:
        case "message":
            return EventFrame(
                c,
                seq,
                kind,
                event.created_at or event.at,
                id,
                Author(event.author_id, event.author_handle),
                event.shown,
                event.html,
                _or_absent(event.own_body) if own else UNSET,
                _or_absent(event.reply_to),
                event.warnings or UNSET,
                _or_absent(event.state),
                _or_absent(event.edited_at),
            )
        case "edit" | "mask":
            own_body = _or_absent(event.own_body) if own else UNSET
            return EventFrame(
                c,
                seq,
                kind,
                event.at,
                id,
                body=event.shown,
                html=event.html,
                own_body=own_body,
                warnings=event.warnings or UNSET,
                state=_or_absent(event.state),
            )
        case "withdraw" | "remove":
            return EventFrame(c, seq, kind, event.at, id)
        case "react":
            return EventFrame(
                c,
                seq,
                kind,
                event.at,
                id,
                member=event.member_id,
                emoji=_or_absent(event.emoji),
                on=bool(event.on),
            )
        case "notice":
            return EventFrame(c, seq, kind, event.at, id, notice=event.notice or "")


def skip_frame(event: LoggedEvent) -> SkipFrame:
    return SkipFrame(event.c, event.seq)


def _or_absent(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value
