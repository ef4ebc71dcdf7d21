"""Words of private conversations, sealed before they are stored and opened when they are read.

The house hands the database a vault (server/assembly.py); without one, in tests of single stores, words stay as they
are. What is sealed is bound to its message and column: moved anywhere else, it doesn't open. Nothing stays nothing,
so that "is there a text" needs no key. What doesn't open is shown as `LOST` and never written back: the key may be
found again.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final, Protocol
from uuid import UUID

PAIRING_NOTE: Final = "pairing_note"
"""What somebody writes when they ask for a pairing: words outside a conversation, as private as those inside."""
PRIVATE: Final = frozenset({"pairing", PAIRING_NOTE})
"""Places whose words are sealed. Rooms and threads stay open to search; letters of a case are the desk's to read."""
MARK: Final = "sealed:2:"
"""Begins every sealed text."""
LOST: Final = "(can't be read: its key is gone)"
"""What readers see of words that don't open."""


class Vault(Protocol):
    """Seals and opens texts; moderation/casework/sealed.py implements it."""

    def seal(self, text: str, place: str) -> str:
        """The text as it is stored."""

    def open(self, text: str, place: str) -> str | None:
        """The text again; a text that isn't sealed as it is; None where the key is gone or it was put elsewhere."""


class Sealing(Protocol):
    """What holds a vault: a connection (community/database.py)."""

    @property
    def vault(self) -> Vault | None: ...


def seal(conn: Sealing, place: str, id: UUID, column: str, text: str) -> str:
    """`text` as the column keeps it."""
    if conn.vault is None or place not in PRIVATE or not text:
        return text
    return conn.vault.seal(text, f"{id}:{column}")


def opened(conn: Sealing, place: str, id: UUID, column: str, text: str) -> str | None:
    """What `seal` kept, as it was written; None where it doesn't open."""
    if conn.vault is None or place not in PRIVATE or not text:
        return text
    return conn.vault.open(text, f"{id}:{column}")


def unseal(conn: Sealing, place: str, id: UUID, column: str, text: str) -> str:
    """As `opened`, for somebody to read."""
    found = opened(conn, place, id, column, text)
    return LOST if found is None else found


def seal_trace(conn: Sealing, place: str, content: bytes) -> bytes:
    """What words leave behind elsewhere, whatever they are words of: the hash that a resend is compared with tells
    who guesses right, and a kept answer repeats what it answers."""
    if conn.vault is None:
        return content
    return conn.vault.seal(base64.b64encode(content).decode(), f"trace:{place}").encode()


def open_trace(conn: Sealing, place: str, content: bytes) -> bytes | None:
    """What `seal_trace` kept, or what is there from before; None where it doesn't open."""
    if conn.vault is None or not content.startswith(MARK.encode()):
        return content
    text = conn.vault.open(content.decode(), f"trace:{place}")
    return None if text is None else base64.b64decode(text)


def seal_each(conn: Sealing, place: str, id: UUID, column: str, texts: Sequence[str]) -> list[str]:
    """Several texts of one column; their order is bound too."""
    return [seal(conn, place, id, f"{column}.{n}", text) for n, text in enumerate(texts)]


def unseal_each(conn: Sealing, place: str, id: UUID, column: str, texts: Sequence[str]) -> tuple[str, ...]:
    """What `seal_each` kept."""
    return tuple(unseal(conn, place, id, f"{column}.{n}", text) for n, text in enumerate(texts))
