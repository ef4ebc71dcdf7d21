"""Words of private conversations, sealed before they are stored and opened when they are read.

The house hands the database a vault (server/assembly.py); without one, in tests of single stores, words stay as they
are. What is sealed is bound to its message and column: moved anywhere else, it doesn't open. Nothing stays nothing,
so that "is there a text" needs no key.
"""

from __future__ import annotations

from typing import Final, Protocol
from uuid import UUID

PRIVATE: Final = frozenset({"pairing"})
"""Places whose words are sealed. Rooms and threads stay open to search; letters of a case are the desk's to read."""


class Vault(Protocol):
    """Seals and opens texts; moderation/casework/sealed.py implements it."""

    def seal(self, text: str, place: str) -> str:
        """The text as it is stored."""

    def open(self, text: str, place: str) -> str:
        """The text again; a text that isn't sealed as it is; a word that says so where the key is gone."""


class Sealing(Protocol):
    """What holds a vault: a connection (community/database.py)."""

    @property
    def vault(self) -> Vault | None: ...


def seal(conn: Sealing, place: str, id: UUID, column: str, text: str) -> str:
    """`text` as the column keeps it."""
    if conn.vault is None or place not in PRIVATE or not text:
        return text
    return conn.vault.seal(text, f"{id}:{column}")


def unseal(conn: Sealing, place: str, id: UUID, column: str, text: str) -> str:
    """What `seal` kept, as it was written."""
    if conn.vault is None or place not in PRIVATE or not text:
        return text
    return conn.vault.open(text, f"{id}:{column}")
