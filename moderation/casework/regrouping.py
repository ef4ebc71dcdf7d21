"""Joining and parting cases: one situation in one case, two situations in two.

A joined case is closed and leads to the other, so that what its person writes later is found there. Neither
ever gives anyone more time: the more urgent tier and the earlier clock win.
"""

from __future__ import annotations

from dataclasses import replace

from community.database import Tx
from community.errors import Conflict, Invalid
from community.ids import CaseId, MemberId, MessageId, new_id
from community.store import messages as words
from moderation.casework.acts import encode
from moderation.casework.casework import act
from moderation.casework.machine import Closed, IllegalAct, Joined, Merged, Opened, Split, step
from moderation.desk.ground import DeskGround, Who, check_version, conflict, staff_words
from moderation.store import cases as store
from moderation.store import follow_ups, order
from moderation.store.cases import CaseRow


class Regrouping:
    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    async def merge(self, who: Who, id: CaseId, version: int, into: CaseId, reason: str) -> CaseRow:
        """Join case `id` into `into`; the case that stays. Both must be this person's to see, of one lane;
        across teams only for who leads both. Raises NotFound, Conflict, Invalid."""
        why = staff_words(reason)
        if id == into:
            raise Invalid("A case can't be joined with itself.", code="same_case")
        async with self._ground.database.transaction() as tx:
            await self._may_join(tx, who, id, into)
            source, target = await self._lock_both(tx, id, into)
            check_version(source, version)
            if "closed" in (source.case.state, target.case.state):
                raise Conflict("Only open cases can be joined.", code="closed")
            row = await self._merge(tx, who, (source, target), why)
        for case in (id, into):
            self._ground.bus.ring("desk", case)
        return row

    async def split(
        self, who: Who, id: CaseId, version: int, messages: list[MessageId], reason: str
    ) -> tuple[CaseRow, CaseRow]:
        """Give some messages a case of their own: what stays, and the new one. In the care lane they must be
        another person's, since one person's situation is one case. Raises NotFound, Conflict, Invalid."""
        why, now = staff_words(reason), self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            seen, _ = await self._ground.visible(tx, who, id)
            about = [
                found.author_id for m in messages if (found := await words.get(tx, m)) and found.author_id
            ]
            await order.subjects(tx, [*about, *([seen.member_id] if seen.member_id else [])])
            row = await store.lock(tx, id)
            assert row is not None, "cases are never deleted"
            check_version(row, version)
            if not messages or any(m not in row.case.messages for m in messages):
                raise Invalid("Please choose messages of this case.", code="not_in_case")
            fresh = await self._new_case(tx, row, await self._author(tx, row, messages), messages)
            try:
                what = Split(who.member_id, fresh.id, tuple(messages))
                note = await self._ground.notes.seal(tx, id, why)
                left = await act(tx, row, what, by=who.member_id, now=now, note=note)
            except IllegalAct as illegal:
                raise conflict(illegal) from None
            await store.drop_messages(tx, id, messages)
        for case in (id, fresh.id):
            self._ground.bus.ring("desk", case)
        return left, fresh

    # ---- inner

    async def _may_join(self, tx: Tx, who: Who, id: CaseId, into: CaseId) -> None:
        source, rights = await self._ground.visible(tx, who, id)
        target, _ = await self._ground.visible(tx, who, into)
        if source.case.lane != target.case.lane:
            raise Invalid("Care and conduct are never mixed.", code="other_lane")
        if source.team_id != target.team_id and not (rights.leads(source) and rights.leads(target)):
            raise Conflict("Only the lead of both teams can join their cases.", code="other_team")

    async def _lock_both(self, tx: Tx, id: CaseId, into: CaseId) -> tuple[CaseRow, CaseRow]:
        """In the one order (moderation/store/order.py), so that two joins can't wait for each other."""
        await order.subjects_of(tx, (id, into))
        rows = {case: await store.lock(tx, case) for case in sorted((id, into))}
        source, target = rows[id], rows[into]
        assert source is not None and target is not None, "cases are never deleted"
        return source, target

    async def _merge(self, tx: Tx, who: Who, pair: tuple[CaseRow, CaseRow], why: str) -> CaseRow:
        source, target = pair
        now, case = self._ground.clock.now(), source.case
        waiting = case.lane == "care" and (case.waits or case.state in ("open", "paged", "acknowledged"))
        what = Merged(who.member_id, source.id, case.tier, case.messages, case.rules, case.due_at, waiting)
        try:
            # Everything known after the act, as Joined has it: the row reads its rules from the last act.
            what = replace(what, rules=case.rules | target.case.rules)
            seal = self._ground.notes.seal
            row = await act(tx, target, what, by=who.member_id, now=now, note=await seal(tx, target.id, why))
            await follow_ups.move(tx, source=source.id, target=target.id)  # closing would cancel them
            closed = Closed(who.member_id, "merged", target.id)
            await act(tx, source, closed, by=who.member_id, now=now, note=await seal(tx, source.id, why))
        except IllegalAct as illegal:
            raise conflict(illegal) from None
        await store.copy_messages(tx, source=source.id, target=target.id)
        await store.set_merged(tx, source.id, target.id)
        if case.lane == "care" and case.tier > target.case.tier:
            await self._ground.casework.page(tx, row, row.case.tier, "merged", now=now)
        return row

    async def _author(self, tx: Tx, row: CaseRow, chosen: list[MessageId]) -> MemberId | None:
        """Whom the new case is about."""
        rows = [await words.get(tx, m) for m in chosen]
        authors = {r.author_id for r in rows if r is not None}
        if row.case.lane == "conduct":
            if len(chosen) != 1 or chosen[0] == row.message_id:
                raise Invalid("A conduct case is about one message: choose another one.", code="one_message")
            return None
        author = next(iter(authors), None)
        if len(authors) != 1 or author is None or author == row.member_id:
            raise Invalid(
                "Choose messages of one other person: one person has one care case.", code="one_person"
            )
        return author

    async def _new_case(
        self, tx: Tx, row: CaseRow, author: MemberId | None, chosen: list[MessageId]
    ) -> CaseRow:
        now = self._ground.clock.now()
        opening = Opened(row.case.lane, row.case.tier, chosen[0], row.case.rules, "split")
        fresh = CaseRow(
            CaseId(new_id()), row.team_id, row.group_id, author,
            chosen[0] if author is None else None, step(None, opening, now, row.case.times),
        )  # fmt: skip
        if not await store.insert(tx, fresh):
            raise Conflict("There is an open case for this already: join them instead.", code="has_case")
        await store.append(
            tx, fresh.id, act="opened", actor=None, parameters=encode(opening), note=None, now=now,
            times=fresh.case.times.n,
        )  # fmt: skip
        for message in chosen:
            await store.add_message(tx, fresh.id, message, now=now)
        for message in chosen[1:]:
            joined = Joined(row.case.tier, message, row.case.rules, "split")
            fresh = await act(tx, fresh, joined, by=None, now=now)
        await self._ground.casework.page(tx, fresh, fresh.case.tier, "split", now=now)
        return fresh
