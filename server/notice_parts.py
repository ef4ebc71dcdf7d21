"""The parts of notices, made once from the house: what pages, API and jobs share, and what moderation answers them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from community.database import Conn, Tx
from community.ids import MemberId, MessageId
from community.notices.addresses import Addresses
from community.notices.gathering import Digests, Gathering
from community.notices.own import OwnNotices
from community.notices.radar import Radar
from community.notices.sending import NewsSender, Outside
from community.store import confirmed_emails, news_letters, notice_settings
from community.web.notices_api import NoticesApi
from community.web.notices_pages import NoticesPages
from moderation.casework.memorial import never_write_to
from moderation.store import notice_guard
from server.mailing import Mailing
from server.notice_keys import vapid_of
from server.oncall_parts import base_url, post_of

if TYPE_CHECKING:
    from server.assembly import House
    from server.jobs import Job


class ModerationGuard:
    """community.notices.guard.Guard, answered by moderation."""

    async def never_write_to(self, conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
        return await never_write_to(conn, members)

    async def in_cases(self, conn: Conn, messages: Collection[MessageId]) -> frozenset[MessageId]:
        return await notice_guard.in_cases(conn, messages)

    async def keep_quiet(self, conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
        return await notice_guard.watched_over_the_shoulder(conn, members)


@dataclass(frozen=True, slots=True)
class NoticeParts:
    pages: NoticesPages
    api: NoticesApi
    gathering: Gathering
    digests: Digests
    sender: NewsSender
    radar: Radar


def notice_parts(house: House, *, loopback: bool = False) -> NoticeParts:
    """Made from the house. `loopback`: push services on this machine are let in, for tests."""
    database, clock, keys = house.database, house.clock, house.notice_keys
    post, base, guard = post_of(house.settings), base_url(house.settings), ModerationGuard()
    vapid = vapid_of(keys, base, post.sender)
    own, radar = OwnNotices(database, clock, loopback=loopback), Radar(database, clock, house.groups)
    addresses = Addresses(database, clock, Mailing(post, clock), base)
    has_mail = bool(post.host)
    return NoticeParts(
        pages=NoticesPages(own, addresses, radar, database, keys=(vapid.public, keys.unsubscribe)),
        api=NoticesApi(own, vapid.public),
        gathering=Gathering(database, clock, guard, has_mail=has_mail),
        digests=Digests(database, clock, guard, has_mail=has_mail),
        sender=NewsSender(database, clock, guard, Outside(post, base, keys.unsubscribe, vapid, loopback)),
        radar=radar,
    )


def notice_jobs(parts: NoticeParts) -> list[Job]:
    """Every process runs them; rows are locked, so each thing happens once."""
    from server.jobs import Job

    async def gather() -> None:
        await parts.gathering.run()

    async def digest() -> None:
        await parts.digests.run()

    async def send() -> None:
        await parts.sender.run()

    async def look_around() -> None:
        await parts.radar.run()

    return [
        Job("gather_news", timedelta(seconds=15), gather),
        Job("digests", timedelta(minutes=1), digest),
        Job("send_news", timedelta(seconds=5), send),
        Job("radar", timedelta(minutes=10), look_around),
        Job("forget_news", timedelta(hours=6), parts.gathering.forget),
    ]


async def belongings(conn: Conn, member: MemberId) -> object:
    """For community/export.py: how they want to be told, and through how many browsers."""
    return {
        "settings": await notice_settings.of(conn, member),
        "address": await confirmed_emails.of(conn, member),
        "browsers": await news_letters.endpoints(conn, member),
    }


async def drop(tx: Tx, member: MemberId) -> None:
    """For community/erasure.py."""
    await news_letters.drop_all(tx, member)
