"""The crisis path in one row: for /carez, /metrics and `kith check`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from community.clock import Clock
from community.database import Conn
from community.store.rows import one


@dataclass(frozen=True, slots=True)
class Facts:
    on_duty: int
    pages_waiting: int
    oldest_page: datetime | None  # due time of the page that is most overdue
    crisis_open: int
    oldest_outbox: datetime | None  # due time of the promise that is most overdue
    beat: datetime | None  # the escalator's last sign of life
    channels: int  # standing channels of people
    channels_failing: int
    unreachable: int  # people with a shift in the next day and fewer than two channels, browsers uncounted
    canary_on: date | None  # the last day on which a canary ended
    canary: str | None  # how


async def ping(conn: Conn) -> None:
    """Raises Unavailable when the database doesn't answer."""
    await conn.fetchval("select 1")


async def clock_behind(conn: Conn, clock: Clock) -> timedelta:
    """How far this process's clock is behind Postgres's (negative: ahead), halving the way there and back."""
    before = clock.now()
    theirs: datetime = await conn.fetchval("select clock_timestamp()")
    return theirs - before - (clock.now() - before) / 2


async def facts(conn: Conn, *, now: datetime) -> Facts:
    row = await conn.fetchrow(
        """
        select (select count(distinct member_id) from shift where starts_at <= $1 and ends_at > $1),
               (select count(*) from page where state = 'waiting'),
               (select min(due_at) from page where due_at <= $1),
               (select count(*) from moderation_case
                where lane = 'care' and tier = 'crisis' and state <> 'closed' and not canary),
               (select min(try_at) from page_attempt
                where outcome is null and spilled_at is null and try_at <= $1),
               (select at from heartbeat where name = 'escalator'),
               (select count(*) from oncall_channel where use = 'person' and revoked_at is null),
               (select count(*) from oncall_channel where revoked_at is null and failing_since is not null),
               (select count(*) from (
                  select distinct s.member_id
                  from shift s
                  where s.ends_at > $1 and s.starts_at < $1 + interval '24 hours'
                    and (select count(*) from oncall_channel ch
                         where ch.member_id = s.member_id and ch.kind <> 'push' and ch.revoked_at is null) < 2) few),
               (select on_day from canary where outcome is not null order by on_day desc limit 1),
               (select outcome from canary where outcome is not null order by on_day desc limit 1)
        """,
        now,
    )
    found = one(Facts, row)
    assert found is not None, "a select without from has one row"
    return found
