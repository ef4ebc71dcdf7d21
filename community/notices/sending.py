"""The sender of news: leases letters, sends each in its time-box, marks what became of it.

A process killed between the wire and the mark sends the same mail again under the same Message-ID, which mail
programs fold; a nudge twice is one notification, by its tag. Logs hold what went wrong, never to whom.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from community.asking import NoAnswer
from community.clock import Clock
from community.database import Database
from community.errors import Unavailable
from community.ids import MemberId
from community.mail import SEND_SECONDS, NotSent, Post, hand_over
from community.notices.guard import Guard
from community.notices.tokens import unsubscribe_token
from community.notices.webpush import GONE, BadEndpoint, Vapid, push
from community.notices.writing import Outgoing, write
from community.store import confirmed_emails, notice_settings
from community.store import news_letters as store
from community.store.news_letters import Device, Letter
from community.store.notice_settings import Reader

log = logging.getLogger("kith.notices")

LEASE: Final = timedelta(minutes=1)
PLACES: Final = 20
BACKOFF: Final = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360))
"""Waits between tries; after the last one the letter is given up: old news are none."""


@dataclass(frozen=True, slots=True)
class Outside:
    """How this server reaches the world. `base`: where people reach it; `key` signs the right to unsubscribe;
    `loopback`: push services on this machine are let in, which only tests want."""

    post: Post
    base: str
    key: bytes
    vapid: Vapid
    loopback: bool = False


class NewsSender:
    def __init__(self, database: Database, clock: Clock, guard: Guard, outside: Outside) -> None:
        self._database = database
        self._clock = clock
        self._guard = guard
        self._outside = outside

    async def run(self) -> int:
        """Send what is due; answers how many letters were taken."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            leased = await store.lease(tx, now=now, until=now + LEASE, limit=PLACES)
        if not leased:
            return 0
        members = {letter.member_id for letter in leased}
        async with self._database.read() as conn:
            readers = await notice_settings.readers(conn, members)
            dead = await self._guard.never_write_to(conn, members)
            devices = {d.id: d for m in members for d in await store.devices(conn, m, now=now)}
        living = {m: r for m, r in readers.items() if m not in dead}
        await asyncio.gather(*(self._see_to(letter, living, devices) for letter in leased))
        return len(leased)

    async def _see_to(
        self, letter: Letter, readers: Mapping[MemberId, Reader], devices: Mapping[UUID, Device]
    ) -> None:
        try:
            reader = readers.get(letter.member_id)
            if reader is None:
                await self._give_up(letter, "no_reader")
            elif letter.way == "mail":
                await self._mail(letter, reader)
            else:
                await self._push(letter, devices.get(letter.device_id) if letter.device_id else None)
        except Unavailable:
            log.warning("the database is away; a letter's lease will end")
        except Exception:  # border: one letter; its lease ends and it is tried again
            log.exception("a letter failed", extra={"kind": letter.way})

    async def _mail(self, letter: Letter, reader: Reader) -> None:
        if reader.email is None or not _is_wished(letter, reader):
            await self._give_up(letter, "not_wished")
            return
        out = self._outside
        plain = Outgoing(letter.id, letter.kind, reader.email, reader.language, letter.counts, letter.made_at)
        mail = write(plain, out.post, base=out.base, unsubscribe=unsubscribe_token(out.key, reader.member_id))
        try:
            async with asyncio.timeout(2 * SEND_SECONDS):
                await hand_over(out.post, mail)
        except TimeoutError:
            await self._again(letter, "timed_out")
        except NotSent as failure:
            if not failure.nobody_there:
                await self._again(letter, failure.why)
                return
            await self._give_up(letter, failure.why)
            async with self._database.transaction() as tx:
                await confirmed_emails.bounced(tx, reader.member_id, reader.email, now=self._clock.now())
        else:
            await self._sent(letter)

    async def _push(self, letter: Letter, device: Device | None) -> None:
        if device is None:  # signed out there meanwhile
            await self._give_up(letter, "no_device")
            return
        out = self._outside
        try:
            async with asyncio.timeout(SEND_SECONDS):
                status = await push(device, out.vapid, now=self._clock.now(), loopback=out.loopback)
        except TimeoutError:
            await self._again(letter, "timed_out")
        except NoAnswer as failure:
            await self._again(letter, failure.why)
        except BadEndpoint:
            await self._give_up(letter, "bad_endpoint")
        else:
            await self._answered(letter, device, status)

    async def _answered(self, letter: Letter, device: Device, status: int) -> None:
        if 200 <= status < 300:
            await self._sent(letter)
        elif status in GONE:
            async with self._database.transaction() as tx:  # its letters go with it
                await store.drop_device(tx, device.member_id, endpoint=device.endpoint)
        elif status == 429 or status >= 500:
            await self._again(letter, f"answered_{status}")
        else:
            await self._give_up(letter, f"answered_{status}")

    async def _sent(self, letter: Letter) -> None:
        async with self._database.transaction() as tx:
            await store.sent(tx, letter.id, now=self._clock.now())

    async def _again(self, letter: Letter, why: str) -> None:
        if letter.attempts > len(BACKOFF):
            await self._give_up(letter, why)
            return
        log.warning("a letter will be tried again", extra={"kind": letter.way, "why": why})
        due = _later(self._clock.now(), letter.attempts)
        async with self._database.transaction() as tx:
            await store.again(tx, letter.id, due_at=due)

    async def _give_up(self, letter: Letter, why: str) -> None:
        log.info("a letter was given up", extra={"kind": letter.way, "why": why})
        async with self._database.transaction() as tx:
            await store.gave_up(tx, letter.id, now=self._clock.now())


def _is_wished(letter: Letter, reader: Reader) -> bool:
    """Whether mail of this kind is still asked for: somebody may have unsubscribed while it waited."""
    return reader.settings.digest != "off" if letter.kind == "digest" else bool(reader.settings.by_mail)


def _later(now: datetime, attempts: int) -> datetime:
    return now + BACKOFF[min(attempts, len(BACKOFF)) - 1]
