"""Shifts: who has promised to be there, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, TeamId, new_id
from community.store.rows import many

SeatName = Literal["primary", "secondary", "lead"]


@dataclass(frozen=True, slots=True)
class Shift:
    member_id: MemberId
    seat: SeatName
    starts_at: datetime
    ends_at: datetime


async def add_shift(tx: Tx, team: TeamId, shift: Shift) -> None:
    require_tx(tx)
    await tx.execute(
        "insert into shift (id, team_id, member_id, seat, starts_at, ends_at) values ($1, $2, $3, $4, $5, $6)",
        new_id(),
        team,
        shift.member_id,
        shift.seat,
        shift.starts_at,
        shift.ends_at,
    )


async def shifts_between(conn: Conn, team: TeamId, *, start: datetime, end: datetime) -> list[Shift]:
    """Every shift that touches the time between, by start."""
    rows = await conn.fetch(
        """
        select member_id, seat, starts_at, ends_at
        from shift
        where team_id = $1
          and ends_at > $2
          and starts_at < $3
        order by starts_at, seat, member_id
        """,
        team,
        start,
        end,
    )
    return many(Shift, rows)
