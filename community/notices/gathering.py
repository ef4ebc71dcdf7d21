"""Jobs that decide what leaves the house: news when they are due, digests at their hour. Each looks again.

Between the news and its time a person may have read it, been blocked, taken a break; words may have been taken
back. So a row that is due is only a reason to look: what still stands and is still wanted becomes a letter, in the
same transaction that takes the row away.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from community.clock import Clock
from community.database import Database, Tx
from community.errors import Unavailable
from community.ids import MemberId, new_id
from community.notices.guard import Guard
from community.notices.kinds import MUST_KNOW, after_quiet, next_digest, of_house
from community.notices.news import harmless, wanted
from community.store import news as news_store
from community.store import news_letters as letters
from community.store import notice_settings, radar, wishes
from community.store.news_letters import NewLetter, Pending
from community.store.notice_settings import Reader
from community.web.dates import zone

log = logging.getLogger("kith.notices")

BATCH: Final = 50
PAUSE: Final = timedelta(minutes=15)
"""Between two letters to one person (our own value): a lively hour is no alarm clock."""
DIGEST_MAX: Final = timedelta(days=14)
FORGET: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Mine:
    """One member, their news and what may stop them."""

    reader: Reader
    pending: list[Pending]
    quiet: bool


class Gathering:
    """`has_mail`: whether there is a server for outgoing mail at all."""

    def __init__(self, database: Database, clock: Clock, guard: Guard, *, has_mail: bool) -> None:
        self._database = database
        self._clock = clock
        self._guard = guard
        self._has_mail = has_mail

    async def run(self) -> int:
        """Turn due news into letters; answers for how many members it did. Each is a transaction of its own: a row
        that can't be read holds up nobody else."""
        now, done = self._clock.now(), 0
        async with self._database.read() as conn:
            members = await letters.due_members(conn, now=now, limit=BATCH)
        for member in members:
            try:
                done += await self._member(member, now)
            except Unavailable:
                raise
            except Exception:  # border: one member's news; they are put off, so that others' turn comes
                log.exception("one member's news failed")
                async with self._database.transaction() as tx:
                    await letters.put_off(tx, member, until=now + PAUSE)
        return done

    async def _member(self, member: MemberId, now: datetime) -> bool:
        async with self._database.transaction() as tx:
            if not await letters.lock_member(tx, member):
                return False  # another process is at it
            pending = await letters.pending(tx, member)
            reader = (await notice_settings.readers(tx, [member])).get(member)
            if reader is None or await self._guard.never_write_to(tx, [member]):
                await letters.forget(tx, [p.id for p in pending])
            elif pending:
                quiet = bool(await self._guard.keep_quiet(tx, [member]))
                await self._gather(tx, _Mine(reader, pending, quiet), now)
            return bool(pending)

    async def forget(self) -> None:
        """Rows that nobody needs any more go."""
        async with self._database.transaction() as tx:
            await letters.drop_strays(tx, before=self._clock.now() - FORGET)

    async def _gather(self, tx: Tx, mine: _Mine, now: datetime) -> None:
        reader, settings = mine.reader, mine.reader.settings
        ids = [p.id for p in mine.pending]
        later = after_quiet(now, zone(reader.time_zone), settings.quiet)
        last = await letters.last_made(tx, reader.member_id)
        if last is not None and last + PAUSE > now:
            later = max(later, last + PAUSE)
        if later > now:
            await letters.postpone(tx, ids, until=later)
            return
        kinds = {*await self._of_messages(tx, mine, now), *_of_house(mine, now)}
        made = []
        if self._has_mail and reader.email and kinds & settings.by_mail:
            made.append(NewLetter(new_id(), reader.member_id, "mail", "news", None, {}))
        if kinds & settings.by_push:
            for device in await letters.devices(tx, reader.member_id, now=now):
                made.append(NewLetter(new_id(), reader.member_id, "push", "news", device.id, {}))
        await letters.add(tx, made, now=now)
        await letters.forget(tx, ids)

    async def _of_messages(self, tx: Tx, mine: _Mine, now: datetime) -> set[str]:
        """Kinds of news that still stand, that the member wishes to meet, and hasn't read."""
        told = [p for p in mine.pending if p.message_id is not None]
        if not told or _is_away(mine.reader, now):
            return set()
        member, settings = mine.reader.member_id, mine.reader.settings
        own = await wishes.of(tx, member)
        rows = await news_store.news(tx, member, since=min(p.at for p in told) - timedelta(seconds=1))
        fresh = {r.message_id for r in wanted(rows, own, settings) if not r.is_read(settings.seen_at)}
        kinds = {p.kind for p in told if p.message_id in fresh}
        posts = [p.message_id for p in told if p.kind == "radar" and p.message_id is not None]
        if posts and await radar.any_waiting(tx, member, posts):
            kinds.add("radar")
        return kinds


