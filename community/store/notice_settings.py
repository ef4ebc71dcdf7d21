"""What members wish to be told, by which way and when; and whose digest is due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.database import Conn, Tx, require_tx
from community.ids import MemberId
from community.notices.kinds import NoticeSettings

_COLUMNS = "hidden, by_mail, by_push, digest, digest_hour, digest_day, quiet_from, quiet_to, seen_at"


async def of(conn: Conn, member: MemberId) -> NoticeSettings:
    """The member's own; the default for someone who never chose."""
    row = await conn.fetchrow(
        f"select {_COLUMNS} from notice_setting where member_id = $1",  # noqa: S608
        member,
    )
    return NoticeSettings() if row is None else _settings(row)


def _settings(row: Mapping[str, Any]) -> NoticeSettings:
    quiet = None if row["quiet_from"] is None else (row["quiet_from"], row["quiet_to"])
    return NoticeSettings(
        hidden=frozenset(row["hidden"]),
        by_mail=frozenset(row["by_mail"]),
        by_push=frozenset(row["by_push"]),
        digest=row["digest"],
        digest_hour=row["digest_hour"],
        digest_day=row["digest_day"],
        quiet=quiet,
        seen_at=row["seen_at"],
    )


async def put(
    tx: Tx, member: MemberId, settings: NoticeSettings, *, digest_due_at: datetime | None, now: datetime
) -> None:
    """Write all of them. A digest that begins now tells of what comes from now on."""
    require_tx(tx)
    await tx.execute(
        """
        insert into notice_setting as s
          (member_id, hidden, by_mail, by_push, digest, digest_hour, digest_day, quiet_from, quiet_to, seen_at,
           digest_due_at, digest_since)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (member_id) do update
        set hidden = excluded.hidden,
            by_mail = excluded.by_mail,
            by_push = excluded.by_push,
            digest = excluded.digest,
            digest_hour = excluded.digest_hour,
            digest_day = excluded.digest_day,
            quiet_from = excluded.quiet_from,
            quiet_to = excluded.quiet_to,
            seen_at = excluded.seen_at,
            digest_due_at = excluded.digest_due_at,
            digest_since = case when s.digest = 'off' then excluded.digest_since else s.digest_since end
        """,
        member,
        sorted(settings.hidden),
        sorted(settings.by_mail),
        sorted(settings.by_push),
        settings.digest,
        settings.digest_hour,
        settings.digest_day,
        settings.quiet[0] if settings.quiet else None,
        settings.quiet[1] if settings.quiet else None,
        settings.seen_at,
        digest_due_at,
        now,
    )


async def seen(tx: Tx, member: MemberId, *, now: datetime) -> None:
    """Everything until now is read."""
    require_tx(tx)
    await tx.execute(
        """
        insert into notice_setting (member_id, by_push, seen_at)
        values ($1, $3, $2)
        on conflict (member_id) do update set seen_at = excluded.seen_at
        """,
        member,
        now,
        sorted(NoticeSettings().by_push),
    )


async def lock(tx: Tx, member: MemberId) -> NoticeSettings:
    """For a change of one part: two tabs don't overwrite each other."""
    require_tx(tx)
    row = await tx.fetchrow(
        f"select {_COLUMNS} from notice_setting where member_id = $1 for update",  # noqa: S608
        member,
    )
    return NoticeSettings() if row is None else _settings(row)


async def due_digests(conn: Conn, *, now: datetime, limit: int) -> list[MemberId]:
    """Members whose digest is due, who waits longest first."""
    rows = await conn.fetch(
        """
        select member_id
        from notice_setting
        where digest_due_at <= $1
        order by digest_due_at, member_id
        limit $2
        """,
        now,
        limit,
    )
    return [row["member_id"] for row in rows]


async def lock_digest(tx: Tx, member: MemberId, *, now: datetime) -> datetime | None:
    """Take a due digest; answers from when on it tells. None where another process has it, or had it."""
    require_tx(tx)
    found: datetime | None = await tx.fetchval(
        """
        select coalesce(digest_since, digest_due_at)
        from notice_setting
        where member_id = $1
          and digest_due_at <= $2
        for update skip locked
        """,
        member,
        now,
    )
    return found


async def digest_done(
    tx: Tx, member: MemberId, *, next_due_at: datetime | None, since: datetime | None
) -> None:
    """The next one is due then, and tells of what came after `since` (None: as before)."""
    require_tx(tx)
    await tx.execute(
        """
        update notice_setting
        set digest_due_at = $2,
            digest = case when $2::timestamptz is null then 'off' else digest end,
            digest_since = coalesce($3, digest_since)
        where member_id = $1
        """,
        member,
        next_due_at,
        since,
    )


async def no_more_mail(tx: Tx, member: MemberId) -> None:
    """By the link in a mail: no news and no digest by mail."""
    require_tx(tx)
    await tx.execute(
        "update notice_setting set by_mail = '{}', digest = 'off', digest_due_at = null where member_id = $1",
        member,
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom news may reach, as sending needs to know them."""

    member_id: MemberId
    language: str
    time_zone: str
    email: str | None
    """Confirmed, still theirs, and not bounced."""
    break_until: datetime | None
    settings: NoticeSettings


async def readers(conn: Conn, members: Collection[MemberId]) -> dict[MemberId, Reader]:
    """Those of `members` who live here: nobody erased or suspended."""
    rows = await conn.fetch(
        """
        select m.id, m.language, m.time_zone,
               case when e.bounced_at is null and lower(e.email) = lower(m.email) then m.email end as email,
               w.break_until, s.hidden, s.by_mail, s.by_push, s.digest, s.digest_hour, s.digest_day,
               s.quiet_from, s.quiet_to, s.seen_at
        from member m
        join notice_setting s on s.member_id = m.id
        left join confirmed_email e on e.member_id = m.id
        left join member_wish w on w.member_id = m.id
        where m.id = any($1::uuid[])
          and m.erased_at is null
          and m.suspended_at is null
        """,
        list(members),
    )
    return {
        r["id"]: Reader(r["id"], r["language"], r["time_zone"], r["email"], r["break_until"], _settings(r))
        for r in rows
    }
