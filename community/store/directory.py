"""The directory: cards of the groups that a person may see, without their guidelines, in one read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from community.database import Conn
from community.ids import MemberId

GROUPS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One group as the directory shows it; `state` and `role` are the reader's own, None outside."""

    slug: str
    name: str
    preset: str
    visibility: str
    joining: str
    card: dict[str, Any]
    state: str | None
    role: str | None


async def listed(conn: Conn, member: MemberId | None, *, is_operator: bool) -> list[Listed]:
    """By name. The same rule as rulings.see."""
    rows = await conn.fetch(
        """
        select g.slug, g.name, g.preset, g.visibility, g.joining, g.card, s.state, s.role
        from peer_group g
        left join membership s on s.group_id = g.id and s.member_id = $1 and s.state <> 'left'
        left join membership b on b.group_id = g.id and b.member_id = $1 and b.banned_at is not null
        where g.deleted_at is null
          and b.member_id is null
          and ($2 or s.state is not null
               or g.visibility = 'public'
               or (g.visibility = 'members' and $1::uuid is not null))
        order by lower(g.name), g.slug
        limit $3
        """,
        member,
        is_operator,
        GROUPS_MAX,
    )
    return [
        Listed(r[0], r[1], r[2], r[3], r[4], msgspec.json.decode(r[5]), r[6], r[7]) for r in map(tuple, rows)
    ]
