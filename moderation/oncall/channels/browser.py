"""A page to the browsers of who is on duty: web push to every one that they allowed and are signed in at.

An extra, never one of the two that a crisis asks for (channels.is_extra). What travels, sealed for the browser, is that
it is a page, and the link that the other channels carry; a push service sees a number, and that it is urgent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from community.asking import NoAnswer
from community.clock import Clock
from community.database import Database
from community.ids import MemberId, NoticeId, new_id
from community.notices.webpush import GONE, BadEndpoint, Nudge, Vapid, push
from community.store import news_letters, people
from community.store.news_letters import Device
from moderation.casework.clocks import Times
from moderation.oncall.channels import SEND_SECONDS, Letter, Undelivered
from moderation.store import channels
from moderation.store.channels import Channel

LOST = "browser_lost"
"""The notice that tells the person (community/web/accounts_api.py has its words)."""
NO_BROWSER = "no_browser"
LEFT_SECONDS = 2.0
"""Of the time-box, for what is to be written down afterwards."""


class Browser:
    """`times`: a nudge that wasn't fetched by the time of the next one is dropped. `loopback`: push services on this
    machine are let in, which only tests want."""

    def __init__(
        self, database: Database, clock: Clock, vapid: Vapid, *, times: Times, loopback: bool = False
    ) -> None:
        self._database = database
        self._clock = clock
        self._vapid = vapid
        self._times = times
        self.loopback = loopback

    async def send(self, channel: Channel, letter: Letter) -> None:
        """To all of them at once; one that takes it is enough. Browsers that are gone are forgotten, and who had
        them is told."""
        if channel.member_id is None:
            raise Undelivered(NO_BROWSER)
        devices = await self._devices(channel.member_id)
        nudge = nudge_of(letter, self._lasts(letter))
        answers = await asyncio.gather(*(self._one(device, nudge) for device in devices))
        ended = [d for d, answer in zip(devices, answers, strict=True) if answer in GONE]
        failed = [a for a in answers if a not in GONE and not _is_taken(a)]
        if ended or (not devices and channel.failing_since is None):  # signed out there, or said no
            await self._lost(channel, channel.member_id, ended)
        if any(_is_taken(answer) for answer in answers):
            return
        raise Undelivered(str(failed[0]) if failed else NO_BROWSER)

    async def _devices(self, member: MemberId) -> list[Device]:
        async with self._database.read() as conn:
            return await news_letters.devices(conn, member, now=self._clock.now())

    async def _one(self, device: Device, nudge: Nudge) -> int | str:
        """A status, or why there is none to go by."""
        try:
            async with asyncio.timeout(SEND_SECONDS - LEFT_SECONDS):
                now = self._clock.now()
                status = await push(device, self._vapid, nudge, now=now, loopback=self.loopback)
        except TimeoutError:
            return "timed_out"
        except NoAnswer as failure:
            return failure.why
        except BadEndpoint:
            return "not_public"
        return status if _is_taken(status) or status in GONE else f"answered_{status}"

    async def _lost(self, channel: Channel, member: MemberId, ended: Sequence[Device]) -> None:
        """Forget them, and say so once until it is read: of sends side by side, the channel's row lets one do it."""
        async with self._database.transaction() as tx:
            stands = await channels.lock(tx, channel.id)
            for device in ended:
                await news_letters.drop_device(tx, member, endpoint=device.endpoint)
            if stands and not await people.has_unread_notice(tx, member, LOST):
                await people.add_notice(
                    tx, member, id=NoticeId(new_id()), kind=LOST, message_id=None, parameters={},
                    now=self._clock.now(),
                )  # fmt: skip

    def _lasts(self, letter: Letter) -> timedelta:
        return self._times.crisis.again if letter.severity == "crisis" else self._times.red.again


def nudge_of(letter: Letter, lasts: timedelta) -> Nudge:
    """What the browser is handed. The same page again takes the place of the one before, on its way and on the
    screen."""
    kind = "test" if letter.severity == "test" else "page"
    said = {"page": kind, "link": urlsplit(letter.link).path, "id": letter.page.hex}
    return Nudge(msgspec.json.encode(said), lasts, "high", letter.page.hex)


def _is_taken(answer: int | str) -> bool:
    return isinstance(answer, int) and 200 <= answer < 300
