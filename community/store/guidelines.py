"""Every version of a group's guidelines: what people agreed to, and when it was put there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn
from community.ids import GroupId
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class Version:
    n: int
    text: str
    at: datetime
    agreed: int
    """How many members agreed to this one and to none since."""


async def versions(conn: Conn, group: GroupId) -> list[Version]:
    """Newest first."""
    rows = await conn.fetch(
        """
        select g.version, g.text, g.at,
               (select count(*) from membership m
                where m.group_id = g.group_id and m.state = 'member' and m.guidelines_version = g.version)
        from guidelines g
        where g.group_id = $1
        order by g.version desc
        limit 50
        """,
        group,
    )
    return many(Version, rows)
