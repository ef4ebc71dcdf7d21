"""Asking again after a hard day: when, and whether the person wants it. Pure times; rows and the job below.

At 24 and 72 hours, moved into 9 to 20 o'clock where the member is. A follow-up reminds a person to write; the
member gets a quiet notice, never a message that a program wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from community import consents
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict
from community.ids import CaseId, MemberId, NoticeId, new_id
from community.store import people
from moderation.casework.batches import each
from moderation.casework.clocks import SHIPPED
from moderation.casework.machine import FollowingUp
from moderation.desk.ground import DeskGround, Doing, Who
from moderation.store import cases as cases_store
from moderation.store import follow_ups as store
from moderation.store.cases import CaseRow
from moderation.store.follow_ups import FollowUp
from moderation.store.signatures import is_memorial

FROM, TO = time(9), time(20)
CONSENT = "follow_up"
BATCH_MAX = 100


def due_times(now: datetime, zone: str, after: Sequence[timedelta] = SHIPPED.follow_ups) -> list[datetime]:
    """When to ask, in UTC. What would fall into the evening or the night waits for nine in the morning."""
    return [in_daytime(now + wait, zone) for wait in after]


def in_daytime(moment: datetime, zone: str) -> datetime:
    """This moment, or the next nine o'clock of that zone; an unknown zone counts as UTC."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        place = ZoneInfo("UTC")
    local = moment.astimezone(place)
    if FROM <= local.time() < TO:
        return moment.astimezone(UTC)
    day = local.date() if local.time() < FROM else local.date() + timedelta(days=1)
    return datetime.combine(day, FROM, place).astimezone(UTC)


async def wanted(conn: Conn, member: MemberId) -> bool:
    """Whether this person agreed to be asked, and lives; what they said last counts."""
    if await is_memorial(conn, member):
        return False
    said = await store.wish(conn, member)
    if said is not None:
        return said
    current = {c.id: c.version for c in consents.CONSENTS}
    given = await people.consents(conn, member)
    return any(c.consent == CONSENT and c.version == current[CONSENT] for c in given)


class FollowUps:
    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    async def plan(self, who: Who, id: CaseId, version: int) -> tuple[CaseRow, list[FollowUp]]:
        """Ask again at 24 and 72 hours (or as set). Raises Conflict "no_consent" when the person doesn't want that."""
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            row, _ = await self._ground.visible(tx, who, id)
            member = None if row.member_id is None else await people.by_id(tx, row.member_id)
            if member is None or not await wanted(tx, member.id):
                raise Conflict("This person didn't agree to be asked again.", code="no_consent")
            planned = [
                FollowUp(new_id(), id, member.id, due, "waiting")
                for due in due_times(now, member.time_zone, row.case.times.follow_ups)
            ]
            doing = Doing(FollowingUp(who.member_id, planned[0].due_at))
            row, _ = await self._ground.act_in(tx, who, id, version, doing)
            await store.cancel(tx, id, now=now)
            for one in planned:
                await store.add(tx, one, by=who.member_id, now=now)
        self._ground.bus.ring("desk", id)
        return row, planned

    async def set_wish(self, member: MemberId, *, on: bool) -> None:
        """The member's own word; no longer wanting it cancels what is planned."""
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            await store.set_wish(tx, member, on=on, now=now)
            if not on:
                await store.cancel_of(tx, member, now=now)


class FollowUpJob:
    """Takes what is due. Any number of processes; each row once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> int:
        """Remind of what is due now; how many it was."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            due = await store.take_due(tx, now=now, limit=BATCH_MAX)
            return len(await each(tx, due, lambda one: self._ask(tx, one, now), name="follow_ups"))

    async def _ask(self, tx: Tx, one: FollowUp, now: datetime) -> None:
        row = await cases_store.get(tx, one.case_id)
        gone = await people.by_id(tx, one.member_id) is None
        if row is None or row.case.state == "closed" or gone or not await wanted(tx, one.member_id):
            await store.settle(tx, one.id, "cancelled", now=now)
            return
        await store.settle(tx, one.id, "asked", now=now)
        await people.add_notice(
            tx,
            one.member_id,
            id=NoticeId(new_id()),
            kind="follow_up",
            message_id=None,
            parameters={},
            now=now,
        )
