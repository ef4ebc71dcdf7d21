"""Holding rows against their history: a case is what its append-only history makes of it, or something is wrong.

Used by `kith audit verify` and by tests after every storm.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from community.database import Conn
from community.ids import CaseId
from moderation.casework.acts import decode
from moderation.casework.case import Case, IllegalAct, Past
from moderation.casework.machine import replay
from moderation.store import cases as store
from moderation.store.cases import HistoryRow

HISTORY_MAX = 1_000_000
"""A replay needs all of it; a page shows less."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A case whose row isn't what its history says. `what`: fields that differ, or why it can't be replayed."""

    case: CaseId
    what: str


def replayed(history: list[HistoryRow]) -> Case:
    """The case that a stored history makes. Raises IllegalAct, ValueError."""
    return replay(Past(decode(row.act, row.parameters), row.at, row.times) for row in history)


def differences(row: Case, history: Case) -> list[str]:
    """Names of fields in which they differ. Messages have no order that a reader may rely on."""
    names = [f.name for f in fields(Case) if f.compare and f.name != "messages"]
    found = [name for name in names if getattr(row, name) != getattr(history, name)]
    return found + ([] if set(row.messages) == set(history.messages) else ["messages"])


async def check(conn: Conn, id: CaseId) -> Mismatch | None:
    """Whether this case's row is what its history makes of it. Read both in one transaction."""
    row = await store.get(conn, id)
    assert row is not None, "the caller got the id from the table"
    try:
        made = replayed(await store.history(conn, id, limit=HISTORY_MAX))
    except (IllegalAct, ValueError) as why:
        return Mismatch(id, f"can't be replayed: {why}")
    wrong = differences(row.case, made)
    return Mismatch(id, ", ".join(wrong)) if wrong else None


async def check_all(conn: Conn) -> tuple[int, list[Mismatch]]:
    """Every case: how many there are, and those that don't hold."""
    ids = await store.every_id(conn)
    found = [await check(conn, id) for id in ids]
    return len(ids), [mismatch for mismatch in found if mismatch is not None]
