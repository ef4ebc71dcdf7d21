"""The sender: empties the pages' outbox. It leases rows, sends each in its time-box, marks what became of it.

Each kind of channel has its own places, so that a server that hangs holds up nobody else. What can't leave by
one channel is asked for by another at once, and the promise stays until that channel is back or nobody needs
it any more. A process killed between the wire and the mark leaves a row whose fate is unknown: it is never
sent again; the page's next round is brought forward instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Unavailable
from community.ids import new_id
from community.tokens import new_token, token_hash
from moderation.oncall.channels import SEND_SECONDS, Undelivered, Way, next_after
from moderation.oncall.channels.letters import letter
from moderation.oncall.paging import TOP
from moderation.store import attempts, channels, paging
from moderation.store.attempts import Attempt, NewAttempt, Stranded
from moderation.store.channels import Channel

log = logging.getLogger("kith.sender")

LEASE: Final = timedelta(seconds=30)
"""Longer than any send may take, so that an ended lease means a dead process."""
PLACES: Final[Mapping[str, int]] = {"console": 64, "mail": 12, "webhook": 12, "push": 12}
RETRY_MIN: Final = timedelta(seconds=15)
RETRY_MAX: Final = timedelta(seconds=60)
GIVE_UP: Final = timedelta(hours=24)
SPILL_MAX: Final = 200
REFILL_SECONDS: Final = 0.05


Follow = Callable[[str], Awaitable[str | None]]
"""Answers a page's link as a person would; None when that worked, else why not."""


