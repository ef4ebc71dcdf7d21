"""Answering asks, ending, handing over, and what each person may see of a pairing.

Whoever may not see a pairing gets the answer of one that isn't there. What both agreed to is open; everything
before is only a wish, and everything after only theirs to read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from chat.pairings.acting import Rings, act, tell
from chat.pairings.asking import Asking, begin, check_knows, check_offered, here
from chat.pairings.machine import WAITS, Act, Asked, step
from chat.store import pairing_facts as facts
from chat.store import pairings as store
from chat.store import supporters
from chat.store.pairings import PairingRow, PairingView
from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, NotFound
from community.groups import Actor, Seen, place_of
from community.ids import ConversationId, MemberId, new_id
from community.store import access
from community.store import groups as groups_store
from community.web.words import _
from moderation.casework.casework import CoverOf
from moderation.pipeline.types import Tier

DANGER_SHOWS: Final = timedelta(hours=24)
"""How long a supporter is told what happens next (our own value)."""

Answer = Literal["agree", "pass", "decline", "withdraw", "end"]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a supporter is told when the other's words went to whoever is on duty."""

    at: datetime
    on_duty: bool
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeenPairing:
    """A pairing and its group, as one of the two sees it."""

    view: PairingView
    seen: Seen


class Pairings:
    def __init__(self, database: Database, clock: Clock, bus: Bus, asking: Asking, cover: CoverOf) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._asking = asking
        self._cover = cover

    # ---- seeing

    async def mine(self, member: MemberId) -> list[PairingView]:
        """What is open, what waits, and what is over, of this person."""
        async with self._database.read() as conn:
            return [view for view in await store.of_member(conn, member) if sees(view, member)]

    async def see(self, actor: Actor, id: ConversationId) -> PairingView:
        """One pairing that this person may see: one of the two, who asked, or who may answer for the group.
        Raises NotFound."""
        async with self._database.read() as conn:
            return await self._look(conn, actor, id)

    async def inside(self, actor: Actor, id: ConversationId) -> SeenPairing:
        """A pairing with a conversation, for the two who are in it. Raises NotFound."""
        async with self._database.read() as conn:
            view = await self._look(conn, actor, id)
            if view.row.pairing.state not in ("open", "ended") or not view.row.pairing.has(actor.member_id):
                raise NotFound
            return SeenPairing(view, await self._seen(conn, actor, view.row))

    async def waiting(self, actor: Actor, seen: Seen) -> list[PairingView]:
        """Asks to the group that wait, for its supporters and those who lead it. Raises NotFound."""
        async with self._database.read() as conn:
            if not rulings.read(seen.place).allowed or not await self._answers_for(conn, actor, seen):
                raise NotFound
            return await store.waiting(conn, seen.group.id, actor.member_id)

    async def beside(self, member: MemberId, view: PairingView) -> Beside | None:
        """For a supporter: that whoever is on duty has been shown what the other wrote, and who that is now."""
        p, now = view.row.pairing, self._clock.now()
        if view.row.kind != "supporter" or p.beside != member or p.state != "open":
            return None
        async with self._database.read() as conn:
            danger = await facts.danger_since(conn, view.row.id, member, since=now - DANGER_SHOWS)
            if danger is None:
                return None
            at, is_crisis = danger
            group = await groups_store.by_id(conn, view.row.group_id)
            assert group is not None, "a pairing stands in a group"
            tier = Tier.crisis if is_crisis else Tier.red
            cover = await self._cover(conn, group.team_id, tier, now=now)
        return Beside(at, cover.on_duty, cover.next_at)

    async def worry_about(self, member: MemberId, id: ConversationId) -> str | None:
        """The other's newest words, which a worry can be told about."""
        async with self._database.read() as conn:
            found = await facts.latest_of_other(conn, id, member)
        return None if found is None else str(found)

    async def others_free(self, actor: Actor, inside: SeenPairing) -> list[tuple[MemberId, str]]:
        """Whom a supporter may ask to go on with this one. Raises NotFound for anybody else."""
        p, group = inside.view.row.pairing, inside.view.row.group_id
        if p.state != "open" or inside.view.row.kind != "supporter" or p.beside != actor.member_id:
            raise NotFound
        async with self._database.read() as conn:
            rules = await supporters.rules(conn, group)
            listed = await supporters.of_group(conn, group, now=self._clock.now())
        return [
            (one.member_id, one.handle) for one in listed if one.is_free(rules) and not p.has(one.member_id)
        ]

    # ---- answering

    async def answer(
        self, actor: Actor, id: ConversationId, what: Answer, *, knows: int = 0
    ) -> PairingView | None:
        """One act of a person; None where nothing of it is theirs to see any more. Raises NotFound, Conflict,
        what forbids to write in the group, and Invalid for who agrees without having been told."""
        if what == "agree":
            check_knows(knows)
        now, rings = self._clock.now(), Rings()
        async with self._database.transaction() as tx:
            await here(tx, actor.member_id)
            row = await store.lock(tx, id)
            await self._look(tx, actor, id)
            if row is None:
                raise NotFound
            if what == "agree":
                await self._agree(tx, actor, row, rings, now)
            else:
                await self._other_answer(tx, actor, row, what, rings, now)
        rings.ring(self._bus)
        try:
            return await self.see(actor, id)
        except NotFound:
            return None

    async def _agree(self, tx: Tx, actor: Actor, row: PairingRow, rings: Rings, now: datetime) -> None:
        me, p = actor.member_id, row.pairing
        seen = await self._seen(tx, actor, row)
        rulings.write(seen.place, now=now).require()
        rules = await supporters.rules(tx, row.group_id)
        if row.kind == "supporter" and me != p.member:
            await self._asking.free(tx, seen, me, rules)
        if row.kind == "members":
            check_offered(seen, rules)
        other = p.other(me)
        if other is not None:
            await facts.one_at_a_time(tx, row.group_id, me, other)
            if await facts.open_between(tx, row.group_id, me, other):
                raise Conflict(_("You two have an open conversation already."), code="open_already")
        after = await act(tx, row, Act("agreed", me), rings, now=now)
        other = after.pairing.other(me)
        if after.pairing.state == "open":
            await self._may_open(tx, after, me, now)
            await self._hand_on(tx, after, rings, now)
        await tell(tx, row.id, "pairing_news", [other], now=now)

    async def _may_open(self, tx: Tx, row: PairingRow, me: MemberId, now: datetime) -> None:
        """The other may have left, been asked to pause, or taken somebody else since. Raises Conflict."""
        p = row.pairing
        other = p.other(me)
        membership = None if other is None else await groups_store.membership(tx, row.group_id, other)
        group = await groups_store.by_id(tx, row.group_id)
        gone = Conflict(_("This can't be opened any more."), code="gone")
        if membership is None or group is None or other is None:
            raise gone
        may_write = rulings.write(place_of(group, membership, is_operator=False), now=now).allowed
        if not may_write or not await facts.is_here(tx, row.group_id, other):
            raise gone
        if row.kind == "supporter" and p.beside == other:
            rules = await supporters.rules(tx, row.group_id)
            if not await supporters.lock(tx, row.group_id, other):
                raise gone
            listed = await supporters.of_group(tx, row.group_id, now=now)
            if any(one.member_id == other and one.carries > rules.caseload for one in listed):
                raise gone

    async def _hand_on(self, tx: Tx, row: PairingRow, rings: Rings, now: datetime) -> None:
        """What this one was handed over from ends as it opens."""
        if row.handed_from is None:
            return
        before = await store.lock(tx, row.handed_from)
        if before is not None and before.pairing.state == "open":
            await act(tx, before, Act("ended"), rings, now=now)
            await tell(tx, before.id, "pairing_news", [before.pairing.beside], now=now)

    async def _other_answer(
        self, tx: Tx, actor: Actor, row: PairingRow, what: Answer, rings: Rings, now: datetime
    ) -> None:
        me, p = actor.member_id, row.pairing
        if what == "decline" and p.to_group:
            rulings.answer((await self._seen(tx, actor, row)).place).require()
        match what:
            case "end":
                done = Act("ended", me)
            case "withdraw":
                done = Act("withdrawn", me)
            case "pass":
                done = Act("passed", me)
            case _:
                done = Act("declined", me)
        await act(tx, row, done, rings, now=now)
        # Who stepped back is named to nobody; who waited is told that there is news, and reads it kindly put.
        told = {"end": [p.other(me)], "decline": [p.asked_by], "pass": [], "withdraw": []}[what]
        await tell(tx, row.id, "pairing_news", told, now=now)

    async def hand_over(self, actor: Actor, id: ConversationId, to: MemberId) -> ConversationId:
        """Ask another supporter, and the member, whether the two go on together. This one goes on until both have
        agreed. What was said stays between those who said it. Raises NotFound, Forbidden, Conflict."""
        now, rings = self._clock.now(), Rings()
        async with self._database.transaction() as tx:
            row = await store.lock(tx, id)
            await self._look(tx, actor, id)
            if row is None or row.pairing.member is None:
                raise Conflict
            p, seen = row.pairing, await self._seen(tx, actor, row)
            if p.state != "open" or row.kind != "supporter" or p.beside != actor.member_id:
                raise NotFound
            if to in (p.member, p.beside):
                raise Conflict(_("Please choose somebody else."), code="not_them")
            await self._asking.free(tx, seen, to, await supporters.rules(tx, row.group_id))
            await here(tx, actor.member_id, to, row.pairing.member)
            since = (now - timedelta(days=1), now)
            asks = await facts.asks_of(tx, actor.member_id, row.group_id, to, since=since)
            if asks.of_other:
                raise Conflict(_("You have asked this person already."), code="waits_already")
            who = Asked(actor.member_id, row.pairing.member, to)
            fresh = replace(
                row,
                id=ConversationId(new_id()),
                pairing=step(None, who, now),
                note_id=None,
                handed_from=row.id,
                asked_at=now,
            )
            await begin(tx, fresh, who, now)
            if not await self._are_apart(tx, row.pairing.member, to):
                await tell(tx, fresh.id, "pairing_asked", [row.pairing.member, to], now=now)
                rings.add("member", row.pairing.member, to)
        rings.ring(self._bus)
        return fresh.id

    # ---- inner

    async def _look(self, conn: Conn, actor: Actor, id: ConversationId) -> PairingView:
        view = await store.view(conn, actor.member_id, id)
        if view is None:
            raise NotFound
        if sees(view, actor.member_id):
            return view
        p = view.row.pairing
        if p.to_group and p.beside is None and p.state in WAITS and p.member is not None:
            seen = await self._seen(conn, actor, view.row)
            may_read = rulings.read(seen.place).allowed and await self._answers_for(conn, actor, seen)
            is_here = await facts.is_here(conn, view.row.group_id, p.member)
            waits = is_here and actor.member_id not in p.passed
            if may_read and waits and not await self._are_apart(conn, actor.member_id, p.member):
                return view
        raise NotFound

    async def _answers_for(self, conn: Conn, actor: Actor, seen: Seen) -> bool:
        """Whether this person may answer asks to the group: its supporters, and those who lead it."""
        if rulings.answer(seen.place).allowed:
            return True
        listed = await supporters.of_group(conn, seen.group.id, now=self._clock.now())
        return any(one.member_id == actor.member_id for one in listed)

    async def _are_apart(self, conn: Conn, one: MemberId, other: MemberId) -> bool:
        """Whether a block stands between two people, either way."""
        return other in await access.blocked_by(conn, one) or other in await access.blockers_of(conn, one)

    async def _seen(self, conn: Conn, actor: Actor, row: PairingRow) -> Seen:
        group = await groups_store.by_id(conn, row.group_id)
        if group is None:
            raise NotFound
        membership = await groups_store.membership(conn, row.group_id, actor.member_id)
        return Seen(group, place_of(group, membership, is_operator=False), membership)


def sees(view: PairingView, member: MemberId) -> bool:
    """Whether this is theirs to see: whoever asked sees their ask; who is asked, while it waits and no block
    stands between; the two of them, what is or was open."""
    p = view.row.pairing
    if p.state in ("open", "ended"):
        return p.has(member)
    if p.asked_by == member:
        return True
    return p.has(member) and p.state in WAITS and not view.is_crossed
