"""How people are reached and how they answer: channels, links, signed answers, and calendars.

A link's secret stands in its path, is kept as a hash and ends with its page, its channel or after two days.
Opening it shows a button; only pressing that acknowledges, because mail scanners open links.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from community.ids import CaseId, MemberId, PageId, TeamId, new_id
from community.store import capabilities, groups, news_letters, people
from community.store.capabilities import CapabilityRow
from community.tokens import new_token, token_hash
from community.web.words import _
from moderation.casework.rights import desk_rights
from moderation.desk.desk import Desk, Who
from moderation.oncall.channels import Undelivered
from moderation.oncall.channels.browser import NO_BROWSER
from moderation.oncall.channels.http import BadAddress, check, leads_inside
from moderation.oncall.channels.secrets import Secrets
from moderation.oncall.channels.signing import is_signed
from moderation.oncall.trying import Tests, Tried, why_words
from moderation.store import attempts, channels, pages, paging, roster
from moderation.store.attempts import Linked
from moderation.store.channels import Channel, Kind, Style, Use
from moderation.store.roster import ShiftRow

LINK_LASTS: Final = timedelta(days=2)
CHANNELS_MAX: Final = 8
CALENDAR: Final = "calendar"
CALENDARS_MAX: Final = 5
CALENDAR_AHEAD: Final = timedelta(days=60)
SHORT_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class NewChannel:
    kind: Kind
    address: str = ""
    label: str = ""
    style: Style = "kith"
    their_key: str = ""
    aloud: bool = False
    use: Use = "person"


@dataclass(frozen=True, slots=True)
class Doors:
    """What channels need: keys to what is sealed, how one is tried out, and hosts that may stand in the own
    network."""

    secrets: Secrets
    tests: Tests
    inside: frozenset[str] = frozenset()


class Reaching:
    def __init__(self, database: Database, clock: Clock, bus: Bus, desk: Desk, doors: Doors) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._desk = desk
        self._secrets, self._tests, self._inside = doors.secrets, doors.tests, doors.inside

    # ---- answering

    async def opened(self, token: str) -> Linked:
        """What a link is about; changes nothing. Raises NotFound for a link that is over."""
        async with self._database.read() as conn:
            return await self._linked(conn, token)

    async def answer_link(self, token: str) -> Linked:
        """Press the button behind a link. Raises NotFound, Conflict when someone else has it."""
        async with self._database.read() as conn:
            linked = await self._linked(conn, token)
        await self.acknowledge(linked.page, linked.member)
        return linked

    async def answer_hook(self, channel: UUID, body: bytes, signature: str, page: PageId) -> None:
        """A signed answer from where a page went. Raises NotFound for a wrong signature as for no channel."""
        async with self._database.read() as conn:
            found = await channels.get(conn, channel)
            if found is None or not self._is_from(found, body, signature):
                raise NotFound
            went, member = await attempts.member_of(conn, page, channel)
        if not went:
            raise NotFound
        await self.acknowledge(page, member)

    def _is_from(self, channel: Channel, body: bytes, signature: str) -> bool:
        try:
            secret = self._secrets.opened(channel).secret
        except Undelivered:
            return False  # its key is gone: nobody can prove to be it
        return is_signed(secret, body, signature, self._clock.now())

    async def acknowledge(self, page: PageId, member: MemberId | None) -> None:
        """Answer a page of any kind for this person (None: the outside back-up). Doing it twice is doing it
        once. A case's page is answered by claiming the case. Raises NotFound, Conflict."""
        now = self._clock.now()
        async with self._database.read() as conn:
            taken = await paging.get(conn, page)
            who = await people.by_id(conn, member) if member is not None else None
        if taken is None:
            raise NotFound
        if taken.page.state != "waiting" and taken.page.acknowledged_by == member:
            return
        if taken.case is not None and who is not None:
            await self._claim(Who(who.id, who.is_operator), page)
            return
        async with self._database.transaction() as tx:
            if taken.case is not None:
                await pages.acknowledge(tx, taken.case, None, now=now)
            else:
                await paging.acknowledge(tx, page, member, now=now)
        if taken.case is not None:
            self._bus.ring("desk", taken.case)

    async def _claim(self, who: Who, page: PageId) -> None:
        """Press through a version that moved meanwhile (another message joined), and through a cap: whoever
        answers a page means it."""
        for is_last in (False, False, True):
            try:
                await self._desk.acknowledge(who, page, anyway=True)
                return
            except Conflict as moved:
                if is_last or moved.code != "conflict":
                    raise

    async def answer_page(self, who: Who, page: PageId) -> CaseId | None:
        """From the console, tests of shifts and gaps too; answers the case if there is one."""
        async with self._database.read() as conn:
            rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
            taken = await paging.get(conn, page)
        if taken is None or taken.team not in rights.care_teams:
            raise NotFound
        await self.acknowledge(page, who.member_id)
        return taken.case

    async def _linked(self, conn: Conn, token: str) -> Linked:
        found = await attempts.by_link(conn, token_hash(token), since=self._clock.now() - LINK_LASTS)
        if found is None:
            raise NotFound
        return found

    # ---- channels

    async def add(self, who: Who, new: NewChannel) -> Channel:
        """A way to reach oneself, or (leads) the back-up or the alarm. Its `secret` is shown this once."""
        if new.kind == "push":
            new = NewChannel("push", label=new.label.strip()[:SHORT_MAX] or _("My browsers"), use=new.use)
        _check(new)
        if new.kind == "webhook" and await leads_inside(new.address.strip(), self._inside):
            say = _("That leads into this server's own network. If your on-call server stands there, ask whoever runs "
                    "this server to name its host in the configuration (care.webhook_hosts_inside).")  # fmt: skip
            raise Invalid(fields=(FieldError("address", say),))
        async with self._database.transaction() as tx:
            team = await self._team(tx, who, lead=new.use != "person")
            member = who.member_id if new.use == "person" else None
            if len(await self._of(tx, team, who, new.use)) >= CHANNELS_MAX:
                raise Conflict("That are enough channels. Take one away first.", code="too_many")
            channel = Channel(
                id=new_id(),
                team_id=team,
                member_id=member,
                use=new.use,
                kind=new.kind,
                style=new.style,
                label=new.label.strip(),
                address=new.address.strip(),
                their_key=new.their_key.strip(),
                secret=new_token(),
                aloud=new.aloud,
                position=0,
                failing_since=None,
                retry_at=None,
                last_ok_at=None,
            )
            if new.kind == "push" and not await news_letters.devices(
                tx, who.member_id, now=self._clock.now()
            ):
                raise Invalid(why_words(NO_BROWSER), code=NO_BROWSER)
            if not await channels.add(tx, self._secrets.sealed(channel), now=self._clock.now()):
                raise Conflict(_("Pages come to your browsers already."), code="there_already")
        return channel

    async def browsers(self, who: Who) -> int:
        """How many of one's own may be told now."""
        async with self._database.read() as conn:
            return len(await news_letters.devices(conn, who.member_id, now=self._clock.now()))

    async def try_browsers(self, who: Who, id: UUID) -> Tried:
        """A test to one's own browsers, which says that it is one. Raises NotFound."""
        async with self._database.read() as conn:
            channel = await channels.get(conn, id)
        if channel is None or channel.kind != "push" or channel.member_id != who.member_id:
            raise NotFound
        tried = await self._tests.channel(channel)
        if tried.taken:
            async with self._database.transaction() as tx:
                await channels.worked(tx, id, now=self._clock.now())
        return tried

    async def listed(self, who: Who, use: Use = "person") -> list[Channel]:
        """One's own channels, or (leads) those of the back-up or the alarm."""
        async with self._database.read() as conn:
            team = await self._team(conn, who, lead=use != "person")
            return await self._of(conn, team, who, use)

    async def revoke(self, who: Who, id: UUID) -> None:
        """A lost device: nothing goes there any more, and its links open nothing. Leads may do it for
        anyone. Raises NotFound."""
        async with self._database.transaction() as tx:
            team = await self._team(tx, who, lead=False)
            channel = await channels.get(tx, id)
            if channel is None or channel.team_id != team:
                raise NotFound
            if channel.member_id != who.member_id:
                await self._team(tx, who, lead=True)
            await channels.revoke(tx, id, member=channel.member_id, team=team, now=self._clock.now())

    async def is_staff(self, who: Who) -> bool:
        """Whether there is a roster for this person."""
        async with self._database.read() as conn:
            try:
                await self._team(conn, who, lead=False)
            except NotFound:
                return False
        return True

    async def _of(self, conn: Conn, team: TeamId, who: Who, use: Use) -> list[Channel]:
        if use == "person":
            return await channels.of_members(conn, [who.member_id])
        return await channels.of_team(conn, team, use)

    async def _team(self, conn: Conn, who: Who, *, lead: bool) -> TeamId:
        rights = await desk_rights(conn, who.member_id, is_operator=who.is_operator)
        team = await groups.default_team(conn)
        if team not in rights.care_teams | rights.conduct_teams:
            raise NotFound
        if lead and team not in rights.lead_teams:
            raise Forbidden("Leads look after this.", code="not_lead")
        return team

    # ---- calendars

    async def make_calendar(self, who: Who) -> tuple[UUID, str]:
        """A private link to one's shifts; its secret is shown this once."""
        token, now = new_token(), self._clock.now()
        async with self._database.transaction() as tx:
            team = await self._team(tx, who, lead=False)
            if len(await capabilities.of_member(tx, who.member_id, purpose=CALENDAR)) >= CALENDARS_MAX:
                raise Conflict("You have several calendar links. Please end one first.", code="too_many")
            row = CapabilityRow(new_id(), who.member_id, CALENDAR, team, now)
            await capabilities.add(tx, row, token_hash=token_hash(token))
        return row.id, token

    async def calendars(self, who: Who) -> list[CapabilityRow]:
        async with self._database.read() as conn:
            return await capabilities.of_member(conn, who.member_id, purpose=CALENDAR)

    async def end_calendar(self, who: Who, id: UUID) -> None:
        async with self._database.transaction() as tx:
            if not await capabilities.revoke(tx, who.member_id, id, now=self._clock.now()):
                raise NotFound

    async def calendar(self, token: str) -> list[ShiftRow]:
        """The shifts behind a calendar link, a day back and two months ahead. Raises NotFound."""
        now = self._clock.now()
        async with self._database.read() as conn:
            found = await capabilities.by_token(conn, token_hash(token), purpose=CALENDAR)
            if found is None or found.subject is None:
                raise NotFound
            team = TeamId(found.subject)
            rows = await roster.rows_between(
                conn, team, start=now - timedelta(days=1), end=now + CALENDAR_AHEAD
            )
        return [row for row in rows if row.member_id == found.member_id]


