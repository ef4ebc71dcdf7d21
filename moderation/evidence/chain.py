"""The audit log's chain: each entry's hash covers the one before, so that nothing is changed or left out unseen.

Pure. Whoever can write the whole table can forge the whole chain; so `kith audit verify` prints its end, to be
kept somewhere else, and takes one to look for.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, by ids: never a name, never anyone's words."""

    verb: str
    actor: UUID | None
    subject: UUID | None
    parameters: str  # canonical JSON


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the chain."""

    n: int
    at: datetime
    entry: Entry
    previous: bytes
    hash: bytes


def entry(verb: str, actor: UUID | None, subject: UUID | None, **parameters: Any) -> Entry:
    return Entry(verb, actor, subject, canonical(parameters))


def canonical(value: Any) -> str:
    """The same text for the same value, wherever it is made."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def linked(n: int, at: datetime, what: Entry, previous: bytes) -> Link:
    return Link(n, at, what, previous, digest(n, at, what, previous))


def digest(n: int, at: datetime, what: Entry, previous: bytes) -> bytes:
    said = canonical(
        [n, at.isoformat(), what.verb, what.actor, what.subject, what.parameters, previous.hex()]
    )
    return hashlib.sha256(said.encode()).digest()


def history_digest(row: list[Any]) -> str:
    """What the chain keeps of one row of a case's history."""
    return hashlib.sha256(canonical(row).encode()).hexdigest()


def fault(link: Link, n: int, previous: bytes) -> str | None:
    """What is wrong with this link where `n` and `previous` are expected."""
    if link.n != n:
        return f"entry {n} is missing"
    if link.previous != previous:
        return f"entry {n} doesn't follow the one before"
    if link.hash != digest(link.n, link.at, link.entry, link.previous):
        return f"entry {n} was changed"
    return None
