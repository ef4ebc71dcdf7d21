"""The escalator: takes pages whose time has come, lets the pure machine say whom to ask, and promises it in the
same transaction. Any number of processes may run it; each due time is one row lock, so it is taken once.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from community.again import until_done
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Unavailable
from community.ids import CaseId, MemberId, PageId, TeamId, new_id
from moderation.casework.casework import Casework
from moderation.oncall import channels as ways
from moderation.oncall.cover import CareSettings, Team, for_case, team_now
from moderation.oncall.paging import Step, step
from moderation.store import attempts, cases, channels, paging, stepped
from moderation.store.attempts import NewAttempt
from moderation.store.channels import Channel
from moderation.store.paging import Taken

log = logging.getLogger("kith.escalator")

BEAT: Final = "escalator"
BATCH_MAX: Final = 400
AT_ONCE: Final = 3
"""Transactions side by side in one process; more would only take connections from people who write."""
TEAM_SECONDS: Final = 2.0
"""How long a reading of a team may be used: a storm's pages share it."""


class _Reading:
    """Teams and their people's channels as they were a moment ago; one run's own."""

    def __init__(self, settings: CareSettings) -> None:
        self._settings = settings
        self._teams: dict[TeamId, tuple[datetime, Team]] = {}
        self._channels: dict[tuple[TeamId, MemberId | None], list[Channel]] = {}

    async def team(self, tx: Tx, team: TeamId, now: datetime) -> Team:
        read = self._teams.get(team)
        if read is None or (now - read[0]).total_seconds() > TEAM_SECONDS:
            self._channels = {key: found for key, found in self._channels.items() if key[0] != team}
            read = self._teams[team] = (now, await team_now(tx, team, self._settings, now=now))
        return read[1]

    async def channels(self, tx: Tx, team: TeamId, member: MemberId | None) -> list[Channel]:
        """A person's, or (None) the outside back-up's."""
        key = (team, member)
        if key not in self._channels:
            self._channels[key] = (
                await channels.of_team(tx, team, "backup")
                if member is None
                else await channels.of_members(tx, [member])
            )
        return self._channels[key]


class Escalator:
    def __init__(
        self, database: Database, clock: Clock, bus: Bus, casework: Casework, settings: CareSettings
    ) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._casework = casework
        self._settings = settings

    async def run(self) -> int:
        """Do what is due now; answers how many due times this process took."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            if stepped_back := await stepped.back(tx, now=now):
                log.warning("the clock was set back; pages begin anew", extra={"count": stepped_back})
            await paging.given_back(tx, now=now)
            silent = await paging.silent_cases(tx, limit=100)
        for id in silent:
            await self._mend(id)
        async with self._database.read() as conn:
            due = await paging.due(conn, now=now, limit=BATCH_MAX)
        reading = _Reading(self._settings)
        lines = [self._line(due[n::AT_ONCE], reading) for n in range(AT_ONCE)]
        taken = sum(await asyncio.gather(*lines))
        async with self._database.transaction() as tx:  # last: a run that fails gives no sign of life
            await paging.beat(tx, BEAT, now=now)
        return taken

    async def _line(self, due: list[PageId], reading: _Reading) -> int:
        return sum([await self._guarded(id, reading) for id in due])

    async def _guarded(self, id: PageId, reading: _Reading) -> bool:
        try:
            return await until_done(lambda: self._one(id, reading))
        except Unavailable:
            raise
        except Exception:  # border: one page; the others go out, and this one's lateness is an alarm
            log.exception("a page's step failed", extra={"page_id": id})
            return False

    async def _one(self, id: PageId, reading: _Reading) -> bool:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            taken = await paging.take(tx, id, now=now)
            if taken is None:
                return False
            done = await self._step(tx, taken, reading, now)
        if taken.case is not None and done.asks:
            self._bus.ring("desk", taken.case)
        return True

    async def _step(self, tx: Tx, taken: Taken, reading: _Reading, now: datetime) -> Step:
        team = await reading.team(tx, taken.team, now)
        facts = team.facts
        if taken.case is not None and taken.about is not None:
            facts = await for_case(tx, taken.case, taken.about, team)
        if taken.shift is not None:
            facts = replace(facts, holder=await paging.shift_holder(tx, taken.shift))
        done = step(taken.page, facts, now, self._settings.clocks)
        await paging.write(tx, taken.id, done.page)
        if done.takes_over and taken.shift is not None:
            await paging.take_over(tx, taken.shift, now=now)
        if done.asks:
            if taken.page.round or taken.page.state != "waiting":
                await attempts.supersede(tx, taken.id)
            is_canary = facts.case is not None and facts.case.canary
            if is_canary:  # nobody is woken: a console that is nobody's, and channels that are for this alone
                own = await channels.of_team(tx, taken.team, "canary")
                promised = [_attempt(taken, done.page.round, None, None, "page")]
                promised += [_attempt(taken, done.page.round, None, c.id, "canary") for c in own]
            else:
                promised = await self._promises(tx, taken, done, reading, now)
            await attempts.add(tx, promised, now=now)
        return done

    async def _promises(
        self, tx: Tx, taken: Taken, done: Step, reading: _Reading, now: datetime
    ) -> list[NewAttempt]:
        """A row for each person and channel. For people the console too: it costs nothing and may be open."""
        rows = []
        for ask in done.asks:
            found = await reading.channels(tx, taken.team, ask.member)
            picked: list[UUID | None] = [c.id for c in ways.chosen(found, ask.how, now)]
            if ask.member is None:
                picked = [c.id for c in found]
            else:
                picked.insert(0, None)
            rows += [_attempt(taken, done.page.round, ask.member, id, ask.words) for id in picked]
        return rows

    async def _mend(self, id: CaseId) -> None:
        try:
            await until_done(lambda: self._repair(id))
        except Unavailable:
            raise
        except Exception:  # border: one case; pages of all others go out, and this one is looked at each turn
            log.exception("a case without a page couldn't be given one", extra={"case_id": id})

    async def _repair(self, id: CaseId) -> None:
        """An urgent case without a page gets one. No path should leave one behind; this is for the one that
        nobody thought of."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            row = await cases.lock(tx, id)
            if row is not None and row.case.state in ("open", "paged"):
                await self._casework.page(tx, row, row.case.tier, "unanswered", now=now)


def _attempt(
    taken: Taken, round: int, member: MemberId | None, channel: UUID | None, words: str
) -> NewAttempt:
    assert taken.page.due_at is not None, "it was taken because it was due"
    return NewAttempt(new_id(), taken.id, taken.page.due_at, round, member, channel, words)
