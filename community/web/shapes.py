"""Shapes that more than one API gives: pages of a list, members, messages. All msgspec structs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from community.ids import MemberId
from community.log import GONE, MessageView

T = TypeVar("T")
LIMIT_MAX = 100


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """{items, next}: `next` is a cursor for the following part, or null."""

    items: list[T]
    next: str | None = None


class PageQuery(msgspec.Struct, frozen=True):
    """A part of a list; `limit` over 100 is clamped."""

    limit: int = 50
    after: str | None = None

    @property
    def clamped(self) -> int:
        return clamp(self.limit)


def clamp(limit: int) -> int:
    return max(1, min(limit, LIMIT_MAX))


class Author(msgspec.Struct, frozen=True):
    """An erased author is two nulls."""

    id: UUID | None
    handle: str | None


class MessageShape(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as its reader may see it. `own` is there for the author of masked or held words alone."""

    id: UUID
    c: UUID | None
    seq: int | None
    author: Author
    body: str
    html: str
    at: datetime
    state: str
    place: str
    reply_to: UUID | None = None
    warnings: list[str] = []
    edited_at: datetime | None = None
    own: str | None = None
    reactions: dict[str, list[UUID]] | None = None


def message_shape(
    view: MessageView,
    reader: MemberId | None,
    *,
    reactions: dict[str, list[UUID]] | None = None,
    staff: bool = False,
) -> MessageShape:
    """`view` as `reader` sees it; care staff see the original in `own`."""
    is_author = reader is not None and view.author_id == reader
    shows_own = (is_author and view.state in ("masked", "held")) or staff
    return MessageShape(
        id=view.id,
        c=view.c,
        seq=view.seq,
        author=Author(view.author_id, view.author_handle if view.author_id else None),
        body=view.shown,
        html=view.html,
        at=view.created_at,
        state=view.state,
        place=view.place,
        reply_to=view.reply_to,
        warnings=[] if view.state in GONE and not staff else list(view.warnings),
        edited_at=view.edited_at,
        own=view.body if shows_own else None,
        reactions=reactions or None,
    )


class Done(msgspec.Struct, frozen=True):
    """A plain yes, for calls that have nothing more to say."""

    done: bool = True


JsonObject = dict[str, Any]


class Named(msgspec.Struct, frozen=True):
    """Somebody by their handle alone, as they are offered after an @."""

    handle: str
