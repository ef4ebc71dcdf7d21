"""On-call's rows of one person, across its tables: to hand out and to drop."""

from __future__ import annotations

from datetime import date, datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId


async def shifts_of(conn: Conn, member: MemberId) -> list[tuple[str, datetime, datetime]]:
    rows = await conn.fetch(
        "select seat, starts_at, ends_at from shift where member_id = $1 order by starts_at limit 10000",
        member,
    )
    return [(row["seat"], row["starts_at"], row["ends_at"]) for row in rows]


async def training_of(conn: Conn, member: MemberId) -> list[tuple[str, date, date, list[str]]]:
    rows = await conn.fetch(
        """
        select lane, trained_on, expires_on, topics_excluded
        from training
        where member_id = $1
        order by trained_on, id
        limit 1000
        """,
        member,
    )
    return [(r["lane"], r["trained_on"], r["expires_on"], r["topics_excluded"]) for r in rows]


async def drop(tx: Tx, member: MemberId) -> None:
    """Addresses and secrets go; a channel's row stays for the attempts that name it, revoked and empty. The
    moment is Postgres's own: this runs in the erasure's transaction, whose time it is."""
    require_tx(tx)
    await tx.execute(
        """
        update oncall_channel
        set address = '', their_key = '', secret = '', label = '', revoked_at = coalesce(revoked_at, now())
        where member_id = $1
        """,
        member,
    )
    await tx.execute(
        """
        delete from page_link
        where attempt_id in (select id from page_attempt where member_id = $1)
        """,
        member,
    )
    await tx.execute(
        "update shift_rule set ended_at = now() where member_id = $1 and ended_at is null", member
    )
    await tx.execute("delete from shift where member_id = $1 and starts_at > now()", member)
    await tx.execute("update training set topics_excluded = '{}' where member_id = $1", member)
    await tx.execute("update handover set by_id = null where by_id = $1", member)
