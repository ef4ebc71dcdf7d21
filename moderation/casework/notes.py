"""Notes of a case, sealed under a key of its own: dropping that key erases the notes, and the history that the
audit log covers stays whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from community.database import Conn, Tx, require_tx
from community.ids import CaseId
from moderation.casework.sealed import Box, CantOpen, Keys, as_text, from_text, new_key, seal, unseal
from moderation.store import sealed_boxes as store
from moderation.store.cases import HistoryRow

GONE = "(erased)"


class Notes:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def seal(self, tx: Tx, case: CaseId, text: str) -> str:
        """The note as it is stored."""
        require_tx(tx)
        key = await self._key(tx, case)
        if key is None:
            key = new_key()
            box = self._keys.seal(key, f"case:{case}")
            if not await store.add_case_key(tx, case, box):
                key = await self._key(tx, case)
                assert key is not None, "somebody else was first, so it is there"
        return as_text(seal(key, text.encode(), f"note:{case}"))

    async def open(self, conn: Conn, case: CaseId, text: str) -> str:
        """The note again, or a word that says it was erased. Plain text from before there were keys stays."""
        return _opened(case, text, await self._key(conn, case))

    async def open_history(self, conn: Conn, case: CaseId, rows: list[HistoryRow]) -> list[HistoryRow]:
        """A case's history with its notes readable."""
        key = await self._key(conn, case) if any(r.note is not None for r in rows) else None
        return [r if r.note is None else replace(r, note=_opened(case, r.note, key)) for r in rows]

    async def open_histories(
        self, conn: Conn, found: Mapping[CaseId, list[HistoryRow]]
    ) -> dict[CaseId, list[HistoryRow]]:
        """The same for many cases, their keys read at once."""
        boxes = await store.case_keys(conn, list(found))
        keys = {id: self._keys.open(box, f"case:{id}") for id, box in boxes.items()}
        return {
            id: [r if r.note is None else replace(r, note=_opened(id, r.note, keys.get(id))) for r in rows]
            for id, rows in found.items()
        }

    async def erase(self, tx: Tx, case: CaseId) -> None:
        """Drop the key: nobody reads these notes again."""
        await store.drop_case_key(tx, case)

    async def _key(self, conn: Conn, case: CaseId) -> bytes | None:
        box: Box | None = await store.case_key(conn, case)
        return None if box is None else self._keys.open(box, f"case:{case}")


def _opened(case: CaseId, text: str, key: bytes | None) -> str:
    content = from_text(text)
    if content is None:
        return text
    try:
        return GONE if key is None else unseal(key, content, f"note:{case}").decode()
    except CantOpen:
        return GONE
