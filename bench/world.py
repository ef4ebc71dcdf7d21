"""A populated server for load: members with known tokens and rooms with known ids, written straight to its
database (signing up thousands of people would measure argon2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from community.ids import new_id
from community.tokens import token_hash

GROUP = UUID("00000000-0000-7000-8000-0000000000aa")


def token(number: int) -> str:
    return f"bench-token-{number:08d}"


def room_id(number: int) -> UUID:
    return UUID(f"00000000-0000-7000-8000-{number:012d}")


async def populate(dsn: str, *, rooms: int, members: int) -> None:
    """One group with so many rooms and so many members inside it."""
    now = datetime.now(UTC)
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            team = await connection.fetchval("select id from team order by created_at limit 1")
            await connection.execute(
                "insert into peer_group (id, team_id, slug, name, preset, visibility, joining, guidelines_version,"
                " created_at) values ($1, $2, 'bench', 'Bench', 'chronic-illness', 'members', 'open', 1, $3)",
                GROUP,
                team,
                now,
            )
            await connection.execute("insert into guidelines values ($1, 1, 'Be kind.', $2)", GROUP, now)
            people = [new_id() for _ in range(members)]
            await connection.executemany(
                "insert into member (id, handle, handle_folded, password_hash, created_at)"
                " values ($1, $2, $2, 'x', $3)",
                [(id, f"bench{n}", now) for n, id in enumerate(people)],
            )
            await connection.executemany(
                "insert into session (id, member_id, token_hash, door, label, created_at, last_seen_at, expires_at)"
                " values ($1, $2, $3, 'bearer', 'bench', $4, $4, $5)",
                [
                    (new_id(), id, token_hash(token(n)), now, now + timedelta(days=1))
                    for n, id in enumerate(people)
                ],
            )
            await connection.executemany(
                "insert into membership (group_id, member_id, state, guidelines_version, joined_at)"
                " values ($1, $2, 'member', 1, $3)",
                [(GROUP, id, now) for id in people],
            )
            await connection.executemany(
                "insert into conversation (id, kind, group_id, created_at) values ($1, 'room', $2, $3)",
                [(room_id(n), GROUP, now) for n in range(rooms)],
            )
            await connection.executemany(
                "insert into room (conversation_id, group_id, name) values ($1, $2, $3)",
                [(room_id(n), GROUP, f"room {n}") for n in range(rooms)],
            )
        await connection.execute("analyze")
    finally:
        await connection.close()
