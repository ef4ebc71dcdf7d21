"""What belongs to a roster beside its shifts: swaps, training records, and hand-over notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, TeamId, new_id
from community.store.rows import many, one
from moderation.oncall.roster import Record

Lane = Literal["care", "conduct"]

# ---- swaps


@dataclass(frozen=True, slots=True)
class SwapRow:
    id: UUID
    shift_id: UUID
    from_id: MemberId
    to_id: MemberId
    state: str
    asked_at: datetime


_SWAP = "id, shift_id, from_id, to_id, state, asked_at"


async def ask_swap(tx: Tx, shift: UUID, *, from_: MemberId, to: MemberId, now: datetime) -> UUID | None:
    """None when somebody has been asked already."""
    require_tx(tx)
    value: UUID | None = await tx.fetchval(
        """
        insert into shift_swap (id, shift_id, from_id, to_id, asked_at)
        values ($1, $2, $3, $4, $5)
        on conflict (shift_id) where state = 'asked' do nothing
        returning id
        """,
        new_id(),
        shift,
        from_,
        to,
        now,
    )
    return value


async def lock_swap(tx: Tx, id: UUID) -> SwapRow | None:
    require_tx(tx)
    return one(SwapRow, await tx.fetchrow(f"select {_SWAP} from shift_swap where id = $1 for update", id))  # noqa: S608


async def answer_swap(tx: Tx, id: UUID, state: str, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute("update shift_swap set state = $2, answered_at = $3 where id = $1", id, state, now)


async def open_swaps(conn: Conn, team: TeamId) -> list[SwapRow]:
    rows = await conn.fetch(
        """
        select w.id, w.shift_id, w.from_id, w.to_id, w.state, w.asked_at
        from shift_swap w
        join shift s on s.id = w.shift_id
        where w.state = 'asked'
          and s.team_id = $1
        order by s.starts_at
        limit 200
        """,
        team,
    )
    return many(SwapRow, rows)


# ---- training


@dataclass(frozen=True, slots=True)
class TrainingRow:
    id: UUID
    member_id: MemberId
    lane: Lane
    trained_on: date
    expires_on: date
    supervisor_id: MemberId | None
    topics_excluded: list[str]

    def record(self) -> Record:
        topics = frozenset(self.topics_excluded)
        return Record(self.member_id, self.lane, self.trained_on, self.expires_on, topics)


async def add_training(tx: Tx, team: TeamId, row: TrainingRow, *, by: MemberId, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into training (id, team_id, member_id, lane, trained_on, expires_on, supervisor_id,
                              topics_excluded, entered_by, entered_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        row.id,
        team,
        row.member_id,
        row.lane,
        row.trained_on,
        row.expires_on,
        row.supervisor_id,
        row.topics_excluded,
        by,
        now,
    )


async def training(conn: Conn, team: TeamId) -> list[TrainingRow]:
    """Records that weren't revoked, lapsed ones too."""
    rows = await conn.fetch(
        """
        select id, member_id, lane, trained_on, expires_on, supervisor_id, topics_excluded
        from training
        where team_id = $1
          and revoked_at is null
        order by member_id, lane, expires_on desc, id
        limit 2000
        """,
        team,
    )
    return many(TrainingRow, rows)


async def set_topics(tx: Tx, team: TeamId, member: MemberId, topics: Sequence[str]) -> None:
    """Topics that this person wishes to be spared, on all of their records."""
    require_tx(tx)
    await tx.execute(
        """
        update training
        set topics_excluded = $3
        where team_id = $1
          and member_id = $2
          and revoked_at is null
        """,
        team,
        member,
        list(topics),
    )


async def revoke_training(tx: Tx, team: TeamId, id: UUID, *, now: datetime) -> bool:
    require_tx(tx)
    done = await tx.fetchval(
        """
        update training
        set revoked_at = $3
        where id = $1
          and team_id = $2
          and revoked_at is null
        returning id
        """,
        id,
        team,
        now,
    )
    return done is not None


# ---- hand-over


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """An open care case and the latest note about it; no words of the person it is about."""

    case_id: CaseId
    tier: str
    state: str
    raised_at: datetime
    due_at: datetime | None
    owner_id: MemberId | None
    words: str | None
    by_id: MemberId | None
    by_handle: str | None
    at: datetime | None


async def add_note(tx: Tx, team: TeamId, case: CaseId, *, by: MemberId, words: str, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        "insert into handover (id, team_id, case_id, by_id, words, at) values ($1, $2, $3, $4, $5, $6)",
        new_id(),
        team,
        case,
        by,
        words,
        now,
    )


async def open_cases(conn: Conn, team: TeamId, *, not_about: MemberId) -> list[HandoverRow]:
    """Every open care case with what the shift before says about it, most urgent first."""
    rows = await conn.fetch(
        """
        select c.id, c.tier, c.state, c.raised_at, c.due_at, c.owner_id, h.words, h.by_id, m.handle, h.at
        from moderation_case c
        left join lateral (select words, by_id, at from handover where case_id = c.id
                           order by at desc limit 1) h on true
        left join member m on m.id = h.by_id
        where c.team_id = $1
          and c.lane = 'care'
          and c.state <> 'closed'
          and not c.canary
          and c.member_id is distinct from $2
        order by array_position(array['crisis', 'red', 'amber', 'green'], c.tier), c.raised_at, c.id
        limit 500
        """,
        team,
        not_about,
    )
    return many(HandoverRow, rows)
