"""Ways to reach people on duty, the outside back-up, and whoever mends Kith; and the canary's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, TeamId
from community.store.rows import many, one

Kind = Literal["mail", "webhook", "push"]
Use = Literal["person", "backup", "alarm", "canary"]
Style = Literal["kith", "goalert", "pagerduty", "ntfy"]


@dataclass(frozen=True, slots=True)
class Channel:
    """`aloud`: rings a sleeping person. `retry_at`: it failed, and isn't tried before. `secret` and `their_key` come
    sealed from here (oncall/channels/secrets.py)."""

    id: UUID
    team_id: TeamId
    member_id: MemberId | None
    use: Use
    kind: Kind
    style: Style
    label: str
    address: str
    their_key: str
    secret: str
    aloud: bool
    position: int
    failing_since: datetime | None
    retry_at: datetime | None
    last_ok_at: datetime | None


_CHANNEL = """
    id, team_id, member_id, use, kind, style, label, address, their_key, secret, aloud, position,
    failing_since, retry_at, last_ok_at
"""


async def add(tx: Tx, channel: Channel, *, now: datetime) -> bool:
    """The last in its person's order. False where they have the one that they may have of its kind (push)."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into oncall_channel
          (id, team_id, member_id, use, kind, style, label, address, their_key, secret, aloud, position, added_at)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce(max(position), 0) + 1, $12
        from oncall_channel
        where member_id is not distinct from $3
        on conflict (member_id) where kind = 'push' and revoked_at is null do nothing
        returning id
        """,
        channel.id,
        channel.team_id,
        channel.member_id,
        channel.use,
        channel.kind,
        channel.style,
        channel.label,
        channel.address,
        channel.their_key,
        channel.secret,
        channel.aloud,
        now,
    )
    return done is not None


async def in_the_open(tx: Tx, mark: str) -> list[Channel]:
    """Channels with a secret that isn't sealed, locked; those that another process seals are left to it."""
    require_tx(tx)
    rows = await tx.fetch(
        f"""
        select {_CHANNEL}
        from oncall_channel
        where (secret <> '' and not starts_with(secret, $1)) or (their_key <> '' and not starts_with(their_key, $1))
        order by id
        limit 1000
        for update skip locked
        """,  # noqa: S608
        mark,
    )
    return many(Channel, rows)


async def set_secrets(tx: Tx, id: UUID, *, secret: str, their_key: str) -> None:
    require_tx(tx)
    await tx.execute(
        "update oncall_channel set secret = $2, their_key = $3 where id = $1", id, secret, their_key
    )


async def get(conn: Conn, id: UUID) -> Channel | None:
    """A channel that wasn't revoked."""
    row = await conn.fetchrow(
        f"select {_CHANNEL} from oncall_channel where id = $1 and revoked_at is null",  # noqa: S608
        id,
    )
    return one(Channel, row)


async def lock(tx: Tx, id: UUID) -> bool:
    """Hold a standing channel's row until commit; False where it was revoked."""
    require_tx(tx)
    found = await tx.fetchval(
        "select id from oncall_channel where id = $1 and revoked_at is null for no key update", id
    )
    return found is not None


async def by_ids(conn: Conn, ids: Sequence[UUID]) -> dict[UUID, Channel]:
    """Those of them that weren't revoked."""
    rows = await conn.fetch(
        f"select {_CHANNEL} from oncall_channel where id = any($1::uuid[]) and revoked_at is null limit 500",  # noqa: S608
        list(ids),
    )
    return {row["id"]: Channel(*tuple(row)) for row in rows}  # type: ignore[arg-type]


async def of_members(conn: Conn, members: Sequence[MemberId]) -> list[Channel]:
    """Their standing channels, each person's in their order."""
    rows = await conn.fetch(
        f"""
        select {_CHANNEL}
        from oncall_channel
        where member_id = any($1::uuid[])
          and revoked_at is null
        order by member_id, position, id
        limit 1000
        """,  # noqa: S608
        list(members),
    )
    return many(Channel, rows)


async def webhooks(conn: Conn) -> list[str]:
    """Addresses of all standing webhooks."""
    rows = await conn.fetch(
        "select address from oncall_channel where kind = 'webhook' and revoked_at is null order by id limit 2000"
    )
    return [row["address"] for row in rows]


async def of_team(conn: Conn, team: TeamId, use: Use) -> list[Channel]:
    """The back-up's or the alarm's channels of a team."""
    rows = await conn.fetch(
        f"""
        select {_CHANNEL}
        from oncall_channel
        where team_id = $1
          and use = $2
          and revoked_at is null
        order by position, id
        limit 50
        """,  # noqa: S608
        team,
        use,
    )
    return many(Channel, rows)


async def alarms(conn: Conn) -> list[Channel]:
    """Every team's alarm channels: the other path."""
    rows = await conn.fetch(
        f"""
        select {_CHANNEL}
        from oncall_channel
        where use = 'alarm'
          and revoked_at is null
        order by team_id, position, id
        limit 50
        """  # noqa: S608
    )
    return many(Channel, rows)


async def revoke(tx: Tx, id: UUID, *, member: MemberId | None, team: TeamId, now: datetime) -> bool:
    """A lost device: nothing goes there any more, and no link it got opens anything. False when there is no
    such standing channel of theirs."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        update oncall_channel
        set revoked_at = $4
        where id = $1
          and member_id is not distinct from $2
          and team_id = $3
          and revoked_at is null
        returning id
        """,
        id,
        member,
        team,
        now,
    )
    return done is not None


async def worked(tx: Tx, id: UUID, *, now: datetime) -> None:
    """It took something. Written at most once a minute while all is well: a storm shares the row."""
    require_tx(tx)
    await tx.execute(
        """
        update oncall_channel
        set failing_since = null, retry_at = null, last_ok_at = $2
        where id = $1
          and (failing_since is not null or last_ok_at is null or last_ok_at < $2::timestamptz - interval '1 minute')
        """,
        id,
        now,
    )


async def failed(tx: Tx, id: UUID, *, now: datetime, retry_at: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        update oncall_channel
        set failing_since = coalesce(failing_since, $2), retry_at = $3
        where id = $1
        """,
        id,
        now,
        retry_at,
    )
