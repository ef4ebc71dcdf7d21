"""The desk: what a moderator does with a case.

The queue, one case, and the acts of everyday work; joining and parting cases is in regrouping.py, words to the
member in letters.py, what needs two people in two_people.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from community.again import until_done
from community.database import Tx
from community.errors import Conflict, Forbidden, Invalid, NotFound
from community.ids import CaseId, MessageId, NoticeId, PageId, new_id
from community.store import people
from moderation.carers.wellbeing import BREAK, budget, counts_from
from moderation.casework.acts import Rung, When
from moderation.casework.machine import (
    Claimed,
    Closed,
    Decided,
    Decision,
    Escalated,
    Laddered,
    Noted,
    Released,
    Renewed,
)
from moderation.desk.ground import DeskGround, Doing, Who, staff_words, subject_of
from moderation.desk.looking import Seen, load
from moderation.evidence import chain
from moderation.gate.edits import Change
from moderation.oncall.roster import trained
from moderation.pipeline.types import Span, Tier
from moderation.store import appeals, audit, conduct, flags, pages, queue, situations, training, wellbeing
from moderation.store.cases import CaseRow
from moderation.store.queue import QueueFilter
from moderation.store.wellbeing import View

CRISIS_CASES_MAX = 3
"""At most so many crisis cases a person at once (care.md) unless set otherwise; past it the claim is asked, not
forced."""
COUNTED_AGAIN_AFTER = timedelta(minutes=4)
"""Less than a lease: who reads on is counted on (moderation/carers/wellbeing.py)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision on a message: what, why (internal words), and the rule that the author is told."""

    decision: Decision
    reason: str
    message: MessageId | None = None
    spans: tuple[Span, ...] = ()
    rule: str = "person"


class Desk:
    def __init__(self, ground: DeskGround, crisis_cases_max: int = CRISIS_CASES_MAX) -> None:
        self._ground = ground
        self._crisis_cases_max = crisis_cases_max

    # ---- looking

    async def queue(
        self, who: Who, *, lane: str | None, state: str | None, offset: int, limit: int
    ) -> list[CaseRow]:
        """Most urgent first, then longest waiting. Raises NotFound for whom there is no desk."""
        async with self._ground.database.read() as conn:
            rights = await self._ground.rights(conn, who)
            wanted = QueueFilter(
                me=who.member_id,
                care_teams=list(rights.care_teams),
                conduct_groups=list(rights.conduct_groups),
                conduct_teams=list(rights.conduct_teams),
                lead_teams=list(rights.lead_teams),
                now=self._ground.clock.now(),
                lane=lane,
                state=state,
            )
            return await queue.queue(conn, wanted, offset=offset, limit=limit)

    async def version_for(self, who: Who, id: CaseId) -> int | Literal["later"] | None:
        """The case's version, or None when it doesn't exist for this person; for the console's stream. "later" on
        a break, but for what they hold and what they are asked for all the same."""
        async with self._ground.database.read() as conn:
            try:
                row, _ = await self._ground.visible(conn, who, id)
            except NotFound:
                return None
            now = self._ground.clock.now()
            held = row.case.held_by(now) == who.member_id
            if not held and await wellbeing.spared_news(conn, who.member_id, id, now=now):
                return "later"
            return row.case.version

    async def see(self, who: Who, id: CaseId, *, before: MessageId | None = None) -> Seen:
        """One case with its latest words (or those before one of them), findings, history and what was said
        around it. Raises NotFound."""
        async with self._ground.database.read() as conn:
            row, rights = await self._ground.visible(conn, who, id)
            seen = await load(conn, row, await subject_of(conn, row), before=before)
            sights = await queue.sights(conn, [r.id for r in seen.earlier])
            earlier = [r for r in seen.earlier if rights.may_see(r, sights[r.id])]
            history = await self._ground.notes.open_history(conn, id, seen.history)
        await self._saw(who, row)
        return replace(seen, history=history, earlier=earlier)

    # ---- holding

    async def claim(
        self, who: Who, id: CaseId, version: int, *, take_over: bool = False, anyway: bool = False
    ) -> CaseRow:
        """Take the case for five minutes, renewed by use; its pages stop repeating. Raises Conflict when it
        moved, is held ("held"), or when this is a fourth crisis at once ("crisis_cap"): asked, not refused;
        `anyway` is the answer."""

        async def also(tx: Tx, row: CaseRow, now: datetime) -> Change | None:
            await check_training(tx, who, row, now)
            if not anyway:
                await self._ask_first(tx, who, row)
            await self._tell_holder(tx, who, row, now)
            return None

        doing = Doing(Claimed(who.member_id, take_over, anyway), also=also)
        async with self._ground.database.transaction() as tx:
            row, _ = await self._ground.act_in(tx, who, id, version, doing)
            # After the case's lock: words that join the case take it before its page, too.
            await pages.acknowledge(tx, id, who.member_id, now=self._ground.clock.now())
        self._ground.bus.ring("desk", id)
        return row

    async def heartbeat(self, who: Who, id: CaseId) -> CaseRow:
        """The case's page is open in front of its holder: the lease goes on. Written at most every two and a
        half minutes; no new version, since nothing changed for others. Raises Conflict "not_yours"."""
        async with self._ground.database.read() as conn:
            row, _ = await self._ground.visible(conn, who, id)
        now = self._ground.clock.now()
        if row.case.held_by(now) == who.member_id:
            assert row.case.lease_until is not None, "who holds it has a lease"
            if row.case.lease_until - now > row.case.times.lease / 2:
                return row
        async with self._ground.database.transaction() as tx:
            after, _ = await self._ground.act_in(tx, who, id, None, Doing(Renewed(who.member_id)))
        await self._saw(who, after)
        return after

    async def release(self, who: Who, id: CaseId, version: int, *, passed: bool = False) -> CaseRow:
        """Give the claim back: nobody has it, and a fresh clock runs. `passed`: others are asked at once, and
        nobody asks why."""
        async with self._ground.database.transaction() as tx:
            doing = Doing(Released(who.member_id, passed))
            row, _ = await self._ground.act_in(tx, who, id, version, doing)
            if passed and row.case.lane == "care":
                now = self._ground.clock.now()
                await self._ground.casework.page(tx, row, row.case.tier, "passed", now=now)
        self._ground.bus.ring("desk", id)
        return row

    async def acknowledge(self, who: Who, page: PageId, *, anyway: bool = False) -> CaseRow:
        """Answer a page: the same as claiming its case at its present version. Raises NotFound."""
        async with self._ground.database.read() as conn:
            found = await pages.get(conn, page)
            if found is None:
                raise NotFound
            row, _ = await self._ground.visible(conn, who, found.case_id)
        return await self.claim(who, row.id, row.case.version, anyway=anyway)

    # ---- working

    async def note(self, who: Who, id: CaseId, version: int, text: str) -> CaseRow:
        """An internal note. The member never sees it."""
        return await self._ground.act(who, id, version, Doing(Noted(who.member_id), note=staff_words(text)))

    async def ladder(self, who: Who, id: CaseId, version: int, rung: Rung, when: When) -> CaseRow:
        """How far it has gone, as a person heard it: wish, thoughts, method, intent, plan, behaviour."""
        return await self._ground.act(who, id, version, Doing(Laddered(who.member_id, rung, when)))

    async def escalate(self, who: Who, id: CaseId, version: int, *, tier: str, reason: str) -> CaseRow:
        """To a higher tier, with a fresh clock, and paged from red up. Never lowers."""
        try:
            wanted = Tier[tier]
        except KeyError:
            raise Invalid("A tier is amber, red or crisis.", code="bad_tier") from None
        doing = Doing(Escalated(who.member_id, wanted, "person"), note=staff_words(reason))
        async with self._ground.database.transaction() as tx:
            row, _ = await self._ground.act_in(tx, who, id, version, doing)
            if row.case.lane == "care":
                now = self._ground.clock.now()
                await self._ground.casework.page(tx, row, row.case.tier, "raised", now=now)
        self._ground.bus.ring("desk", id)
        return row

    async def close(
        self, who: Who, id: CaseId, version: int, reason: str, *, kind: str = "person"
    ) -> CaseRow:
        """Done, with a reason. A new finding opens it again. Raises Conflict while an appeal waits."""

        async def also(tx: Tx, row: CaseRow, now: datetime) -> Change | None:
            if row.case.lane == "care":
                upheld = kind != "not_care"
                await conduct.judge_flags(tx, row.case.messages, kind="worried", upheld=upheld)
            if row.case.lane == "care" and row.case.tier is Tier.crisis:
                await wellbeing.offer_debriefs(tx, row.id, now=now)
            return None

        doing = Doing(Closed(who.member_id, kind), note=staff_words(reason), also=also)
        return await self._ground.act(who, id, version, doing)

    async def decide(self, who: Who, id: CaseId, version: int, choice: Choice) -> CaseRow:
        """Publish, remove or mask a message of this case, or close it without a change. The author is told
        kindly; the reporter's name never leaves the case."""

        async def also(tx: Tx, row: CaseRow, now: datetime) -> Change | None:
            self._may_answer(who, row, await appeals.waiting(tx, row.id))
            change = await self._carry_out(tx, row, choice, now)
            changed = choice.decision in ("remove", "mask")
            await conduct.judge_flags(tx, row.case.messages, kind="breaks_a_rule", upheld=changed)
            await self._answer_appeal(tx, who, row, choice, now)
            await tell_reporters(tx, row, choice.decision, now=now)
            return change

        what = Decided(who.member_id, choice.decision, choice.message, choice.rule)
        doing = Doing(what, note=staff_words(choice.reason), also=also)
        row = await self._ground.act(who, id, version, doing)
        if choice.decision == "close" and row.case.state != "closed":  # care: the situation ends here too
            return await until_done(lambda: self.close(who, id, row.case.version, choice.reason))
        return row

    # ---- inner

    async def _saw(self, who: Who, row: CaseRow) -> None:
        """Who has read whose words is in the audit log; how much of it, in the exposure budget. A spent budget
        begins a break."""
        await until_done(lambda: self._count_look(who, row))

    async def _count_look(self, who: Who, row: CaseRow) -> None:
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            view = View(row.id, row.case.tier.name if row.case.lane == "care" else "green", now)
            if not await wellbeing.seen(tx, who.member_id, view, since=now - COUNTED_AGAIN_AFTER):
                return
            since = counts_from(now, await wellbeing.last_break(tx, who.member_id))
            if budget(await wellbeing.views(tx, who.member_id, since=since)).spent:
                await wellbeing.add_break(tx, who.member_id, starts=now, ends=now + BREAK, why="budget")
            said = chain.entry("case.seen", who.member_id, row.id, version=row.case.version)
            await audit.append(tx, [said], now=now)

    async def _carry_out(self, tx: Tx, row: CaseRow, choice: Choice, now: datetime) -> Change | None:
        message = choice.message or row.message_id or (row.case.messages[-1] if row.case.messages else None)
        if choice.decision == "close":
            return None
        if message is None or message not in row.case.messages:
            raise Invalid("That message isn't part of this case.", code="not_in_case")
        edits = self._ground.edits
        match choice.decision:
            case "publish":
                return await edits.publish(tx, message, now=now)
            case "remove":
                return await edits.remove(tx, message, now=now, reason=choice.rule)
            case "mask":
                return await edits.mask(tx, message, choice.spans, now=now)

    async def _ask_first(self, tx: Tx, who: Who, row: CaseRow) -> None:
        """A fourth crisis, or any urgent case during a break, is asked for, never refused: no crisis stays
        with nobody because of a cap."""
        if row.case.lane != "care" or row.case.tier < Tier.red:
            return
        now = self._ground.clock.now()
        records = [r for r in await training.training(tx, row.team_id) if r.member_id == who.member_id]
        spared = {topic for record in records for topic in record.topics_excluded}
        if spared & set(await situations.topics(tx, row.id)):
            say = "This is about something you asked to be spared. Take it, only if nobody else can."
            raise Conflict(say, code="topic_excluded", extra={"anyway": True})
        if await wellbeing.resting(tx, [who.member_id], now=now):
            say = "You have carried a lot: this is your break. Take it, only if nobody else can."
            raise Conflict(say, code="on_break", extra={"anyway": True})
        if row.case.tier is not Tier.crisis:
            return
        if await situations.crisis_held(tx, who.member_id, besides=row.id) >= self._crisis_cases_max:
            held = self._crisis_cases_max
            say = f"You are with {held} people in a crisis already. Take this one too, only if you can."
            raise Conflict(say, code="crisis_cap", extra={"anyway": True})

    async def _tell_holder(self, tx: Tx, who: Who, row: CaseRow, now: datetime) -> None:
        holder = row.case.held_by(now)
        if holder is not None and holder != who.member_id:
            parameters = {"case": str(row.id)}
            await people.add_notice(
                tx,
                holder,
                id=NoticeId(new_id()),
                kind="taken_over",
                message_id=None,
                parameters=parameters,
                now=now,
            )

    def _may_answer(self, who: Who, row: CaseRow, appeal: appeals.AppealRow | None) -> None:
        if appeal is None or row.case.state != "appealed":
            return
        if who.member_id in (appeal.decided_by, row.case.decided_by):
            raise Forbidden("You made this decision; someone else answers the appeal.", code="same_person")

    async def _answer_appeal(self, tx: Tx, who: Who, row: CaseRow, choice: Choice, now: datetime) -> None:
        """An appeal is answered by somebody else than who decided; its author hears about it."""
        appeal = await appeals.waiting(tx, row.id)
        if appeal is None or row.case.state != "appealed":
            return
        upheld = choice.decision in ("close", "remove", "mask")
        await appeals.answer(tx, appeal.id, by=who.member_id, upheld=upheld, now=now)
        if appeal.member_id is not None:
            await people.add_notice(
                tx,
                appeal.member_id,
                id=NoticeId(new_id()),
                kind="appeal",
                message_id=row.message_id,
                parameters={"upheld": upheld},
                now=now,
            )


async def check_training(tx: Tx, who: Who, row: CaseRow, now: datetime) -> None:
    """Where a team keeps training records, only those whose record counts today take its cases; operators stand
    in for a team that isn't there. Raises Forbidden "untrained"."""
    records = [r.record() for r in await training.training(tx, row.team_id)]
    of_lane = [r for r in records if r.lane == row.case.lane]
    if of_lane and not who.is_operator and who.member_id not in trained(of_lane, row.case.lane, now.date()):
        raise Forbidden("Your training for these cases isn't entered or has run out.", code="untrained")


async def tell_reporters(tx: Tx, row: CaseRow, decision: Decision, *, now: datetime) -> None:
    """Those who flagged this message hear that a person has looked and whether something was changed; not
    what was decided about whom."""
    told = set(await flags.reporters(tx, row.case.messages))
    complainant = await conduct.complainant(tx, row.id)
    for member in sorted(told | ({complainant} if complainant else set())):
        await people.add_notice(
            tx,
            member,
            id=NoticeId(new_id()),
            kind="decision",
            message_id=None,
            parameters={"changed": decision in ("remove", "mask")},
            now=now,
        )


__all__ = ["Choice", "Desk", "Forbidden", "Seen", "Who", "tell_reporters"]
