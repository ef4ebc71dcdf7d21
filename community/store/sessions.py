"""Sessions: who holds which token, until when; and failed sign-ins, counted for the limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, SessionId
from community.store import wishes
from community.store.rows import many
from community.wishes import Wishes


@dataclass(frozen=True, slots=True)
class SessionRow:
    session_id: SessionId
    member_id: MemberId
    handle: str
    is_operator: bool
    door: str
    language: str
    country: str | None
    time_zone: str
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as its owner sees it in the list."""

    id: SessionId
    door: str
    label: str
    created_at: datetime
    last_seen_at: datetime


async def by_token(conn: Conn, token_hash: bytes, *, now: datetime) -> SessionRow | None:
    """The session of this token if it stands: not revoked, not expired, its member not suspended."""
    row = await conn.fetchrow(
        """
        select s.id, s.member_id, m.handle, m.is_operator, s.door, m.language, m.country, m.time_zone,
               w.muted_words, w.opened_warnings, w.hidden_warnings, w.break_until
        from session s
        join member m on m.id = s.member_id
        left join member_wish w on w.member_id = m.id
        where s.token_hash = $1
          and s.revoked_at is null
          and s.expires_at > $2
          and m.erased_at is null
          and m.suspended_at is null
        """,
        token_hash,
        now,
    )
    if row is None:
        return None
    return SessionRow(
        session_id=row["id"],
        member_id=row["member_id"],
        handle=row["handle"],
        is_operator=row["is_operator"],
        door=row["door"],
        language=row["language"],
        country=row["country"],
        time_zone=row["time_zone"],
        wishes=wishes.from_row(row),
    )


async def alive(conn: Conn, ids: list[SessionId], *, now: datetime) -> set[SessionId]:
    """Those of `ids` that still stand."""
    rows = await conn.fetch(
        """
        select s.id
        from session s
        join member m on m.id = s.member_id
        where s.id = any($1::uuid[])
          and s.revoked_at is null
          and s.expires_at > $2
          and m.erased_at is null
          and m.suspended_at is null
        """,
        ids,
        now,
    )
    return {row["id"] for row in rows}


async def create(
    tx: Tx,
    member: MemberId,
    *,
    token_hash: bytes,
    door: str,
    label: str,
    now: datetime,
    expires_at: datetime,
    id: SessionId,
) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into session (id, member_id, token_hash, door, label, created_at, last_seen_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $6, $7)
        """,
        id,
        member,
        token_hash,
        door,
        label,
        now,
        expires_at,
    )


async def of_member(conn: Conn, member: MemberId, *, now: datetime) -> list[SessionView]:
    """The member's standing sessions, newest first."""
    rows = await conn.fetch(
        """
        select id, door, label, created_at, last_seen_at
        from session
        where member_id = $1
          and revoked_at is null
          and expires_at > $2
        order by created_at desc, id
        limit 200
        """,
        member,
        now,
    )
    return many(SessionView, rows)


async def revoke(tx: Tx, member: MemberId, session: SessionId, *, now: datetime) -> bool:
    """End one of the member's own sessions. False when there is no such session of theirs."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        update session
        set revoked_at = $3
        where id = $1
          and member_id = $2
          and revoked_at is null
        returning id
        """,
        session,
        member,
        now,
    )
    return row is not None


async def revoke_all(
    tx: Tx, member: MemberId, *, now: datetime, keep: SessionId | None = None
) -> list[SessionId]:
    """End every session of the member but `keep`; returns those that were standing."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        update session
        set revoked_at = $2
        where member_id = $1
          and id is distinct from $3
          and revoked_at is null
        returning id
        """,
        member,
        now,
        keep,
    )
    return [row["id"] for row in rows]


async def count_failures(conn: Conn, handle_folded: str, address: str, *, since: datetime) -> int:
    return int(
        await conn.fetchval(
            """
            select count(*)
            from sign_in_failure
            where handle_folded = $1
              and address = $2::text::inet
              and at > $3
            """,
            handle_folded,
            address,
            since,
        )
    )


async def hold_tries(tx: Tx, handle_folded: str, address: str) -> None:
    """Until commit, whoever else tries this name from this address waits: each counts those before it."""
    require_tx(tx)
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 1))", handle_folded, address
    )


async def add_failure(
    tx: Tx, handle_folded: str, address: str, *, now: datetime, forget_before: datetime
) -> None:
    """Count a failed sign-in and drop counts that no longer matter."""
    require_tx(tx)
    await tx.execute("delete from sign_in_failure where at < $1", forget_before)
    await tx.execute(
        "insert into sign_in_failure (handle_folded, address, at) values ($1, $2::text::inet, $3)",
        handle_folded,
        address,
        now,
    )


async def clear_failures(tx: Tx, handle_folded: str, address: str) -> None:
    require_tx(tx)
    await tx.execute(
        "delete from sign_in_failure where handle_folded = $1 and address = $2::text::inet",
        handle_folded,
        address,
    )
