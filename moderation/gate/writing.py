"""The transaction that keeps words: standing once more, seqs drawn under the row locks, verdicts, messages,
log, cases, and the nonces last. All of a batch in a handful of statements, or nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community import markdown
from community.bus import Topic
from community.clock import Clock
from community.database import Tx, require_tx
from community.ids import CaseId, ConversationId, GroupId, MessageId, NoticeId, VerdictId, new_id
from community.log import MessageState
from community.store import conversations, events, messages, nonces, people, verdicts
from community.store.events import NewEvent
from community.store.messages import NewMessage
from moderation.casework.casework import Casework, Cause, Line, Why, team_of
from moderation.gate.preparing import Keep, Prepared, may_write
from moderation.gate.submissions import Opened, Sent, is_text, kept
from moderation.gate.support import SupportCard
from moderation.pipeline.types import Outcome, Tier
from moderation.store import letters, order


class Raced(Exception):
    """Something moved between preparing and writing (a nonce, somebody's standing): prepare again."""


@dataclass(frozen=True, slots=True)
class Result:
    sent: Sent
    cases: tuple[CaseId, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """One message on its way: what was prepared, and the ids and place that were drawn for it."""

    item: Prepared
    keep: Keep
    id: MessageId
    verdict: VerdictId
    conversation: ConversationId | None
    group: GroupId | None
    seq: int | None

    @property
    def state(self) -> MessageState:
        if self.keep.why is not None or self.keep.nowhere:
            return "held"
        return "masked" if self.keep.decision.is_masked else "visible"

    @property
    def held(self) -> bool:
        return self.state == "held"


class Writer:
    def __init__(self, clock: Clock, casework: Casework) -> None:
        self._clock = clock
        self._casework = casework

    async def write(self, tx: Tx, items: Sequence[Prepared]) -> list[Result]:
        """Keep every item, in order. Raises Raced when a fact has changed: nothing may be committed then."""
        require_tx(tx)
        now = self._clock.now()
        if not await people.hold(tx, {item.send.author for item in items}):
            raise Raced  # somebody is being erased: nothing of theirs is kept any more
        for item in items:
            if item.opening is not None and item.keep is not None and not item.keep.nowhere:
                await conversations.create(
                    tx,
                    item.opening.conversation,
                    kind=item.opening.kind,
                    group_id=item.opening.group_id,
                    now=now,
                )
        heads = await self._lock(tx, items, now)
        drafts = [_draft(item, heads) for item in items]
        await verdicts.add(
            tx,
            [d.keep.decision.verdict(d.verdict) for d in drafts],
            [f for d in drafts for f in d.keep.decision.findings_of(d.verdict)],
            now=now,
        )
        await messages.add(tx, [_message(d) for d in drafts], now=now)
        logged = [
            NewEvent(d.conversation, d.seq, "message", d.id)
            for d in drafts
            if d.seq is not None and d.conversation is not None
        ]
        if logged:
            await events.append(tx, logged, now=now)
            await conversations.set_heads(tx, {e.conversation_id: heads[e.conversation_id] for e in logged})
        await self._line_up(tx, drafts)
        results = [await self._finish(tx, draft, now) for draft in drafts]
        await self._bind(tx, drafts, results, now)
        return results

    def rings(self, results: Sequence[Result]) -> list[tuple[Topic, UUID]]:
        """Whom to wake after the commit: each conversation once, and desks that have a case to look at."""
        rung: dict[tuple[Topic, UUID], None] = {}
        for result in results:
            if result.sent.seq is not None and result.sent.conversation is not None:
                rung[("conversation", result.sent.conversation)] = None
            for case in result.cases:
                rung[("desk", case)] = None
        return list(rung)

    async def _line_up(self, tx: Tx, drafts: Sequence[Draft]) -> None:
        """A batch may touch several people's care cases, in the order in which they happened to write."""
        touching = [d for d in drafts if d.keep.decision.has_care or _is_letter(d)]
        if len(touching) < 2:
            return
        people = {d.item.send.author for d in touching}
        for conversation in {
            d.conversation for d in touching if d.conversation is not None and _is_letter(d)
        }:
            place = await letters.by_conversation(tx, conversation)
            people |= {place.member_id} if place is not None else set()
        await order.subjects(tx, people)

    async def _lock(self, tx: Tx, items: Sequence[Prepared], now: datetime) -> dict[ConversationId, int]:
        """Row locks, then standing again: what was read before may have changed meanwhile."""
        placed = [i for i in items if i.keep is not None and not i.keep.nowhere]
        if not placed:
            return {}
        heads = await conversations.lock(tx, {i.send.conversation for i in placed})
        fresh = await conversations.standings(tx, {(i.send.conversation, i.send.author) for i in placed})
        for item in placed:
            standing = fresh.get((item.send.conversation, item.send.author))
            if item.opening is not None:
                standing = await conversations.standing_in_group(tx, item.opening.group_id, item.send.author)
            assert item.keep is not None, "only kept items are placed"
            refused = may_write(standing, now=now).refusal is not None
            if refused and item.keep.why is None:
                raise Raced
        return heads

    async def _finish(self, tx: Tx, draft: Draft, now: datetime) -> Result:
        """Opening rows, cases, card, and the author's letter for one message."""
        opening, decision = draft.item.opening, draft.keep.decision
        if opening is not None and not draft.keep.nowhere:
            await opening.write(tx, Opened(draft.id, draft.seq, decision.title_shown, draft.held))
        cases, card = await self._raise(tx, draft, now)
        if draft.conversation is not None and _is_letter(draft):
            line = Line(draft.conversation, draft.item.send.author, draft.id, delivered=not draft.held)
            cases = (*cases, *await self._casework.letter(tx, line, now=now))
        if draft.held or draft.state == "masked":
            await people.add_notice(
                tx,
                draft.item.send.author,
                id=NoticeId(new_id()),
                kind="held" if draft.held else "masked",
                message_id=draft.id,
                parameters={"why": draft.keep.why or "verdict"},
                now=now,
            )
        sent = Sent(
            nonce=draft.item.send.nonce,
            id=draft.id,
            conversation=draft.conversation,
            seq=draft.seq,
            outcome="hold" if draft.held else _public_outcome(decision.outcome),
            masked=draft.state == "masked",
            help=decision.tier is Tier.amber,
            support=card,
        )
        return Result(sent, cases)

    async def _raise(
        self, tx: Tx, draft: Draft, now: datetime
    ) -> tuple[tuple[CaseId, ...], SupportCard | None]:
        decision = draft.keep.decision
        wants_conduct = (
            draft.held and draft.keep.why in ("verdict", "premoderation")
        ) or decision.wants_a_look
        if not decision.has_care and not wants_conduct:
            return (), None
        cause = Cause(
            message=draft.id,
            member=draft.item.send.author,
            team=await team_of(tx, draft.item.team),
            group=draft.group,
            tier=decision.tier,
            topic=decision.topic,
            rules=decision.care_rules,
        )
        cases: list[CaseId] = []
        card = None
        if decision.has_care:
            raised = await self._casework.care(tx, cause, now=now)
            cases.append(raised.case)
            if decision.tier >= Tier.red or draft.held:
                card = await self._casework.card(tx, cause, raised, held=draft.held, now=now)
        if wants_conduct:
            why: Why = "premoderation" if draft.keep.why == "premoderation" else "finding"
            rules = frozenset(f.rule for f in decision.findings if f.lane == "conduct")
            conduct = Cause(
                cause.message, cause.member, cause.team, cause.group, Tier.green, None, rules, why
            )
            cases.append((await self._casework.conduct(tx, conduct, now=now)).case)
        return tuple(cases), card

    async def _bind(self, tx: Tx, drafts: Sequence[Draft], results: Sequence[Result], now: datetime) -> None:
        rows = [
            (
                d.item.send.author,
                d.item.send.nonce,
                d.item.send.content_hash(d.item.opening.title if d.item.opening else ""),
                d.id,
                kept(r.sent),
            )
            for d, r in zip(drafts, results, strict=True)
            if not d.keep.nowhere  # told no: the nonce stays free for a better try
        ]
        bound = await nonces.bind(tx, rows, now=now)
        if len(bound) != len(rows):
            raise Raced  # the same nonce was committed meanwhile: its first answer is the answer


def _is_letter(draft: Draft) -> bool:
    """In a private conversation, which may be one with the care team."""
    standing = draft.item.standing
    return draft.conversation is not None and standing is not None and standing.kind == "pairing"


def _draft(item: Prepared, heads: dict[ConversationId, int]) -> Draft:
    """Draw the message's place: the caller holds the conversation's row lock, so the number is ours."""
    assert item.keep is not None, "only kept items are written"
    conversation = None if item.keep.nowhere else item.send.conversation
    seq = None
    if conversation is not None and item.keep.why is None:
        seq = heads[conversation] = heads[conversation] + 1
    group = item.standing.group_id if item.standing is not None and not item.keep.nowhere else None
    return Draft(item, item.keep, MessageId(new_id()), VerdictId(new_id()), conversation, group, seq)


def _message(draft: Draft) -> NewMessage:
    send, decision = draft.item.send, draft.keep.decision
    assert draft.conversation is None or draft.item.standing is not None, "a place has a standing"
    title, warnings = _lost_title(draft), _lost_warnings(draft)
    return NewMessage(
        id=draft.id,
        conversation_id=draft.conversation,
        group_id=draft.group,
        author_id=send.author,
        place=draft.item.standing.kind if draft.conversation and draft.item.standing else "letter",
        verdict_id=draft.verdict,
        seq=draft.seq,
        state=draft.state,
        body=title[0] + send.body + warnings,
        shown=title[1] + decision.shown,
        html=draft.keep.html,
        html_version=markdown.HTML_VERSION,
        warnings=decision.warnings_shown if draft.conversation else (),
        reply_to=draft.keep.reply_to if draft.conversation else None,
        held_why=draft.keep.why or ("nowhere" if draft.keep.nowhere else None),
    )


def _lost_title(draft: Draft) -> tuple[str, str]:
    """The title of a thread that didn't come to be, as a first line of the letter: written, and masked."""
    opening = draft.item.opening
    if opening is None or draft.conversation is not None or not is_text(opening.title):
        return "", ""
    return f"{opening.title}\n\n", f"{draft.keep.decision.title_shown}\n\n"


def _lost_warnings(draft: Draft) -> str:
    """Content warnings as last lines of the words as written, where readers get them masked or not at all:
    whoever looks at a cry sees the whole of it."""
    decision = draft.keep.decision
    told = draft.conversation is not None and decision.warnings_shown == decision.warnings
    lost = "" if told else "\n".join(w for w in decision.warnings if is_text(w))
    return f"\n\n{lost}" if lost else ""


def _public_outcome(outcome: Outcome) -> str:
    """Outcomes of words that stand; everything else was refused or held before this."""
    return outcome.name if outcome <= Outcome.publish_with_support else Outcome.publish.name
