"""What waits to be told outside, and letters on their way out: leased, sent, marked. No row holds a word."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, MessageId, NoticeId
from community.store.rows import many

Way = Literal["mail", "push"]


@dataclass(frozen=True, slots=True)
class Pending:
    """One piece of news that its member may want to hear of outside."""

    id: UUID
    member_id: MemberId
    kind: str
    message_id: MessageId | None
    notice_id: NoticeId | None
    notice_kind: str | None
    notice_read: bool
    at: datetime


async def due_members(conn: Conn, *, now: datetime, limit: int) -> list[MemberId]:
    """Members with news that is due, who waits longest first."""
    rows = await conn.fetch(
        """
        select member_id
        from news_due
        where due_at <= $1
        group by member_id
        order by min(due_at), member_id
        limit $2
        """,
        now,
        limit,
    )
    return [row["member_id"] for row in rows]


async def lock_member(tx: Tx, member: MemberId) -> bool:
    """Their settings' row, so that no other process gathers for them meanwhile; False where one does."""
    require_tx(tx)
    row = await tx.fetchrow(
        "select member_id from notice_setting where member_id = $1 for update skip locked", member
    )
    return row is not None


async def put_off(tx: Tx, member: MemberId, *, until: datetime) -> None:
    """All that waits for one member waits until then."""
    require_tx(tx)
    await tx.execute("update news_due set due_at = $2 where member_id = $1 and due_at < $2", member, until)


async def pending(tx: Tx, member: MemberId) -> list[Pending]:
    """Everything that waits for one member, also what isn't due yet: one letter tells of all."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        select d.id, d.member_id, d.kind, d.message_id, d.notice_id, n.kind, n.read_at is not null, d.at
        from news_due d
        left join notice n on n.id = d.notice_id
        where d.member_id = $1
        order by d.at, d.id
        limit 1000
        """,
        member,
    )
    return many(Pending, rows)


async def forget(tx: Tx, ids: Collection[UUID]) -> None:
    require_tx(tx)
    await tx.execute("delete from news_due where id = any($1::uuid[])", list(ids))


async def postpone(tx: Tx, ids: Collection[UUID], *, until: datetime) -> None:
    """Quiet hours: what is due waits for their end."""
    require_tx(tx)
    await tx.execute("update news_due set due_at = $2 where id = any($1::uuid[])", list(ids), until)


async def drop_strays(tx: Tx, *, before: datetime) -> None:
    """News of members whose settings are gone, and letters that went out or failed long ago."""
    require_tx(tx)
    await tx.execute("delete from news_due where at < $1", before)
    await tx.execute("delete from news_letter where coalesce(sent_at, failed_at) < $1", before)


async def last_made(conn: Conn, member: MemberId) -> datetime | None:
    """When the last letter with news was made for them."""
    found: datetime | None = await conn.fetchval(
        "select max(made_at) from news_letter where member_id = $1 and kind = 'news'", member
    )
    return found


@dataclass(frozen=True, slots=True)
class NewLetter:
    id: UUID
    member_id: MemberId
    way: Way
    kind: Literal["news", "digest"]
    device_id: UUID | None
    counts: Mapping[str, int]


