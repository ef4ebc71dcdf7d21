"""Conduct, kindly: repair first, reasons for the author, and reports about staff that somebody else answers.

Nothing here mutes, bans or hides by itself: what changes for anybody is a person's decision.
"""

from __future__ import annotations

from typing import Any, cast

from community.database import Tx
from community.errors import Conflict, Invalid, NotFound
from community.ids import CaseId, MemberId, MessageId, NoticeId, new_id
from community.judging import Words
from community.store import messages, people
from moderation.acts import Decision
from moderation.break_glass import tell_staff
from moderation.cases import RepairAsked
from moderation.casework import Cause, team_of
from moderation.desk_ground import DeskGround, Doing, Who, staff_words
from moderation.pipeline.types import Tier
from moderation.reasons import Statement, statement
from moderation.store import conduct as store
from moderation.store.cases import CaseRow
from moderation.words import Keeper, heard

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
            statement(r.case_id, r.message_id, cast(Decision, r.decision), rule=r.rule, at=r.at) for r in rows
        ]

    async def complain(self, member: MemberId, about: MemberId, text: str) -> Any:
        """Report somebody who looks after people here. Their lead reads it, never they themselves or their
        colleagues. Answers a support card where the words call for one. Raises NotFound, Invalid; a cry is heard all
        the same."""
        try:
            return await self._complain(member, about, text)
        except (NotFound, Invalid) as why:
            database = self._ground.database
            raise await heard(database, self._keeper, Words(text, "letter"), member, why) from None

    async def _complain(self, member: MemberId, about: MemberId, text: str) -> Any:
        if not 1 <= len(text.strip()) <= TEXT_CHARS_MAX or "\0" in text:
            raise Invalid(f"Please write 1 to {TEXT_CHARS_MAX} characters.", code="bad_text")
        if about == member:
            raise Invalid("That is you.", code="oneself")
        judged, now = self._keeper.judge(Words(text, "letter")), self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            if await people.by_id(tx, about) is None:
                raise NotFound
            kept = await self._keeper.keep(tx, judged, author=member, group=None)
            team = await team_of(tx, None)
            rules = frozenset({"complaint"})
            cause = Cause(kept.message_id, member, team, None, Tier.green, None, rules, "complaint")
            raised = await self._ground.casework.conduct(tx, cause, now=now)
            await store.add_complaint(tx, raised.case, about, member, now=now)
            await tell_staff(tx, team, "complaint", besides=about, now=now)
        self._ground.bus.ring("desk", raised.case)
        return kept.support

    async def _tell(
        self, tx: Tx, member: MemberId, kind: str, message: MessageId, parameters: dict[str, Any]
    ) -> None:
        await people.add_notice(
            tx, member, id=NoticeId(new_id()), kind=kind, message_id=message, parameters=parameters,
            now=self._ground.clock.now(),
        )  # fmt: skip
