"""Keeping and checking the audit log: every act on a case, every view of its words, every key that was used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from community.clock import Clock
from community.database import Conn, Database
from moderation.casework import ledger
from moderation.evidence.chain import entry, fault, history_digest
from moderation.store import audit as store

BATCH_MAX = 500
HISTORY = "case.history"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `end` is the last hash: keep it elsewhere, and a cut or forged chain shows."""

    entries: int
    waiting: int
    cases: int
    end: str
    faults: tuple[str, ...]


class AuditJob:
    """Chains what the gate and the desk wrote into histories. Any number of processes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> int:
        """Chain what waits; how many rows it was."""
        done = 0
        while True:
            async with self._database.transaction() as tx:
                rows = await store.take_pending(tx, limit=BATCH_MAX)
                entries = []
                for case, n in rows:
                    row = await store.history_row(tx, case, n)
                    assert row is not None, "history is append-only"
                    entries.append(entry(HISTORY, row[3], case, n=n, digest=history_digest(row)))
                if entries:
                    await store.append(tx, entries, now=self._clock.now())
            done += len(rows)
            if len(rows) < BATCH_MAX:
                return done


async def verify(conn: Conn, *, expected_end: str | None = None) -> Report:
    """Walk the whole chain and hold it, the histories and the case rows against each other."""
    faults: list[str] = []
    n, previous, seen_end = 0, b"", expected_end in (None, "")
    while batch := await store.links(conn, after=n, limit=BATCH_MAX):
        for link in batch:
            wrong = fault(link, n + 1, previous)
            if wrong:
                faults.append(wrong)
            if link.entry.verb == HISTORY:
                faults += await _history_fault(conn, link.entry.subject, link.entry.parameters)
            n, previous = link.n, link.hash
            seen_end = seen_end or link.hash.hex() == expected_end
    head_n, head_hash, waiting = await store.head(conn)
    if (head_n, head_hash) != (n, previous):
        faults.append(f"the chain ends at {n}, its head says {head_n}: entries were cut off")
    if not seen_end:
        faults.append("the end that you kept is not in the chain: it was forged or cut off")
    cases, mismatches = await ledger.check_all(conn)
    faults += [f"case {m.case}: {m.what} differ from its history" for m in mismatches]
    return Report(n, waiting, cases, previous.hex(), tuple(faults))


async def _history_fault(conn: Conn, case: UUID | None, parameters: str) -> list[str]:
    said = json.loads(parameters)
    assert case is not None, "a history entry names its case"
    row = await store.history_row(conn, case, said["n"])
    if row is None:
        return [f"case {case}: entry {said['n']} of its history is gone"]
    return [] if history_digest(row) == said["digest"] else [f"case {case}: entry {said['n']} was changed"]
