"""Changing what stands: edit (judged again), withdraw, react, and a moderator's decisions on what readers see.

Each is one transaction that locks the conversation first, then the message: whoever comes back later loses
the text as well, because every change is an event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from community import markdown
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, Invalid, NotFound, Refusal, Unavailable
from community.ids import CaseId, ConversationId, MemberId, MessageId, NoticeId, VerdictId, new_id
from community.log import EventKind, MessageState
from community.store import access, conversations, events, messages, nonces, people, revisions, verdicts
from community.store.conversations import Standing
from community.store.events import NewEvent
from community.store.messages import MessageRow
from community.store.revisions import Revision
from moderation.casework.casework import Casework, Cause, team_of
from moderation.gate.deciding import Decision
from moderation.gate.masking import masked, merged
from moderation.gate.preparing import Ground, Preparer, may_write, nonce_taken, sent_back, too_long
from moderation.gate.submissions import Edit, Send, Sent, kept, repeated
from moderation.pipeline.types import Outcome, Span, Tier
from moderation.store import cases as store

REACTIONS = ("❤️", "🤗", "🙏", "💪", "🌱", "👂", "😢", "🎉")
"""A short, kind set: nothing that votes and nothing that mocks."""


@dataclass(frozen=True, slots=True)
class Change:
    """One event about a message that is already in the log."""

    conversation: ConversationId
    seq: int


class Edits:
    def __init__(
        self, database: Database, clock: Clock, bus: Bus, preparer: Preparer, casework: Casework
    ) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._preparer = preparer
        self._casework = casework

    # ---- the author

    async def edit(self, edit: Edit) -> Sent:
        """New words for one's own message. Held: they take the place of what waits. In the log: readers see the
        new words at once, or, where a person must look first, keep the old ones. Raises as Gate.send."""
        async with self._database.read() as conn:
            row = await self._own(await messages.get(conn, edit.message), edit.author)
            assert row.conversation_id is not None, "_own lets only messages of conversations through"
            pair = (row.conversation_id, edit.author)
            ground = Ground(
                earlier=await nonces.earlier(conn, {(edit.author, edit.nonce)}),
                standings=await conversations.standings(conn, {pair}),
                recent={},
                answered={},
            )
        earlier = ground.earlier.get((edit.author, edit.nonce))
        if earlier is not None:
            if earlier.content_hash != edit.content_hash():
                raise nonce_taken()
            return repeated(edit.nonce, earlier.result)
        standing = ground.standings.get(pair)
        decision = self._preparer.decide(
            Send(edit.author, pair[0], edit.nonce, edit.body), None, standing, ground
        )
        refusal = self._refusal(edit, standing, decision)
        if refusal is not None and not decision.has_care:
            raise refusal
        html = await markdown.render(decision.shown)
        hold = refusal is not None or decision.outcome is Outcome.hold
        async with self._database.transaction() as tx:
            sent, cases = await self._write_edit(tx, edit, decision, html, hold=hold)
        self._bus.ring("conversation", pair[0])
        for case in cases:
            self._bus.ring("desk", case)
        return sent

    async def withdraw(self, member: MemberId, message: MessageId) -> None:
        """Take one's own message off every screen. No tier falls and no case closes. Doing it twice is
        fine. Raises NotFound."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            row = await self._lock(tx, message)
            if row.author_id != member:
                raise NotFound
            if row.state in ("withdrawn", "removed"):
                return
            change = await self._change(tx, row, "withdraw", state="withdrawn", texts=(None, "", ""), now=now)
            await revisions.drop_pending(tx, row.id)
            cases = await self._casework.withdrawn(tx, message, now=now)
        self._ring(change, cases)

    async def react(self, member: MemberId, message: MessageId, emoji: str, *, on: bool) -> None:
        """Put or take a reaction. Raises NotFound, Invalid, or the refusal of whoever may not write."""
        if emoji not in REACTIONS:
            raise Invalid("Please use one of these: " + " ".join(REACTIONS), code="reaction")
        now = self._clock.now()
        async with self._database.transaction() as tx:
            row = await self._lock(tx, message)
            if row.conversation_id is None or row.state not in ("visible", "masked"):
                raise NotFound
            standing = (await conversations.standings(tx, {(row.conversation_id, member)})).get(
                (row.conversation_id, member)
            )
            may_write(standing, now=now).require()
            if not await messages.react(tx, row.id, member, emoji, on=on, now=now):
                return
            change = await self._append(
                tx, row, NewEvent(row.conversation_id, 0, "react", row.id, member, emoji, on), now=now
            )
        self._ring(change, [])

    async def revisions(self, member: MemberId, message: MessageId) -> list[Revision]:
        """Earlier texts of one's own message. Raises NotFound."""
        async with self._database.read() as conn:
            await self._own(await messages.get(conn, message), member)
            return await revisions.of(conn, message)

    # ---- the moderator (the caller has ruled that they may, and holds the case)

    async def publish(self, tx: Tx, message: MessageId, *, now: datetime) -> Change | None:
        """Release what is held: it takes the next place in the log. A pending edit replaces the old text."""
        row = await self._lock(tx, message)
        if row.conversation_id is None:
            return None  # words outside conversations are answered, not published
        pending = await revisions.pending(tx, message)
        if row.state == "held":
            await self._check_not_over(tx, row)
            if row.is_lost:
                raise unreadable()
            state: MessageState = "masked" if row.shown != row.body else "visible"
            heads = await conversations.lock(tx, {row.conversation_id})
            seq = heads[row.conversation_id] + 1
            await messages.publish_held(tx, row.id, seq=seq, state=state)
            change: Change | None = await self._append(
                tx, row, NewEvent(row.conversation_id, 0, "message", row.id), now=now
            )
        elif pending and row.state in ("visible", "masked"):
            await self._check_not_over(tx, row)
            if pending.is_lost:
                raise unreadable()
            body, shown = pending.body, pending.shown
            await self._keep_past(tx, row, now)
            texts = (body, shown, await markdown.render(shown))
            change = await self._change(
                tx,
                row,
                "edit",
                state="visible" if shown == body else "masked",
                texts=texts,
                now=now,
                verdict=pending.verdict_id,
            )
        else:
            return None
        await self._tell(tx, row, "released", now=now)
        return change

    async def remove(self, tx: Tx, message: MessageId, *, now: datetime, reason: str) -> Change | None:
        """Take a message off every screen; its author is told why and whom to ask."""
        row = await self._lock(tx, message)
        if row.state in ("withdrawn", "removed"):
            return None
        change = await self._change(tx, row, "remove", state="removed", texts=(None, "", ""), now=now)
        await revisions.drop_pending(tx, row.id)
        await self._tell(tx, row, "removed", now=now, reason=reason)
        return change

    async def mask(
        self, tx: Tx, message: MessageId, spans: tuple[Span, ...], *, now: datetime, tell: bool = True
    ) -> Change | None:
        """Hide parts from readers; the author still sees their own words. Spans are of the body as written.
        `tell`: the author hears of it, unless they have died. Raises Invalid for spans outside it."""
        row = await self._lock(tx, message)
        if row.state in ("withdrawn", "removed"):
            raise NotFound
        if row.is_lost:
            raise unreadable()
        if not spans or any(not 0 <= s < e <= len(row.body) for s, e in spans):
            raise Invalid("Please mark at least one part that is inside the message.", code="bad_spans")
        shown = masked(row.body, merged(spans, row.body))
        texts = (None, shown, await markdown.render(shown))
        state: MessageState = "held" if row.state == "held" else "masked"
        change = await self._change(tx, row, "mask", state=state, texts=texts, now=now)
        if tell:
            await self._tell(tx, row, "masked", now=now)
        return change

    def ring(self, change: Change | None) -> None:
        """After the commit: wake whoever listens to the conversation that changed."""
        if change is not None:
            self._bus.ring("conversation", change.conversation)

    # ---- inner

    async def _check_not_over(self, tx: Tx, row: MessageRow) -> None:
        """Raises Conflict for words of a pairing that has ended: whoever ended it hears no more from there."""
        place = await conversations.get(tx, row.conversation_id) if row.conversation_id else None
        if place is not None and place.kind == "pairing" and place.state != "open":
            raise Conflict(
                "This conversation has ended: nobody can be shown these words there any more.", code="over"
            )

    def _refusal(self, edit: Edit, standing: Standing | None, decision: Decision) -> Refusal | None:
        ruling = may_write(standing, now=self._clock.now())
        if ruling.refusal is not None:
            return ruling.refusal
        limits = self._preparer.limits
        if len(edit.body) > limits.body_chars:
            return too_long(edit.body, limits.body_chars)
        if not decision.has_care:
            assert standing is not None, "a ruling that allows has a standing"
            return self._preparer.limit(edit.author, standing.conversation_id) or sent_back(decision)
        return None

    async def _write_edit(
        self, tx: Tx, edit: Edit, decision: Decision, html: str, *, hold: bool
    ) -> tuple[Sent, list[CaseId]]:
        now = self._clock.now()
        if not await people.hold(tx, {edit.author}):
            raise Unavailable  # being erased at this moment
        row = await self._own(await self._lock(tx, edit.message), edit.author)
        # A person hid a part: what the pipeline didn't find then it wouldn't find now.
        hold = hold or await store.is_masked_by_a_person(tx, row.id)
        verdict = VerdictId(new_id())
        await verdicts.add(tx, [decision.verdict(verdict)], decision.findings_of(verdict), now=now)
        change: Change | None = None
        texts = (decision.body, decision.shown, html)
        if (
            row.state == "held"
        ):  # nobody but staff has seen it: the new words take its place, and staff keep both
            await self._keep_past(tx, row, now)
            await messages.set_text(tx, row.id, state="held", texts=texts, verdict_id=verdict, edited_at=now)
            hold = True
        elif hold:
            await revisions.add_pending(tx, row.id, texts=texts[:2], verdict_id=verdict, now=now)
        else:
            await self._keep_past(tx, row, now)
            state: MessageState = "masked" if decision.is_masked else "visible"
            change = await self._change(tx, row, "edit", state=state, texts=texts, now=now, verdict=verdict)
        sent = Sent(
            nonce=edit.nonce,
            id=row.id,
            conversation=row.conversation_id,
            seq=change.seq if change else None,
            outcome="hold" if hold else min(decision.outcome, Outcome.publish_with_support).name,
            masked=change is not None and decision.is_masked,
            help=decision.tier is Tier.amber,
        )
        await self._casework.hold(tx, row.id, edit.author)
        sent, cases = await self._raise(tx, row, decision, sent, now=now)
        cases += await self._casework.edited(tx, row.id, now=now)
        bound = await nonces.bind(
            tx, [(edit.author, edit.nonce, edit.content_hash(), row.id, kept(sent))], now=now
        )
        if not bound:
            raise nonce_taken()
        return sent, cases

    async def _raise(
        self, tx: Tx, row: MessageRow, decision: Decision, sent: Sent, *, now: datetime
    ) -> tuple[Sent, list[CaseId]]:
        assert row.author_id is not None and row.conversation_id is not None, "only one's own can be edited"
        held = sent.outcome == "hold"
        if not decision.has_care and not held and not decision.wants_a_look:
            return sent, []
        standing = (await conversations.standings(tx, {(row.conversation_id, row.author_id)})).get(
            (row.conversation_id, row.author_id)
        )
        cause = Cause(
            row.id,
            row.author_id,
            await team_of(tx, standing.team_id if standing else None),
            row.group_id,
            decision.tier,
            decision.topic,
            decision.care_rules,
        )
        cases: list[CaseId] = []
        if decision.has_care:
            raised = await self._casework.care(tx, cause, now=now)
            cases.append(raised.case)
            if decision.tier >= Tier.red:
                card = await self._casework.card(tx, cause, raised, held=held, now=now)
                sent = replace(sent, support=card)
        if decision.wants_a_look or (held and not decision.has_care):
            rules = frozenset(f.rule for f in decision.findings if f.lane == "conduct")
            conduct = replace(cause, tier=Tier.green, topic=None, rules=rules)
            cases.append((await self._casework.conduct(tx, conduct, now=now)).case)
        return sent, cases

    async def _own(self, row: MessageRow | None, member: MemberId) -> MessageRow:
        if row is None or row.author_id != member or row.conversation_id is None:
            raise NotFound
        if row.state in ("withdrawn", "removed"):
            raise NotFound
        return row

    async def _lock(self, tx: Tx, message: MessageId) -> MessageRow:
        """Conversation first, then message: the order of everything that appends."""
        seen = await messages.get(tx, message)
        if seen is None:
            raise NotFound
        if seen.conversation_id is not None:
            await conversations.lock(tx, {seen.conversation_id})
        row = await messages.lock(tx, message)
        assert row is not None, "messages are never deleted"
        return row

    async def _keep_past(self, tx: Tx, row: MessageRow, now: datetime) -> None:
        """The present text becomes an earlier one; whatever waited for a person is overtaken."""
        await revisions.keep_past(tx, row.id, now=now)
        await revisions.drop_pending(tx, row.id)

    async def _change(
        self,
        tx: Tx,
        row: MessageRow,
        kind: EventKind,
        *,
        state: MessageState,
        texts: tuple[str | None, str, str],
        now: datetime,
        verdict: VerdictId | None = None,
    ) -> Change | None:
        """Write the text and, where the message is in the log, the event that says so."""
        edited = now if kind == "edit" else None
        await messages.set_text(tx, row.id, state=state, texts=texts, verdict_id=verdict, edited_at=edited)
        if row.seq is None or row.conversation_id is None:
            return None
        return await self._append(tx, row, NewEvent(row.conversation_id, 0, kind, row.id), now=now)

    async def _append(self, tx: Tx, row: MessageRow, event: NewEvent, *, now: datetime) -> Change:
        assert row.conversation_id is not None, "only conversations have a log"
        heads = await conversations.lock(tx, {row.conversation_id})
        seq = heads[row.conversation_id] + 1
        await events.append(tx, [replace(event, seq=seq)], now=now)
        await conversations.set_heads(tx, {row.conversation_id: seq})
        return Change(row.conversation_id, seq)

    async def _tell(
        self,
        tx: Tx,
        row: MessageRow,
        kind: Literal["released", "removed", "masked"],
        *,
        now: datetime,
        reason: str | None = None,
    ) -> None:
        if row.author_id is None:
            return
        parameters = {} if reason is None else {"reason": reason}
        await people.add_notice(
            tx,
            row.author_id,
            id=NoticeId(new_id()),
            kind=kind,
            message_id=row.id,
            parameters=parameters,
            now=now,
        )

    def _ring(self, change: Change | None, cases: list[CaseId]) -> None:
        self.ring(change)
        for case in cases:
            self._bus.ring("desk", case)


def unreadable() -> Conflict:
    """For acts that write words anew, of words that don't open: what is stored stays as it is."""
    return Conflict(
        "These words can't be read at the moment, because their key isn't here. They were left as they are.",
        code="unreadable",
    )


async def readable_message(conn: Conn, member: MemberId, row: MessageRow | None) -> MessageRow:
    """The message if this member may read it now; NotFound otherwise, the same as absent."""
    if row is None or row.conversation_id is None or row.seq is None:
        raise NotFound
    if row.conversation_id not in await access.readable(conn, member, {row.conversation_id}):
        raise NotFound
    return row
