"""My news and how I want to be told: use-cases that the pages and the API share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import FieldError, Invalid
from community.ids import GroupId, MemberId, SessionId, new_id
from community.notices.kinds import NoticeSettings, next_digest, of_house
from community.notices.news import Told, by_conversation, wanted
from community.notices.webpush import BadEndpoint, check_endpoint, check_keys
from community.store import confirmed_emails, groups, people
from community.store import news as news_store
from community.store import news_letters as letters
from community.store import notice_settings as store
from community.store.confirmed_emails import Address
from community.store.news_letters import Device
from community.store.people import NoticeRow
from community.web.words import _
from community.wishes import Wishes

SHOWN: Final = timedelta(days=30)
HOUSE_SHOWN: Final = 100
DEVICES_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """The page of notices: from conversations, and from the house. `slugs`: groups that a notice is about;
    `radar`: they wish to see what waits in their groups."""

    told: tuple[Told, ...]
    house: tuple[NoticeRow, ...]
    slugs: dict[str, str]
    radar: bool = True

    @property
    def is_new(self) -> bool:
        return any(t.is_new for t in self.told) or any(n.read_at is None for n in self.house)


@dataclass(frozen=True, slots=True)
class Ways:
    """How a member can be reached outside."""

    address: Address
    devices: int


class OwnNotices:
    """`loopback`: push services on this machine are let in; only tests want that."""

    def __init__(self, database: Database, clock: Clock, *, loopback: bool = False) -> None:
        self._database = database
        self._clock = clock
        self._loopback = loopback

    async def shown(self, member: MemberId, own: Wishes) -> Shown:
        """Everything of the last thirty days that still stands and that they wish to meet."""
        since = self._clock.now() - SHOWN
        async with self._database.read() as conn:
            settings = await store.of(conn, member)
            rows = wanted(await news_store.news(conn, member, since=since), own, settings)
            house = await people.notices(conn, member, before=None, limit=HOUSE_SHOWN)
            house = [n for n in house if settings.shows(of_house(n.kind))]
            slugs = await self._slugs(conn, house)
        return Shown(
            tuple(by_conversation(rows, settings.seen_at)), tuple(house), slugs, settings.shows("radar")
        )

    async def read_all(self, member: MemberId) -> None:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await people.mark_notices_read(tx, member, now=now)
            await store.seen(tx, member, now=now)

    async def settings(self, member: MemberId) -> NoticeSettings:
        async with self._database.read() as conn:
            return await store.of(conn, member)

    async def ways(self, member: MemberId) -> Ways:
        async with self._database.read() as conn:
            address = await confirmed_emails.of(conn, member)
            devices = await letters.devices(conn, member, now=self._clock.now())
        return Ways(address, len(devices))

    async def change(self, member: MemberId, wanted: NoticeSettings, zone: ZoneInfo) -> None:
        """These settings. What they say of hours is meant where the member is. Raises Invalid."""
        if not (0 <= wanted.digest_hour <= 23 and 0 <= wanted.digest_day <= 6):
            raise _invalid("digest_hour")
        if wanted.quiet is not None and not all(0 <= hour <= 23 for hour in wanted.quiet):
            raise _invalid("quiet_from")
        now = self._clock.now()
        async with self._database.transaction() as tx:
            known = await store.lock(tx, member)
            kept = replace(wanted, seen_at=known.seen_at)
            await store.put(tx, member, kept, digest_due_at=next_digest(now, zone, kept), now=now)

    async def add_device(
        self, member: MemberId, session: SessionId, endpoint: str, keys: tuple[bytes, bytes]
    ) -> None:
        """Let this browser be told while its session lasts. `keys`: its public one and its secret. Raises Invalid
        for a place or keys that can't be."""
        try:
            check_endpoint(endpoint, loopback=self._loopback)
            check_keys(*keys)
        except BadEndpoint:
            raise Invalid(_("This browser can't be told from here."), code="bad_push_service") from None
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await self._make_row(tx, member, now)
            device = Device(new_id(), member, endpoint, *keys)
            await letters.add_device(tx, device, session, now=now, most=DEVICES_MAX)

    async def drop_device(self, member: MemberId, endpoint: str) -> None:
        async with self._database.transaction() as tx:
            await letters.drop_device(tx, member, endpoint=endpoint)

    async def drop_devices(self, member: MemberId) -> None:
        async with self._database.transaction() as tx:
            await letters.drop_devices(tx, member)

    async def _make_row(self, tx: Tx, member: MemberId, now: datetime) -> None:
        """A row of settings, so that news are kept for who may be told."""
        settings = await store.lock(tx, member)
        if settings == NoticeSettings():
            await store.put(tx, member, settings, digest_due_at=None, now=now)

    async def _slugs(self, conn: Conn, house: list[NoticeRow]) -> dict[str, str]:
        about = {str(n.parameters.get("group", "")) for n in house if n.kind in ("question", "answer")}
        found = [await groups.by_id(conn, GroupId(UUID(id))) for id in sorted(about - {""})]
        return {str(g.id): g.slug for g in found if g is not None}


def _invalid(field: str) -> Invalid:
    say = _("Please choose one of the list.")
    return Invalid(say, fields=(FieldError(field, say),))
