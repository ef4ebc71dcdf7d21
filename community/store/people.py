"""Members, their consents, blocks, mutes and notices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, MessageId, NoticeId
from community.store.rows import many, one


@dataclass(frozen=True, slots=True)
class MemberRow:
    id: MemberId
    handle: str
    email: str | None
    country: str | None
    language: str
    time_zone: str
    settings: dict[str, Any]
    is_operator: bool
    created_at: datetime
    password_hash: str


@dataclass(frozen=True, slots=True)
class NewMember:
    id: MemberId
    handle: str
    handle_folded: str
    password_hash: str
    email: str | None
    country: str | None
    language: str
    is_operator: bool


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: NoticeId
    kind: str
    message_id: MessageId | None
    parameters: dict[str, Any]
    at: datetime
    read_at: datetime | None


async def add(tx: Tx, member: NewMember, *, now: datetime) -> bool:
    """Create the account. False when the handle is taken (the unique index decides)."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        insert into member
          (id, handle, handle_folded, password_hash, email, country, language, is_operator, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (handle_folded) do nothing
        returning id
        """,
        member.id,
        member.handle,
        member.handle_folded,
        member.password_hash,
        member.email,
        member.country,
        member.language,
        member.is_operator,
        now,
    )
    return row is not None


async def add_consents(tx: Tx, member: MemberId, consents: dict[str, int], *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into consent (member_id, consent, version, given_at)
        select $1, c.consent, c.version, $4
        from unnest($2::text[], $3::int[]) as c(consent, version)
        on conflict do nothing
        """,
        member,
        list(consents.keys()),
        list(consents.values()),
        now,
    )


_MEMBER = """
    id, handle, email, country, language, time_zone, settings, is_operator, created_at, password_hash
"""


async def by_handle(conn: Conn, handle_folded: str) -> MemberRow | None:
    """The account of this handle, unless suspended or erased."""
    row = await conn.fetchrow(
        f"select {_MEMBER} from member where handle_folded = $1 and suspended_at is null",  # noqa: S608
        handle_folded,
    )
    return _member(row)


async def resting(conn: Conn, handle_folded: str) -> MemberRow | None:
    """The account of this handle if nobody can sign in to it now."""
    row = await conn.fetchrow(
        f"select {_MEMBER} from member where handle_folded = $1 and suspended_at is not null",  # noqa: S608
        handle_folded,
    )
    return _member(row)


async def lay_to_rest(tx: Tx, id: MemberId, *, now: datetime) -> None:
    """From now on nobody is this person here: no session, link or way back in opens anything."""
    require_tx(tx)
    await tx.execute("update member set suspended_at = $2 where id = $1 and suspended_at is null", id, now)


async def wake(tx: Tx, id: MemberId, *, since: datetime) -> None:
    """They can sign in again; not where something else, at another time, keeps the account shut."""
    require_tx(tx)
    await tx.execute("update member set suspended_at = null where id = $1 and suspended_at = $2", id, since)


async def by_id(conn: Conn, id: MemberId) -> MemberRow | None:
    row = await conn.fetchrow(
        f"select {_MEMBER} from member where id = $1 and erased_at is null",  # noqa: S608
        id,
    )
    return _member(row)


async def lock(tx: Tx, id: MemberId) -> None:
    """Erasure begins with this: it waits for words that are being kept, and none are kept while it runs."""
    require_tx(tx)
    await tx.fetchval("select id from member where id = $1 for update", id)


async def one_at_a_time(tx: Tx, id: MemberId) -> None:
    """What one member does of a kind waits for what they do of it elsewhere. Lighter than `lock`: their words are
    kept meanwhile (`hold` takes a share of the key alone)."""
    require_tx(tx)
    await tx.fetchval("select id from member where id = $1 for no key update", id)


async def hold(tx: Tx, ids: Collection[MemberId]) -> bool:
    """Before words of these members are kept, and before any other lock: nobody is erased until the
    transaction ends. False when one of them is gone or is being erased at this moment; never waits."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        select id
        from member
        where id = any($1::uuid[])
          and erased_at is null
        order by id
        for key share skip locked
        """,
        sorted(ids),
    )
    return len(rows) == len(set(ids))


async def handles(conn: Conn, ids: list[MemberId]) -> dict[MemberId, str | None]:
    """Handles by id; erased members are None."""
    rows = await conn.fetch("select id, handle from member where id = any($1::uuid[])", ids)
    return {row["id"]: row["handle"] for row in rows}


async def update(tx: Tx, id: MemberId, changes: dict[str, Any]) -> None:
    """Change email, country, language, time_zone (None leaves one as it is) or merge into settings."""
    require_tx(tx)
    await tx.execute(
        """
        update member
        set email = case when $6 then null else coalesce($2, email) end,
            country = case when $8 then null else coalesce($3, country) end,
            language = coalesce($4, language),
            time_zone = coalesce($5, time_zone),
            settings = settings || $7::jsonb
        where id = $1
        """,
        id,
        changes.get("email"),
        changes.get("country"),
        changes.get("language"),
        changes.get("time_zone"),
        bool(changes.get("forget_email")),
        msgspec.json.encode(changes.get("settings") or {}).decode(),
        bool(changes.get("forget_country")),
    )


