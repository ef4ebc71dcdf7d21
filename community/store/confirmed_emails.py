"""Which address a member has shown to be theirs, and links that show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId
from community.store.rows import one


@dataclass(frozen=True, slots=True)
class Address:
    """A member's address: `confirmed` and `bounced` are about this very one."""

    email: str | None
    confirmed: bool
    bounced: bool


async def of(conn: Conn, member: MemberId) -> Address:
    row = await conn.fetchrow(
        """
        select m.email, coalesce(lower(e.email) = lower(m.email), false),
               coalesce(lower(e.email) = lower(m.email) and e.bounced_at is not null, false)
        from member m
        left join confirmed_email e on e.member_id = m.id
        where m.id = $1
        """,
        member,
    )
    return one(Address, row) or Address(None, confirmed=False, bounced=False)


async def links_since(conn: Conn, member: MemberId, since: datetime) -> int:
    return int(
        await conn.fetchval(
            "select count(*) from email_link where member_id = $1 and made_at > $2", member, since
        )
    )


async def add_link(
    tx: Tx, member: MemberId, email: str, *, token_hash: bytes, now: datetime, expires: datetime
) -> None:
    """A fresh link; those that ended a day ago go."""
    require_tx(tx)
    await tx.execute("delete from email_link where expires_at < $1::timestamptz - interval '1 day'", now)
    await tx.execute(
        """
        insert into email_link (token_hash, member_id, email, made_at, expires_at)
        values ($1, $2, $3, $4, $5)
        """,
        token_hash,
        member,
        email,
        now,
        expires,
    )


async def of_link(conn: Conn, token_hash: bytes, *, now: datetime) -> MemberId | None:
    """Whose standing link this is: for the address that they still have."""
    found: MemberId | None = await conn.fetchval(
        """
        select l.member_id
        from email_link l
        join member m on m.id = l.member_id and lower(m.email) = lower(l.email)
        where l.token_hash = $1
          and l.expires_at > $2
          and m.erased_at is null
        """,
        token_hash,
        now,
    )
    return found


async def confirm(tx: Tx, member: MemberId, *, now: datetime) -> None:
    """The member's present address is theirs, also after a bounce; links are spent."""
    require_tx(tx)
    await tx.execute("delete from email_link where member_id = $1", member)
    await tx.execute(
        """
        insert into confirmed_email (member_id, email, confirmed_at)
        select id, email, $2 from member where id = $1 and email is not null
        on conflict (member_id) do update
        set email = excluded.email, confirmed_at = excluded.confirmed_at, bounced_at = null
        """,
        member,
        now,
    )


async def bounced(tx: Tx, member: MemberId, email: str, *, now: datetime) -> None:
    """Its server says that nobody is there: nothing more goes to it until it is confirmed anew."""
    require_tx(tx)
    await tx.execute(
        "update confirmed_email set bounced_at = $3 where member_id = $1 and lower(email) = lower($2)",
        member,
        email,
        now,
    )
