"""Shifts and the rules they come from: who has promised to be there, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import MemberId, TeamId, new_id
from community.store.rows import many, one
from moderation.oncall.roster import Rule, SeatName, Turn


@dataclass(frozen=True, slots=True)
class Shift:
    member_id: MemberId
    seat: SeatName
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ShiftRow:
    id: UUID
    team_id: TeamId
    member_id: MemberId
    handle: str | None
    seat: SeatName
    starts_at: datetime
    ends_at: datetime
    rule_id: UUID | None
    on_day: date | None
    taken_over_at: datetime | None

    def turn(self) -> Turn:
        silent = self.taken_over_at is not None
        return Turn(self.member_id, self.seat, self.starts_at, self.ends_at, self.on_day, self.id, silent)


_SHIFT = """
    s.id, s.team_id, s.member_id, m.handle, s.seat, s.starts_at, s.ends_at, s.rule_id, s.on_day,
    s.taken_over_at
"""


async def add_shift(tx: Tx, team: TeamId, shift: Shift) -> UUID:
    """One shift outside any rule."""
    require_tx(tx)
    id = new_id()
    await tx.execute(
        "insert into shift (id, team_id, member_id, seat, starts_at, ends_at) values ($1, $2, $3, $4, $5, $6)",
        id,
        team,
        shift.member_id,
        shift.seat,
        shift.starts_at,
        shift.ends_at,
    )
    return id


async def add_turns(tx: Tx, team: TeamId, rule: UUID, turns: Sequence[Turn]) -> None:
    """A rule's shifts. Those that are there already stay as they are, swapped or not."""
    require_tx(tx)
    await tx.executemany(
        """
        insert into shift (id, team_id, member_id, seat, starts_at, ends_at, rule_id, on_day)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (rule_id, on_day) where rule_id is not null do nothing
        """,
        [(new_id(), team, t.member, t.seat, t.starts_at, t.ends_at, rule, t.on_day) for t in turns],
    )


async def shifts_between(conn: Conn, team: TeamId, *, start: datetime, end: datetime) -> list[Shift]:
    """Every shift that touches the time between, by start."""
    rows = await rows_between(conn, team, start=start, end=end)
    return [Shift(r.member_id, r.seat, r.starts_at, r.ends_at) for r in rows]


async def rows_between(conn: Conn, team: TeamId, *, start: datetime, end: datetime) -> list[ShiftRow]:
    """The same with ids and names. Erased and suspended people are nobody's cover."""
    rows = await conn.fetch(
        f"""
        select {_SHIFT}
        from shift s
        join member m on m.id = s.member_id
        where s.team_id = $1
          and s.ends_at > $2
          and s.starts_at < $3
          and m.suspended_at is null
          and m.erased_at is null
          and (m.is_operator or exists (
                select 1 from team_member t
                where t.team_id = s.team_id and t.member_id = s.member_id and (t.care or t.lead)))
        order by s.starts_at, s.seat, s.member_id
        """,  # noqa: S608
        team,
        start,
        end,
    )
    return many(ShiftRow, rows)


async def shift(conn: Conn, id: UUID) -> ShiftRow | None:
    row = await conn.fetchrow(
        f"select {_SHIFT} from shift s join member m on m.id = s.member_id where s.id = $1",  # noqa: S608
        id,
    )
    return one(ShiftRow, row)


async def has_any(conn: Conn, team: TeamId) -> bool:
    """Whether this team has ever kept a roster: else there are no gaps to speak of."""
    return bool(await conn.fetchval("select exists (select 1 from shift where team_id = $1)", team))


async def drop_shift(tx: Tx, id: UUID, *, now: datetime) -> bool:
    """Take back a shift that hasn't begun; its rule skips that day from now on."""
    require_tx(tx)
    row = await tx.fetchrow(
        "delete from shift where id = $1 and starts_at > $2 returning rule_id, on_day", id, now
    )
    if row is not None and row["rule_id"] is not None:
        await tx.execute(
            "update shift_rule set skips = array_append(skips, $2) where id = $1",
            row["rule_id"],
            row["on_day"],
        )
    return row is not None


async def give_shift(tx: Tx, id: UUID, to: MemberId) -> None:
    require_tx(tx)
    await tx.execute("update shift set member_id = $2 where id = $1", id, to)


async def untested(tx: Tx, *, now: datetime, since: datetime) -> list[tuple[UUID, TeamId]]:
    """Primary shifts that have begun and had no test page, marked as having one from here on; locked."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        update shift
        set tested_at = $1
        where id in (select id from shift
                     where tested_at is null and seat = 'primary' and starts_at <= $1 and starts_at > $2
                       and ends_at > $1
                     order by starts_at limit 100 for update skip locked)
        returning id, team_id
        """,
        now,
        since,
    )
    return [(row["id"], row["team_id"]) for row in rows]


# ---- rules


@dataclass(frozen=True, slots=True)
class RuleRow:
    id: UUID
    team_id: TeamId
    rule: Rule


async def add_rule(tx: Tx, team: TeamId, rule: Rule, *, by: MemberId, now: datetime) -> UUID:
    require_tx(tx)
    id = new_id()
    await tx.execute(
        """
        insert into shift_rule
          (id, team_id, member_id, seat, zone, starts, ends, first_on, last_on, weekdays, every_weeks,
           made_by, made_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        id,
        team,
        rule.member,
        rule.seat,
        rule.zone,
        rule.starts,
        rule.ends,
        rule.first_on,
        rule.last_on,
        sum(1 << day for day in rule.weekdays),
        rule.every_weeks,
        by,
        now,
    )
    return id


async def rules(conn: Conn, team: TeamId | None = None) -> list[RuleRow]:
    """Rules that stand, of one team or of all."""
    rows = await conn.fetch(
        """
        select r.id, r.team_id, r.member_id, r.seat, r.zone, r.starts, r.ends, r.first_on, r.last_on,
               r.weekdays, r.every_weeks, r.skips
        from shift_rule r
        join member m on m.id = r.member_id
        where r.ended_at is null
          and m.erased_at is null
          and ($1::uuid is null or r.team_id = $1)
        order by r.team_id, r.made_at, r.id
        limit 2000
        """,
        team,
    )
    return [RuleRow(row["id"], row["team_id"], _rule(row)) for row in rows]


async def end_rule(tx: Tx, id: UUID, *, now: datetime) -> bool:
    """End a rule: its shifts that haven't begun go with it, those given to others too."""
    require_tx(tx)
    done = await tx.fetchval(
        "update shift_rule set ended_at = $2 where id = $1 and ended_at is null returning id", id, now
    )
    await tx.execute("delete from shift where rule_id = $1 and starts_at > $2", id, now)
    return done is not None


def _rule(row: Any) -> Rule:
    starts: time = row["starts"]
    return Rule(
        member=row["member_id"],
        seat=row["seat"],
        zone=row["zone"],
        starts=starts,
        ends=row["ends"],
        first_on=row["first_on"],
        last_on=row["last_on"],
        weekdays=frozenset(day for day in range(7) if row["weekdays"] >> day & 1),
        every_weeks=row["every_weeks"],
        skips=frozenset(row["skips"]),
    )
