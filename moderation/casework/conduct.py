"""Conduct, kindly: repair first, reasons for the author, and reports about staff that somebody else answers.

Nothing here mutes, bans or hides by itself: what changes for anybody is a person's decision.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from community.database import Tx
from community.errors import Conflict, Invalid, NotFound, Refusal
from community.ids import CaseId, MemberId, MessageId, NoticeId, PageId, new_id
from community.judging import Words
from community.store import messages, people
from moderation.casework.acts import Decision
from moderation.casework.break_glass import tell_staff
from moderation.casework.casework import Cause, act, team_of
from moderation.casework.machine import Released, RepairAsked
from moderation.desk.ground import DeskGround, Doing, Who, staff_words
from moderation.gate.reasons import Statement, statement
from moderation.gate.words import Keeper, StandAlone, cry_in, heard
from moderation.pipeline.types import Tier
from moderation.store import cases, letters, order, paging
from moderation.store import conduct as store
from moderation.store.cases import CaseRow

TEXT_CHARS_MAX = 4_000


class Conduct:
    def __init__(self, ground: DeskGround, keeper: Keeper) -> None:
        self._ground = ground
        self._keeper = keeper

    async def ask_repair(self, who: Who, id: CaseId, version: int, *, rule: str, reason: str) -> CaseRow:
        """Ask the author to change a part before anything is decided; their edit comes back to this case.
        Raises NotFound, Conflict, Invalid."""
        note = staff_words(reason)
        async with self._ground.database.transaction() as tx:
            seen, _ = await self._ground.visible(tx, who, id)
            if seen.message_id is None:
                raise Conflict("That is for cases of the conduct lane.", code="not_conduct")
            message = await messages.get(tx, seen.message_id)
            if message is None or message.author_id is None or message.conversation_id is None:
                raise Conflict("There is nobody who could change it.", code="gone")
            doing = Doing(RepairAsked(who.member_id, message.id, rule), note=note)
            row, _ = await self._ground.act_in(tx, who, id, version, doing)
            await self._tell(tx, message.author_id, "repair", message.id, {"reason": rule})
        self._ground.bus.ring("member", message.author_id)
        self._ground.bus.ring("desk", id)
        return row

    async def decisions(self, member: MemberId) -> list[Statement]:
        """What people decided about one's own messages, with reasons, newest first."""
        async with self._ground.database.read() as conn:
            rows = await store.decisions_for(conn, member)
        return [
            statement(
                r.case_id, r.message_id, cast(Decision, r.decision), rule=r.rule, at=r.at, times=r.times
            )
            for r in rows
        ]

    async def complain(self, member: MemberId, about: MemberId, text: str) -> Any:
        """Report somebody who looks after people here. Their lead reads it, never they themselves or their
        colleagues. Answers a support card where the words call for one: then they stand in a care case too, which
        is hidden from the accused. Raises NotFound, Invalid; a cry is heard all the same."""
        try:
            return await self._complain(member, about, text)
        except (NotFound, Invalid) as why:
            raise await self._heard(member, about, text, why) from None

    async def _complain(self, member: MemberId, about: MemberId, text: str) -> Any:
        if not 1 <= len(text.strip()) <= TEXT_CHARS_MAX or "\0" in text:
            raise Invalid(f"Please write 1 to {TEXT_CHARS_MAX} characters.", code="bad_text")
        if about == member:
            raise Invalid("That is you.", code="oneself")
        return await self._kept(self._keeper.judge(Words(text, "letter")), member, about)

    async def _heard(self, member: MemberId, about: MemberId, text: str, why: Refusal) -> Refusal:
        """A cry in a form that can't be, kept as the report that it is: hidden from the accused like any other."""
        words = Words(text, "letter")
        if about == member or isinstance(why, NotFound):
            return await heard(self._ground.database, self._keeper, words, member, why)
        cry = cry_in(self._keeper, words)
        if cry is not None:
            try:
                card = await self._kept(cry, member, about)
            except NotFound:  # nobody is accused
                return await heard(self._ground.database, self._keeper, words, member, why)
            if card is not None:
                why.extra["support"] = card
        return why

    async def _kept(self, judged: StandAlone, member: MemberId, about: MemberId) -> Any:
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            if await people.by_id(tx, about) is None:
                raise NotFound
            kept = await self._keeper.keep(tx, judged, author=member, group=None)
            await self._take_away(tx, kept.message_id, about, now)
            team = await team_of(tx, None)
            rules = frozenset({"complaint"})
            cause = Cause(kept.message_id, member, team, None, Tier.green, None, rules, "complaint")
            raised = await self._ground.casework.conduct(tx, cause, now=now)
            await store.add_complaint(tx, raised.case, about, member, now=now)
            if not await tell_staff(tx, team, "complaint", besides=about, now=now):
                page = PageId(new_id())  # nobody inside may read it: the outside back-up is asked
                about_case = str(raised.case)
                await paging.add(
                    tx, id=page, kind="complaint", team=team, about=about_case, shift=None, now=now
                )
        self._ground.bus.ring("desk", raised.case)
        return kept.support

    async def _take_away(self, tx: Tx, message: MessageId, about: MemberId, now: datetime) -> None:
        """The care case in which these words stand is hidden from the accused: whoever can't see a case can't
        hold it, so others are asked, and the accused reads no letters of its person any more."""
        found = await cases.open_cases_of(tx, message)
        await order.subjects_of(tx, found)
        for id in found:
            row = await cases.lock(tx, id)
            assert row is not None and row.member_id is not None, (
                "only the writer's care case holds new words"
            )
            await letters.step_out(tx, about, member=row.member_id, now=now)
            if row.case.owner == about:
                row = await act(tx, row, Released(about, passed=True), by=None, now=now)
                await self._ground.casework.page(tx, row, row.case.tier, "passed", now=now)

    async def _tell(
        self, tx: Tx, member: MemberId, kind: str, message: MessageId, parameters: dict[str, Any]
    ) -> None:
        await people.add_notice(
            tx, member, id=NoticeId(new_id()), kind=kind, message_id=message, parameters=parameters,
            now=self._ground.clock.now(),
        )  # fmt: skip
