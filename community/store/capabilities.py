"""Single-purpose links in a path (feed, calendar): hashed here, shown once, revocable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import MemberId
from community.store.rows import many, one


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    id: UUID
    member_id: MemberId
    purpose: str
    subject: UUID | None
    created_at: datetime


_ROW = "id, member_id, purpose, subject, created_at"


async def add(tx: Tx, capability: CapabilityRow, *, token_hash: bytes) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into capability (id, member_id, purpose, subject, token_hash, created_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        capability.id,
        capability.member_id,
        capability.purpose,
        capability.subject,
        token_hash,
        capability.created_at,
    )


async def by_token(conn: Conn, token_hash: bytes, *, purpose: str) -> CapabilityRow | None:
    """The link of this secret if it stands and is for this purpose; never of a suspended or erased member."""
    row = await conn.fetchrow(
        """
        select k.id, k.member_id, k.purpose, k.subject, k.created_at
        from capability k
        join member m on m.id = k.member_id
        where k.token_hash = $1
          and k.purpose = $2
          and k.revoked_at is null
          and m.suspended_at is null
          and m.erased_at is null
        """,
        token_hash,
        purpose,
    )
    return one(CapabilityRow, row)


async def of_member(conn: Conn, member: MemberId, *, purpose: str) -> list[CapabilityRow]:
    """The member's standing links of one purpose, newest first."""
    rows = await conn.fetch(
        f"""
        select {_ROW}
        from capability
        where member_id = $1
          and purpose = $2
          and revoked_at is null
        order by created_at desc, id
        limit 200
        """,  # noqa: S608
        member,
        purpose,
    )
    return many(CapabilityRow, rows)


async def revoke(tx: Tx, member: MemberId, id: UUID, *, now: datetime) -> bool:
    """End one of the member's own links. False when there is no such standing link of theirs."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        update capability
        set revoked_at = $3
        where id = $1
          and member_id = $2
          and revoked_at is null
        returning id
        """,
        id,
        member,
        now,
    )
    return row is not None


async def drop_all(tx: Tx, member: MemberId) -> None:
    """Erasure: no link of this member opens anything any more."""
    require_tx(tx)
    await tx.execute("delete from capability where member_id = $1", member)
