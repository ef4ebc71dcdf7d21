"""Recovery codes and links: kept as hashes, each good once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId


async def put_codes(tx: Tx, member: MemberId, hashes: Collection[bytes], *, now: datetime) -> None:
    """These codes, and none of the earlier ones."""
    require_tx(tx)
    await tx.execute("delete from recovery_code where member_id = $1", member)
    await tx.execute(
        """
        insert into recovery_code (member_id, code_hash, made_at)
        select $1, h, $3
        from unnest($2::bytea[]) as h
        """,
        member,
        list(hashes),
        now,
    )


async def has_code(conn: Conn, member: MemberId, code_hash: bytes) -> bool:
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1 from recovery_code where member_id = $1 and code_hash = $2 and used_at is null
            )
            """,
            member,
            code_hash,
        )
    )


async def use_code(tx: Tx, member: MemberId, code_hash: bytes, *, now: datetime) -> bool:
    """Spend the code. False when it isn't the member's, or was spent already."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        update recovery_code
        set used_at = $3
        where member_id = $1
          and code_hash = $2
          and used_at is null
        returning member_id
        """,
        member,
        code_hash,
        now,
    )
    return row is not None


async def codes_left(conn: Conn, member: MemberId) -> int:
    return int(
        await conn.fetchval(
            "select count(*) from recovery_code where member_id = $1 and used_at is null", member
        )
    )


async def members_of_email(conn: Conn, email: str) -> list[MemberId]:
    """Accounts with this address in either case; an address may serve several."""
    rows = await conn.fetch(
        """
        select id
        from member
        where lower(email) = lower($1)
          and suspended_at is null
          and erased_at is null
        order by created_at, id
        limit 5
        """,
        email,
    )
    return [row["id"] for row in rows]


async def links_since(conn: Conn, member: MemberId, since: datetime) -> int:
    return int(
        await conn.fetchval(
            "select count(*) from recovery_link where member_id = $1 and made_at > $2", member, since
        )
    )


async def add_link(tx: Tx, member: MemberId, token_hash: bytes, *, now: datetime, expires: datetime) -> None:
    """A fresh link; whoever asks for one also clears those that are a day old."""
    require_tx(tx)
    await tx.execute("delete from recovery_link where expires_at < $1::timestamptz - interval '1 day'", now)
    await tx.execute(
        "insert into recovery_link (token_hash, member_id, made_at, expires_at) values ($1, $2, $3, $4)",
        token_hash,
        member,
        now,
        expires,
    )


async def of_link(conn: Conn, token_hash: bytes, *, now: datetime) -> MemberId | None:
    """Whose standing link this is."""
    value: MemberId | None = await conn.fetchval(
        """
        select l.member_id
        from recovery_link l
        join member m on m.id = l.member_id
        where l.token_hash = $1
          and l.used_at is null
          and l.expires_at > $2
          and m.suspended_at is null
          and m.erased_at is null
        """,
        token_hash,
        now,
    )
    return value


async def use_links(tx: Tx, member: MemberId, token_hash: bytes, *, now: datetime) -> bool:
    """Spend this link, and with it every other of the member. False when it was spent or has ended."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        update recovery_link
        set used_at = $3
        where token_hash = $2
          and member_id = $1
          and used_at is null
          and expires_at > $3
        returning token_hash
        """,
        member,
        token_hash,
        now,
    )
    if row is None:
        return False
    await tx.execute(
        "update recovery_link set used_at = $2 where member_id = $1 and used_at is null", member, now
    )
    return True
