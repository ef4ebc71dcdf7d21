"""Who runs this server, the first day's code, and when backups were written and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, new_id
from community.store.rows import many, one


@dataclass(frozen=True, slots=True)
class Organisation:
    """What the people who run it say of themselves."""

    name: str
    contact: str
    country: str | None
    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class BackupState:
    """When a backup was last written and how large it was; when one was last brought back. None: never."""

    written_at: datetime | None
    bytes: int | None
    restored_at: datetime | None


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group as the operator's list shows it."""

    slug: str
    name: str
    preset: str
    visibility: str
    members: int
    moderators: int


async def organisation(conn: Conn) -> Organisation:
    row = await conn.fetchrow("select name, contact, country, languages from organisation")
    found = one(Organisation, row)
    assert found is not None, "founded at the first start"
    return found


async def set_organisation(tx: Tx, said: Organisation) -> None:
    require_tx(tx)
    await tx.execute(
        "update organisation set name = $1, contact = $2, country = $3, languages = $4",
        said.name,
        said.contact,
        said.country,
        list(said.languages),
    )


async def set_code(tx: Tx, code_hash: bytes, *, now: datetime) -> None:
    """The one code that counts; an older one opens nothing any more."""
    require_tx(tx)
    await tx.execute(
        """
        insert into setup_code (code_hash, made_at)
        values ($1, $2)
        on conflict (only_row) do update
        set code_hash = excluded.code_hash, made_at = excluded.made_at
        """,
        code_hash,
        now,
    )


async def lock_code(tx: Tx) -> bytes | None:
    """The code's hash; its row stays locked, so that two who have it can't both come in."""
    require_tx(tx)
    value: bytes | None = await tx.fetchval("select code_hash from setup_code for update")
    return value


async def drop_code(tx: Tx) -> None:
    require_tx(tx)
    await tx.execute("delete from setup_code")


async def record_backup(
    tx: Tx, kind: str, *, now: datetime, size: int | None = None, by: MemberId | None = None
) -> None:
    require_tx(tx)
    await tx.execute(
        "insert into backup_record (id, kind, at, bytes, by_id) values ($1, $2, $3, $4, $5)",
        new_id(),
        kind,
        now,
        size,
        by,
    )


async def backups(conn: Conn) -> BackupState:
    row = await conn.fetchrow(
        """
        select w.at, w.bytes,
               (select max(at) from backup_record where kind in ('restored', 'tried'))
        from (select 1) one
        left join lateral (
          select at, bytes from backup_record where kind = 'written' order by at desc limit 1) w on true
        """
    )
    found = one(BackupState, row)
    assert found is not None, "a left join from one row has one row"
    return found


async def groups(conn: Conn) -> list[GroupLine]:
    """Every group, private ones too: the operator answers for all of them."""
    rows = await conn.fetch(
        """
        select g.slug, g.name, g.preset, g.visibility,
               count(*) filter (where s.state = 'member' and s.banned_at is null),
               count(*) filter (where s.state = 'member' and s.banned_at is null and s.role in ('moderator', 'owner'))
        from peer_group g
        left join membership s on s.group_id = g.id
        where g.deleted_at is null
        group by g.id
        order by lower(g.name), g.id
        limit 500
        """
    )
    return many(GroupLine, rows)


async def operators(conn: Conn) -> list[str]:
    """Handles of those who run the server."""
    rows = await conn.fetch(
        "select handle from member where is_operator and erased_at is null order by lower(handle) limit 100"
    )
    return [row["handle"] for row in rows]