async def set_password(tx: Tx, id: MemberId, password_hash: str) -> None:
    require_tx(tx)
    await tx.execute("update member set password_hash = $2 where id = $1", id, password_hash)


async def make_operator(tx: Tx, id: MemberId) -> None:
    require_tx(tx)
    await tx.execute("update member set is_operator = true where id = $1", id)


async def hold_operators(tx: Tx) -> None:
    """Until commit, whoever else would take an operator away waits: the last one stays. Before any member's row."""
    require_tx(tx)
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('operators', 0))")


async def count_operators(conn: Conn) -> int:
    """Those who can sign in."""
    return int(
        await conn.fetchval(
            "select count(*) from member where is_operator and erased_at is null and suspended_at is null"
        )
    )


async def any_operator(conn: Conn) -> bool:
    return bool(
        await conn.fetchval("select exists (select 1 from member where is_operator and erased_at is null)")
    )


async def set_block(tx: Tx, member: MemberId, other: MemberId, *, on: bool, now: datetime) -> None:
    require_tx(tx)
    await _set_pair(tx, ("member_block", "blocked_id"), (member, other), on=on, now=now)


async def set_mute(tx: Tx, member: MemberId, other: MemberId, *, on: bool, now: datetime) -> None:
    require_tx(tx)
    await _set_pair(tx, ("member_mute", "muted_id"), (member, other), on=on, now=now)


async def _set_pair(
    tx: Tx, names: tuple[str, str], pair: tuple[MemberId, MemberId], *, on: bool, now: datetime
) -> None:
    table, column = names  # two constants of this module, never input
    if on:
        await tx.execute(
            f"insert into {table} (member_id, {column}, at) values ($1, $2, $3) on conflict do nothing",  # noqa: S608
            *pair,
            now,
        )
    else:
        await tx.execute(f"delete from {table} where member_id = $1 and {column} = $2", *pair)  # noqa: S608


async def blocks(conn: Conn, member: MemberId) -> list[tuple[MemberId, str | None]]:
    rows = await conn.fetch(
        """
        select b.blocked_id, m.handle
        from member_block b
        join member m on m.id = b.blocked_id
        where b.member_id = $1
        order by b.at desc
        limit 1000
        """,
        member,
    )
    return [(row["blocked_id"], row["handle"]) for row in rows]


async def mutes(conn: Conn, member: MemberId) -> list[tuple[MemberId, str | None]]:
    rows = await conn.fetch(
        """
        select b.muted_id, m.handle
        from member_mute b
        join member m on m.id = b.muted_id
        where b.member_id = $1
        order by b.at desc
        limit 1000
        """,
        member,
    )
    return [(row["muted_id"], row["handle"]) for row in rows]


async def add_notice(
    tx: Tx,
    member: MemberId,
    *,
    id: NoticeId,
    kind: str,
    message_id: MessageId | None,
    parameters: dict[str, Any],
    now: datetime,
) -> None:
    """A letter from the house about the member's own words: ids and rules, put into words when shown."""
    require_tx(tx)
    await tx.execute(
        """
        insert into notice (id, member_id, kind, message_id, parameters, at)
        values ($1, $2, $3, $4, $5::jsonb, $6)
        """,
        id,
        member,
        kind,
        message_id,
        msgspec.json.encode(parameters).decode(),
        now,
    )


async def has_unread_notice(conn: Conn, member: MemberId, kind: str) -> bool:
    """Whether they were told of this and haven't read it yet."""
    return bool(
        await conn.fetchval(
            "select exists (select 1 from notice where member_id = $1 and kind = $2 and read_at is null)",
            member,
            kind,
        )
    )


async def notices(conn: Conn, member: MemberId, *, before: datetime | None, limit: int) -> list[NoticeRow]:
    rows = await conn.fetch(
        """
        select id, kind, message_id, parameters, at, read_at
        from notice
        where member_id = $1
          and at < coalesce($2, 'infinity'::timestamptz)
        order by at desc, id desc
        limit $3
        """,
        member,
        before,
        limit,
    )
    return [
        NoticeRow(
            r["id"], r["kind"], r["message_id"], msgspec.json.decode(r["parameters"]), r["at"], r["read_at"]
        )
        for r in rows
    ]


async def mark_notices_read(tx: Tx, member: MemberId, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute("update notice set read_at = $2 where member_id = $1 and read_at is null", member, now)


@dataclass(frozen=True, slots=True)
class GivenConsent:
    consent: str
    version: int
    given_at: datetime


async def consents(conn: Conn, member: MemberId) -> list[GivenConsent]:
    rows = await conn.fetch(
        "select consent, version, given_at from consent where member_id = $1 order by given_at, consent",
        member,
    )
    return many(GivenConsent, rows)


def _member(row: Any) -> MemberRow | None:
    if row is None:
        return None
    values = list(row)
    values[6] = msgspec.json.decode(values[6])
    return one(MemberRow, values)
