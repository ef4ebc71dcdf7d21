"""Peer supporters of a group: named by those who lead it, each with somebody behind them, and free to pause."""

from __future__ import annotations

from dataclasses import dataclass

from chat.pairings.acting import Rings, act, tell, undone_by
from chat.pairings.asking import NO_MEMBERS
from chat.store import pairing_facts as facts
from chat.store import pairings as pairings_store
from chat.store import supporters as store
from chat.store.supporters import PairingRules, SupporterRow
from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import FieldError, Forbidden, Invalid, NotFound
from community.groups import Actor, Groups, Seen
from community.ids import MemberId
from community.store import groups as groups_store
from community.web.words import _


@dataclass(frozen=True, slots=True)
class GroupPairings:
    """What one person may do about pairings in a group. `supporters` is for those who lead it and the supporters
    themselves; others know only whether there are any."""

    seen: Seen
    rules: PairingRules
    supporters: tuple[SupporterRow, ...]
    me: SupporterRow | None
    leads: bool

    @property
    def has_supporters(self) -> bool:
        return bool(self.supporters)

    @property
    def between_members(self) -> bool:
        """Whether two members may pair here; in some kinds of groups never."""
        return self.rules.between_members and self.seen.group.preset not in NO_MEMBERS


class Supporters:
    def __init__(self, database: Database, clock: Clock, bus: Bus, groups: Groups) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._groups = groups

    async def of_group(self, actor: Actor, slug: str) -> GroupPairings:
        """Raises NotFound."""
        async with self._database.read() as conn:
            seen = await self._groups.look(conn, actor, slug)
            rulings.read(seen.place).require()
            rules = await store.rules(conn, seen.group.id)
            listed = await store.of_group(conn, seen.group.id, now=self._clock.now())
        me = next((one for one in listed if one.member_id == actor.member_id), None)
        return GroupPairings(seen, rules, tuple(listed), me, rulings.answer(seen.place).allowed)

    async def groups_of(self, member: MemberId) -> list[tuple[str, str]]:
        """(slug, name) of the groups in which this person is a supporter."""
        async with self._database.read() as conn:
            return await store.groups_of(conn, member)

    async def name(self, actor: Actor, slug: str, member: MemberId, supervisor: MemberId) -> None:
        """Name a supporter, by those who lead the group; `supervisor` is one of those, and not the supporter.
        Raises NotFound, Forbidden, Invalid."""
        async with self._database.transaction() as tx:
            seen = await self._led(tx, actor, slug)
            if await self._rank(tx, seen, member) < rulings.RANK["member"]:
                raise _wrong("member", _("Please name somebody who is a member of the group."))
            if await self._rank(tx, seen, supervisor) < rulings.RANK["facilitator"]:
                raise _wrong("supervisor", _("Please name somebody who leads the group."))
            if supervisor == member:
                raise _wrong(
                    "supervisor", _("Nobody stands behind themselves. Please choose another person.")
                )
            await store.name(
                tx, seen.group.id, member, supervisor=supervisor, by=actor.member_id, now=self._clock.now()
            )
        self._bus.ring("member", member)

    async def unname(self, actor: Actor, slug: str, member: MemberId) -> None:
        """No supporter any more, and what they had open ends. Raises NotFound, Forbidden."""
        async with self._database.transaction() as tx:
            seen = await self._led(tx, actor, slug)
            await store.unname(tx, seen.group.id, member, now=self._clock.now())
        async with self._database.read() as conn:
            standing = await facts.standing_of(conn, member, seen.group.id)
        for id in standing:  # one after the other: nobody waits for a lock that waits for them
            rings, now = Rings(), self._clock.now()
            async with self._database.transaction() as tx:
                row = await pairings_store.lock(tx, id)
                if row is None or row.kind != "supporter" or row.pairing.beside != member:
                    continue
                if row.pairing.due_at is None and row.pairing.state != "open":
                    continue
                await act(tx, row, undone_by(row, member), rings, now=now)
                if row.pairing.state == "open":
                    await tell(tx, id, "pairing_news", [row.pairing.member, member], now=now)
            rings.ring(self._bus)

    async def pause(self, actor: Actor, slug: str, *, on: bool) -> None:
        """Take nobody new for now, or again; what is open goes on. Raises NotFound, Forbidden."""
        async with self._database.transaction() as tx:
            seen = await self._groups.look(tx, actor, slug)
            rulings.read(seen.place).require()
            if not await store.lock(tx, seen.group.id, actor.member_id):
                raise Forbidden(_("Only peer supporters of the group can do that."), code="not_a_supporter")
            await store.pause(tx, seen.group.id, actor.member_id, on=on, now=self._clock.now())

    async def set_rules(self, actor: Actor, slug: str, rules: PairingRules) -> None:
        """Raises NotFound, Forbidden, Invalid."""
        if not 1 <= rules.caseload <= 20:
            raise _wrong("caseload", _("Please choose a number from 1 to 20."))
        async with self._database.transaction() as tx:
            seen = await self._led(tx, actor, slug)
            await store.put_rules(tx, seen.group.id, rules)

    async def id_of(self, actor: Actor, slug: str, handle: str) -> MemberId:
        """The member of the group with this handle, for its members alone: to know who shares a group's condition is
        theirs. Raises NotFound, Invalid, and what forbids to write in the group."""
        async with self._database.read() as conn:
            seen = await self._groups.look(conn, actor, slug)
            if not rulings.answer(seen.place).allowed:
                rulings.write(seen.place, now=self._clock.now()).require()
            found = await store.by_handle(conn, seen.group.id, handle.strip().lstrip("@").replace("\0", ""))
        if found is None:
            raise _wrong("handle", _("We don't know anybody of this name in the group."))
        return found

    async def leaders(self, actor: Actor, slug: str) -> list[tuple[MemberId, str]]:
        """Who can stand behind a supporter, with their handles. Raises NotFound, Forbidden."""
        async with self._database.read() as conn:
            seen = await self._groups.look(conn, actor, slug)
            rulings.answer(seen.place).require()
            return await store.leaders(conn, seen.group.id)

    async def _led(self, tx: Tx, actor: Actor, slug: str) -> Seen:
        seen = await self._groups.look(tx, actor, slug)
        rulings.answer(seen.place).require()
        return seen

    async def _rank(self, tx: Tx, seen: Seen, member: MemberId) -> int:
        """The rank in the group of somebody in good standing; -1 for anybody else. Raises NotFound for nobody."""
        row = await groups_store.membership(tx, seen.group.id, member)
        if row is None:
            raise NotFound
        is_here = row.state == "member" and row.banned_at is None
        return rulings.RANK.get(row.role, -1) if is_here else -1


def _wrong(field: str, say: str) -> Invalid:
    return Invalid(say, fields=(FieldError(field, say),))
