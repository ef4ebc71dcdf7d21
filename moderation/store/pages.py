"""Pages (alerts to people on duty) as the rest of the house needs them, cover, and flags.

What the escalator does at due times is in store/paging.py, who is reached how in store/attempts.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, MessageId, PageId, TeamId
from community.store.rows import one


@dataclass(frozen=True, slots=True)
class PageRow:
    id: PageId
    case_id: CaseId
    tier: str
    reason: str
    opened_at: datetime
    due_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: MemberId | None


_PAGE = "id, case_id, tier, reason, opened_at, due_at, acknowledged_at, acknowledged_by"


async def add(tx: Tx, *, id: PageId, case_id: CaseId, tier: str, reason: str, now: datetime) -> None:
    """Promise a page in the transaction that needs it; due at once. It takes the place of earlier ones of
    this case whose second clock may still run. The caller holds the case's lock."""
    await stand_down(tx, case_id, now=now)
    await tx.execute(
        """
        insert into page (id, case_id, tier, reason, opened_at, due_at)
        values ($1, $2, $3, $4, $5, $5)
        """,
        id,
        case_id,
        tier,
        reason,
        now,
    )


async def waiting(conn: Conn, case_id: CaseId) -> PageRow | None:
    """The case's page that nobody has acknowledged yet."""
    row = await conn.fetchrow(
        f"""
        select {_PAGE}
        from page
        where case_id = $1
          and state = 'waiting'
        order by opened_at desc
        limit 1
        """,  # noqa: S608
        case_id,
    )
    return one(PageRow, row)


async def runs(conn: Conn, case_id: CaseId, reason: str) -> bool:
    """Whether a page for this reason asks already, or somebody answered it and has its clock."""
    return bool(
        await conn.fetchval(
            "select exists (select 1 from page where case_id = $1 and reason = $2 and state <> 'ended')",
            case_id,
            reason,
        )
    )


async def get(conn: Conn, id: PageId) -> PageRow | None:
    """A case's page; tests of shifts and gaps are in store/paging.py."""
    row = await conn.fetchrow(f"select {_PAGE} from page where id = $1 and kind = 'case'", id)  # noqa: S608
    return one(PageRow, row)


async def raise_tier(tx: Tx, id: PageId, *, tier: str, now: datetime) -> None:
    """A waiting page whose case got more urgent, or brought news, goes out again at once, its clock fresh."""
    require_tx(tx)
    await tx.execute(
        """
        update page
        set tier = $2, due_at = $3, started_at = $3, round = 0, floor = 0
        where id = $1
          and state = 'waiting'
        """,
        id,
        tier,
        now,
    )


async def acknowledge(tx: Tx, case_id: CaseId, by: MemberId | None, *, now: datetime) -> None:
    """Someone has the case (None: the outside back-up): its waiting pages fall silent. Their next step is
    due at once and starts the clock for human words."""
    require_tx(tx)
    await tx.execute(
        """
        update page
        set state = 'acknowledged', due_at = $3, acknowledged_at = $3, acknowledged_by = $2
        where case_id = $1
          and state = 'waiting'
        """,
        case_id,
        by,
        now,
    )


async def stand_down(tx: Tx, case_id: CaseId, *, now: datetime) -> None:
    """The case was closed, or a fresh page takes over: nothing of these is paged any more."""
    require_tx(tx)
    await tx.execute(
        """
        update page
        set state = 'ended', due_at = null, stood_down_at = $2
        where case_id = $1
          and state <> 'ended'
        """,
        case_id,
        now,
    )


@dataclass(frozen=True, slots=True)
class Cover:
    """Whether a trained person is on duty, and when the next one will be."""

    on_duty: bool
    next_at: datetime | None


async def cover(conn: Conn, team: TeamId, *, now: datetime) -> Cover:
    """What the shifts say at this moment; a lead's alone doesn't cover. No shifts at all: nobody, and no
    promise when. With stated hours: moderation/oncall/roster_acts.py."""
    row = await conn.fetchrow(
        """
        select exists (select 1 from shift
                       where team_id = $1 and seat <> 'lead' and starts_at <= $2 and ends_at > $2) as on_duty,
               (select min(starts_at) from shift
                where team_id = $1 and seat <> 'lead' and starts_at > $2) as next_at
        """,
        team,
        now,
    )
    assert row is not None, "a select without from has one row"
    return Cover(row["on_duty"], row["next_at"])


async def add_flag(
    tx: Tx,
    *,
    message: MessageId,
    member: MemberId,
    kind: str,
    note: MessageId | None,
    id: object,
    now: datetime,
) -> bool:
    """Count a flag. False when this member has flagged this message so before."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into flag (id, message_id, member_id, kind, note_id, at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (message_id, member_id, kind) do nothing
        returning id
        """,
        id,
        message,
        member,
        kind,
        note,
        now,
    )
    return done is not None