class Sender:
    """`base`: where people reach this server, for the links. `ways` by kind of channel. `follow` answers the
    canary's own page."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        bus: Bus,
        base: str,
        ways: Mapping[str, Way],
        *,
        lease: timedelta = LEASE,
        follow: Follow | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._base = base.rstrip("/")
        self._lease = lease
        self._ways = ways
        self._follow = follow
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._probing: set[UUID] = set()
        self._turn = asyncio.Lock()

    async def run(self) -> int:
        """Begin to send what is due; answers how many were begun. `settled` waits for them. Two turns of one process
        go one after the other: places are counted."""
        async with self._turn:
            return await self._run()

    async def _run(self) -> int:
        async with self._database.read() as conn:
            if not await attempts.any_open(conn):
                return 0
        now = self._clock.now()
        async with self._database.transaction() as tx:
            lost = await attempts.lost(tx, now=now)
            await attempts.drop_moot(tx)
            settled = await attempts.settle(tx, now=now)
            told = [NewAttempt(new_id(), s.page, s.due_at, s.round, s.member, s.id, s.words) for s in settled]
            await attempts.add(tx, told, now=now)
        for page in lost:
            log.warning("a page's fate is unknown; its next round is now", extra={"page_id": page})
            async with self._database.transaction() as tx:
                await paging.sooner(tx, page, now=now)
        await self.spill()
        begun = 0
        while more := sum([await self._begin(kind) for kind in PLACES]):
            begun += more
            if self._under_way:  # free places are filled again in bunches, not one by one
                await asyncio.wait(self._under_way, timeout=REFILL_SECONDS)
        return begun

    async def settled(self) -> None:
        """Wait for every send that was begun."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def stop(self) -> None:
        """Finish what was begun: its time-box is its longest."""
        await self.settled()

    async def spill(self) -> None:
        """For pages whose channel fails: the person's next channel, or, if there is none, the next person."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            stranded = await attempts.stranded(tx, now=now, limit=SPILL_MAX)
            bumped = [item for item in stranded if not await self._other_way(tx, item, now)]
        for item in {item.page: item for item in bumped}.values():
            async with self._database.transaction() as tx:
                await paging.bump(tx, item.page, round=item.round, top=TOP, now=now)

    async def _other_way(self, tx: Tx, item: Stranded, now: datetime) -> bool:
        """Whether another channel brings it, or has."""
        used = await attempts.siblings(tx, item)
        own = [] if item.member is None else await channels.of_members(tx, [item.member])
        channel = next_after(own, [id for id, _ in used], now)
        if channel is None:
            return any(hopeful for _, hopeful in used)
        row = NewAttempt(new_id(), item.page, item.due_at, item.round, item.member, channel.id, item.words)
        await attempts.add(tx, [row], now=now)
        return True

    async def _begin(self, kind: str) -> int:
        free = PLACES[kind] - sum(k == kind for k in self._under_way.values())
        if free <= 0:
            return 0
        if kind == "console":
            return await self._consoles(free)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            leased = await attempts.lease(tx, kind, now=now, until=now + self._lease, limit=free)
            known = await channels.by_ids(tx, list({a.channel for a in leased if a.channel is not None}))
            letters = [(attempt, new_token()) for attempt in leased]
            await attempts.add_links(tx, [(token_hash(token), a.id) for a, token in letters], now=now)
        for attempt, token in letters:
            channel = known.get(attempt.channel) if attempt.channel is not None else None
            task = asyncio.create_task(self._see_to(attempt, channel, token), name=f"page by {kind}")
            self._under_way[task] = kind
            task.add_done_callback(lambda done: self._under_way.pop(done, None))
        return len(leased)

    async def _consoles(self, limit: int) -> int:
        """Open consoles read the case again. Nobody may be looking: it never counts as having reached one."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            leased = await attempts.lease(tx, "console", now=now, until=now + self._lease, limit=limit)
            await attempts.mark_sent(tx, [attempt.id for attempt in leased], now=now)
        for case in {a.case for a in leased if a.case is not None and not a.canary}:
            self._bus.ring("desk", case)
        return len(leased)

    async def _see_to(self, attempt: Attempt, channel: Channel | None, token: str) -> None:
        try:
            await self._by_channel(attempt, channel, token)
        except Unavailable:
            log.warning("the database is away; a page's lease will end", extra={"page_id": attempt.page})
        except Exception:  # border: one send; its lease ends and the next round is brought forward
            log.exception("a send failed", extra={"page_id": attempt.page})

    async def _by_channel(self, attempt: Attempt, channel: Channel | None, token: str) -> None:
        if channel is None:  # revoked meanwhile
            async with self._database.transaction() as tx:
                await attempts.mark_failed(tx, attempt.id, try_at=None)
            return
        if channel.failing_since is not None and channel.id in self._probing:
            # One at a time asks a failing server whether it is back.
            async with self._database.transaction() as tx:
                await attempts.put_back(tx, attempt.id, try_at=self._clock.now() + RETRY_MIN)
            return
        with self._probe(channel):
            why = await self._send(channel, attempt, token)
        if why is None and attempt.canary and self._follow is not None:
            why = await self._follow(f"/page/{token}")
            if why is not None:
                log.error("the canary arrived, and its link doesn't answer", extra={"why": why})
        if why is None:
            now = self._clock.now()
            async with self._database.transaction() as tx:
                await attempts.mark_sent(tx, [attempt.id], now=now)
                if _is_news(channel, now):
                    await channels.worked(tx, channel.id, now=now)
            return
        await self._failed(attempt, channel, why)

    async def _failed(self, attempt: Attempt, channel: Channel, why: str) -> None:
        log.warning("a channel failed", extra={"why": why, "kind": channel.kind, "page_id": attempt.page})
        now = self._clock.now()
        retry = now + _pause(channel, now)
        async with self._database.transaction() as tx:
            await channels.failed(tx, channel.id, now=now, retry_at=retry)
            late = now - attempt.made_at > GIVE_UP
            await attempts.mark_failed(tx, attempt.id, try_at=None if late else retry)
        await self.spill()

    async def _send(self, channel: Channel, attempt: Attempt, token: str) -> str | None:
        """None when it was taken, else why not."""
        words = letter(
            attempt.id,
            attempt.page,
            attempt.words,
            attempt.tier,
            f"{self._base}/page/{token}",
            self._clock.now(),
        )
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._ways[channel.kind].send(channel, words)
        except TimeoutError:
            return "timed_out"
        except Undelivered as failure:
            return failure.why
        return None

    @contextlib.contextmanager
    def _probe(self, channel: Channel) -> Iterator[None]:
        self._probing.add(channel.id)
        try:
            yield
        finally:
            self._probing.discard(channel.id)


async def begin_alone(database: Database, clock: Clock) -> int:
    """No other process sends from this database any more: pages that a dead one had in its hands are asked for again
    now, not when its leases end. How many they were. Call it before anything is sent."""
    now = clock.now()
    async with database.transaction() as tx:
        lost = await attempts.lost(tx, now=now + LEASE)
        for page in lost:
            await paging.sooner(tx, page, now=now)
    return len(lost)


def _is_news(channel: Channel, now: datetime) -> bool:
    """Whether it is worth writing down that a channel works: a storm shares the row."""
    last = channel.last_ok_at
    return channel.failing_since is not None or last is None or now - last > RETRY_MAX


def _pause(channel: Channel, now: datetime) -> timedelta:
    """Until a failing server is asked again: longer the longer it fails, never over a minute."""
    if channel.failing_since is None:
        return RETRY_MIN
    return min(max(RETRY_MIN, now - channel.failing_since), RETRY_MAX)
