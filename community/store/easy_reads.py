"""Editions of a group's guidelines in Easy Read: appended, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from community.database import Conn, Tx, require_tx
from community.easy_read import EasyRead, HardWord, Line
from community.ids import GroupId


@dataclass(frozen=True, slots=True)
class Edition:
    n: int
    guidelines_version: int
    """Which guidelines it tells."""
    easy: EasyRead
    at: datetime


async def latest(conn: Conn, group: GroupId) -> Edition | None:
    """The newest edition, offered or not."""
    found = await editions(conn, group, limit=1)
    return found[0] if found else None


async def editions(conn: Conn, group: GroupId, *, limit: int = 50) -> list[Edition]:
    """Newest first."""
    rows = await conn.fetch(
        """
        select edition, guidelines_version, lines::text as lines, words::text as words, is_offered, at
        from easy_read
        where group_id = $1
        order by edition desc
        limit $2
        """,
        group,
        limit,
    )
    found = []
    for row in rows:
        easy = EasyRead(
            msgspec.json.decode(row["lines"], type=tuple[Line, ...]),
            msgspec.json.decode(row["words"], type=tuple[HardWord, ...]),
            row["is_offered"],
        )
        found.append(Edition(row["edition"], row["guidelines_version"], easy, row["at"]))
    return found


async def add(tx: Tx, group: GroupId, edition: Edition) -> bool:
    """False when somebody else has written this edition meanwhile."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        insert into easy_read (group_id, edition, guidelines_version, lines, words, is_offered, at)
        values ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7)
        on conflict (group_id, edition) do nothing
        returning edition
        """,
        group,
        edition.n,
        edition.guidelines_version,
        msgspec.json.encode(edition.easy.lines).decode(),
        msgspec.json.encode(edition.easy.words).decode(),
        edition.easy.is_offered,
        edition.at,
    )
    return row is not None
