"""Places in a list as opaque texts that come back with the next request."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from community.errors import FieldError, Invalid
from community.ids import ConversationId, parse_id
from forum.store.lists import Position


def cursor_of(position: Position | None) -> str | None:
    """A place in a list as an opaque text."""
    if position is None:
        return None
    raw = f"{position.at.isoformat()} {position.id}".encode()
    return base64.urlsafe_b64encode(raw).decode()


def position_of(cursor: str | None) -> Position | None:
    """Raises Invalid for a cursor that we didn't make."""
    if cursor is None:
        return None
    try:
        at, _, id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        moment, parsed = datetime.fromisoformat(at), parse_id(id)
    except (ValueError, binascii.Error):
        raise _bad_cursor() from None
    if parsed is None or moment.tzinfo is None:
        raise _bad_cursor()
    return Position(moment, ConversationId(parsed))


def offset_of(cursor: str | None) -> int:
    """Raises Invalid for a cursor that we didn't make."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 6):
        raise _bad_cursor()
    return int(cursor)


def _bad_cursor() -> Invalid:
    return Invalid(fields=(FieldError("cursor", "This isn't a place in this list."),))