def icalendar(shifts: list[ShiftRow], now: datetime) -> str:
    """Shifts as RFC 5545: moments in UTC, and a summary that anyone may see over one's shoulder."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kith//On call//EN", "METHOD:PUBLISH"]
    for shift in shifts:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{shift.id}@kith",
            f"DTSTAMP:{_stamp(now)}",
            f"DTSTART:{_stamp(shift.starts_at)}",
            f"DTEND:{_stamp(shift.ends_at)}",
            f"SUMMARY:On call ({shift.seat})",
            "CLASS:PRIVATE",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%SZ")


def _check(new: NewChannel) -> None:
    wrong = []
    if not 1 <= len(new.label.strip()) <= SHORT_MAX:
        wrong.append(FieldError("label", f"Give it a name of up to {SHORT_MAX} characters."))
    if new.kind == "mail":
        name, _at, domain = new.address.strip().rpartition("@")
        if not name or "." not in domain or len(new.address) > 254 or not new.address.isprintable():
            wrong.append(FieldError("address", "That is not an e-mail address."))
    elif new.kind == "push":
        if new.use != "person":
            wrong.append(FieldError("kind", _("Only a person has browsers. Choose another.")))
    else:
        try:
            check(new.address.strip())
        except BadAddress:
            wrong.append(
                FieldError("address", "Expected an http:// or https:// address without a password in it.")
            )
    if (
        len(new.their_key) > 200
        or not new.their_key.isascii()
        or any(c.isspace() for c in new.their_key.strip())
    ):
        wrong.append(FieldError("their_key", "A key is up to 200 characters without spaces."))
    if wrong:
        raise Invalid(fields=tuple(wrong))


__all__ = ["NewChannel", "Reaching", "icalendar"]