class Digests:
    """Daily or weekly numbers by mail, at the member's hour. Nothing to say: nothing is sent."""

    def __init__(self, database: Database, clock: Clock, guard: Guard, *, has_mail: bool) -> None:
        self._database = database
        self._clock = clock
        self._guard = guard
        self._has_mail = has_mail

    async def run(self) -> int:
        """Answers how many digests were seen to, each in a transaction of its own."""
        now, done = self._clock.now(), 0
        async with self._database.read() as conn:
            members = await notice_settings.due_digests(conn, now=now, limit=BATCH)
        for member in members:
            try:
                done += await self._member(member, now)
            except Unavailable:
                raise
            except Exception:  # border: one member's digest; it is put off, so that others' turn comes
                log.exception("one member's digest failed")
                async with self._database.transaction() as tx:
                    later = now + timedelta(hours=1)
                    await notice_settings.digest_done(tx, member, next_due_at=later, since=None)
        return done

    async def _member(self, member: MemberId, now: datetime) -> bool:
        async with self._database.transaction() as tx:
            since = await notice_settings.lock_digest(tx, member, now=now)
            if since is None:
                return False  # another process was here
            reader = (await notice_settings.readers(tx, [member])).get(member)
            if reader is None or await self._guard.never_write_to(tx, [member]):
                await notice_settings.digest_done(tx, member, next_due_at=None, since=None)
            else:
                await self._one(tx, reader, since, now)
            return True

    async def _one(self, tx: Tx, reader: Reader, since: datetime, now: datetime) -> None:
        due = next_digest(now, zone(reader.time_zone), reader.settings)
        if _is_away(reader, now):  # what came meanwhile is counted once they are back
            await notice_settings.digest_done(tx, reader.member_id, next_due_at=due, since=None)
            return
        if self._has_mail and reader.email:
            counts = await self._counts(tx, reader, max(since, now - DIGEST_MAX))
            if counts:
                letter = NewLetter(new_id(), reader.member_id, "mail", "digest", None, counts)
                await letters.add(tx, [letter], now=now)
        await notice_settings.digest_done(tx, reader.member_id, next_due_at=due, since=now)

    async def _counts(self, tx: Tx, reader: Reader, since: datetime) -> dict[str, int]:
        member, settings = reader.member_id, reader.settings
        rows = wanted(await news_store.news(tx, member, since=since), await wishes.of(tx, member), settings)
        fresh = [row for row in rows if not row.is_read(settings.seen_at)]
        house = await news_store.house(tx, member, since=since)
        about = {row.message_id for row in fresh} | {h.message_id for h in house if h.message_id}
        in_cases = await self._guard.in_cases(tx, about) if about else frozenset()
        counts: Counter[str] = Counter(row.kind for row in harmless(fresh, in_cases))
        for notice in house:
            kind = of_house(notice.kind)
            # A decision without its message may be one about a case; so are all letters.
            if kind == "answer" or (
                kind == "decision" and notice.message_id and notice.message_id not in in_cases
            ):
                counts[kind] += 1
        return dict(counts)


def _is_away(reader: Reader, now: datetime) -> bool:
    return reader.break_until is not None and reader.break_until > now


def _of_house(mine: _Mine, now: datetime) -> Iterable[str]:
    """Kinds of unread notices; on a break only what they must know."""
    seen, away = mine.reader.settings.seen_at, _is_away(mine.reader, now)
    silenced: Collection[str] = ("letter", "decision") if mine.quiet else ()
    for p in mine.pending:
        if p.notice_kind is None or p.notice_read or (seen is not None and p.at <= seen):
            continue
        if away and p.notice_kind not in MUST_KNOW:
            continue
        if (kind := of_house(p.notice_kind)) not in silenced:
            yield kind