async def add(tx: Tx, letters: Sequence[NewLetter], *, now: datetime) -> None:
    require_tx(tx)
    await tx.executemany(
        """
        insert into news_letter (id, member_id, way, kind, device_id, counts, made_at, due_at)
        values ($1, $2, $3, $4, $5, $6::jsonb, $7, $7)
        """,
        [
            (x.id, x.member_id, x.way, x.kind, x.device_id, msgspec.json.encode(dict(x.counts)).decode(), now)
            for x in letters
        ],
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """One that is to be sent now. Its id makes the Message-ID, the same at every try."""

    id: UUID
    member_id: MemberId
    way: Way
    kind: Literal["news", "digest"]
    device_id: UUID | None
    counts: Mapping[str, int]
    attempts: int
    made_at: datetime


async def lease(tx: Tx, *, now: datetime, until: datetime, limit: int) -> list[Letter]:
    """Take due letters; a process that dies with them gives them back when the lease ends."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        update news_letter
        set leased_until = $2, attempts = attempts + 1
        where id in (
          select id
          from news_letter
          where due_at <= $1
            and sent_at is null
            and failed_at is null
            and (leased_until is null or leased_until <= $1)
          order by due_at, id
          limit $3
          for update skip locked)
        returning id, member_id, way, kind, device_id, counts, attempts, made_at
        """,
        now,
        until,
        limit,
    )
    return [
        Letter(
            r["id"],
            r["member_id"],
            r["way"],
            r["kind"],
            r["device_id"],
            msgspec.json.decode(r["counts"], type=dict[str, int]),
            r["attempts"],
            r["made_at"],
        )
        for r in rows
    ]


async def sent(tx: Tx, id: UUID, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute("update news_letter set sent_at = $2, leased_until = null where id = $1", id, now)


async def again(tx: Tx, id: UUID, *, due_at: datetime) -> None:
    require_tx(tx)
    await tx.execute("update news_letter set due_at = $2, leased_until = null where id = $1", id, due_at)


async def gave_up(tx: Tx, id: UUID, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute("update news_letter set failed_at = $2, leased_until = null where id = $1", id, now)


@dataclass(frozen=True, slots=True)
class Device:
    id: UUID
    member_id: MemberId
    endpoint: str
    public_key: bytes
    auth: bytes


async def add_device(tx: Tx, device: Device, session: UUID, *, now: datetime, most: int) -> None:
    """A browser that may be told, in place of an earlier one of the same endpoint; the oldest above `most` go."""
    require_tx(tx)
    await tx.execute("delete from push_device where endpoint = $1", device.endpoint)
    await tx.execute(
        """
        insert into push_device (id, member_id, session_id, endpoint, public_key, auth, made_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        device.id,
        device.member_id,
        session,
        device.endpoint,
        device.public_key,
        device.auth,
        now,
    )
    await tx.execute(
        """
        delete from push_device
        where id in (
          select id from push_device where member_id = $1 order by made_at desc, id desc offset $2)
        """,
        device.member_id,
        most,
    )


async def devices(conn: Conn, member: MemberId, *, now: datetime) -> list[Device]:
    """Browsers of the member whose session still stands."""
    rows = await conn.fetch(
        """
        select d.id, d.member_id, d.endpoint, d.public_key, d.auth
        from push_device d
        join session s on s.id = d.session_id
        where d.member_id = $1
          and s.revoked_at is null
          and s.expires_at > $2
        order by d.made_at, d.id
        """,
        member,
        now,
    )
    return many(Device, rows)


async def endpoints(conn: Conn, member: MemberId) -> list[str]:
    """Where the member's browsers are reached, for their copy of their data."""
    rows = await conn.fetch(
        "select endpoint from push_device where member_id = $1 order by made_at, id", member
    )
    return [row["endpoint"] for row in rows]


async def drop_device(tx: Tx, member: MemberId, *, endpoint: str) -> bool:
    require_tx(tx)
    row = await tx.fetchrow(
        "delete from push_device where member_id = $1 and endpoint = $2 returning id", member, endpoint
    )
    return row is not None


async def drop_devices(tx: Tx, member: MemberId) -> None:
    """None of the member's browsers is told any more."""
    require_tx(tx)
    await tx.execute("delete from push_device where member_id = $1", member)


async def drop_all(tx: Tx, member: MemberId) -> None:
    """Erasure: settings, addresses, devices, and whatever was on its way."""
    require_tx(tx)
    for table in (
        "news_due",
        "news_letter",
        "push_device",
        "email_link",
        "confirmed_email",
        "notice_setting",
    ):
        await tx.execute(f"delete from {table} where member_id = $1", member)  # noqa: S608
