"""What happens to a send before its transaction: facts read for the whole batch, words judged, and a
ruling on what becomes of each: answered already, refused, or to be kept and how.

Judged before standing is checked: a cry for help by someone who is muted, banned or in the wrong place is
kept privately, with card, case and page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

import msgspec

from community import markdown, rulings
from community.clock import Clock
from community.database import Conn, Database
from community.errors import (
    AskToEdit,
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    Refusal,
    Refused,
    TooFast,
    TooLong,
)
from community.ids import ConversationId, MemberId, MessageId, TeamId
from community.store import conversations, messages, nonces
from community.store.conversations import Standing
from community.store.nonces import SubmissionRow
from moderation.gate.deciding import Decider, Decision, Facts, Parts, group_rules
from moderation.gate.limits import Limiter
from moderation.gate.submissions import Opening, Send, Sent, check_title, check_warnings, repeated
from moderation.pipeline.types import Earlier, Outcome, Place
from moderation.pipeline.words import author_sentence

CONTEXT_WINDOW = timedelta(minutes=30)
CONTEXT_MAX = 10
"""care.md, stage 2: the author's last ten messages within 30 minutes and the message answered."""

NEWCOMER_BELOW = 3
"""Published messages in the group that make an author known there."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How words are to be kept. `why` names why they are held; None publishes them."""

    decision: Decision
    html: str
    why: str | None
    nowhere: bool = False  # the conversation isn't there, or the form can't be: keep as a letter
    reply_to: MessageId | None = None  # only what stands in the same conversation


@dataclass(frozen=True, slots=True)
class Prepared:
    """Exactly one of: an answer given before; a refusal; words to keep (and perhaps refuse all the same)."""

    send: Send
    opening: Opening | None
    standing: Standing | None
    team: TeamId | None
    answer: Sent | None = None
    refusal: Refusal | None = None
    keep: Keep | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """Facts of a batch, read in a few statements."""

    earlier: dict[tuple[MemberId, str], SubmissionRow]
    standings: dict[tuple[ConversationId, MemberId], Standing]
    recent: dict[tuple[MemberId, ConversationId], list[str]]
    answered: dict[MessageId, tuple[ConversationId | None, str]]

    def answered_by(self, send: Send) -> str | None:
        """The words that this send answers; None for words of another conversation, which whoever sends may not
        even be allowed to read."""
        if send.reply_to is None:
            return None
        place, words = self.answered.get(send.reply_to, (None, ""))
        return words if place == send.conversation else None


class Preparer:
    def __init__(self, database: Database, clock: Clock, decider: Decider, limiter: Limiter) -> None:
        self._database = database
        self._clock = clock
        self._decider = decider
        self._limiter = limiter
        self.limits = limiter.limits

    async def prepare(self, sends: Sequence[tuple[Send, Opening | None]]) -> list[Prepared]:
        """One Prepared a send, in order. Counts against the senders' limits."""
        async with self._database.read() as conn:
            ground = await self._read(conn, sends)
        return [await self._one(send, opening, ground) for send, opening in sends]

    async def _read(self, conn: Conn, sends: Sequence[tuple[Send, Opening | None]]) -> Ground:
        since = self._clock.now() - CONTEXT_WINDOW
        here = [s for s, opening in sends if opening is None]
        standings = (
            await conversations.standings(conn, {(s.conversation, s.author) for s in here}) if here else {}
        )
        for send, opening in sends:
            if opening is not None:
                found = await conversations.standing_in_group(conn, opening.group_id, send.author)
                if found is not None:
                    standings[(send.conversation, send.author)] = replace(
                        found, conversation_id=send.conversation, kind=opening.kind
                    )
        replies = [s.reply_to for s in here if s.reply_to is not None]
        return Ground(
            earlier=await nonces.earlier(conn, {(s.author, s.nonce) for s, _ in sends}),
            standings=standings,
            recent=await messages.recent_of_author(
                conn, list({(s.author, s.conversation) for s in here}), since=since, limit=CONTEXT_MAX
            )
            if here
            else {},
            answered=await messages.bodies(conn, replies) if replies else {},
        )

    async def _one(self, send: Send, opening: Opening | None, ground: Ground) -> Prepared:
        standing = ground.standings.get((send.conversation, send.author))
        prepared = Prepared(send, opening, standing, standing.team_id if standing else None)
        earlier = ground.earlier.get((send.author, send.nonce))
        if earlier is not None:
            return _again(prepared, earlier)
        decision = self.decide(send, opening, standing, ground)
        malformed = _malformed(send, opening)
        refusal = self._refusal(send, standing, ground)
        if malformed is not None and not isinstance(refusal, NotFound):  # what isn't there has no form
            refusal = malformed
        if refusal is None and not decision.has_care:
            refusal = self.limit(send.author, send.conversation) or sent_back(decision)
            refusal = refusal or slowed(standing, now=self._clock.now())
        if refusal is not None and not decision.has_care:
            return replace(prepared, refusal=refusal)
        nowhere = malformed is not None or isinstance(refusal, NotFound)
        kept = await self._kept(prepared, decision, refusal, nowhere=nowhere)
        assert kept.keep is not None, "just made"
        if ground.answered_by(send) is None:
            return kept
        return replace(kept, keep=replace(kept.keep, reply_to=send.reply_to))

    def decide(
        self, send: Send, opening: Opening | None, standing: Standing | None, ground: Ground
    ) -> Decision:
        """Judge the words with what the person wrote before and what they answer."""
        earlier = [Earlier("same", text) for text in ground.recent.get((send.author, send.conversation), [])]
        answered = ground.answered_by(send)
        if answered is not None:
            earlier.append(Earlier("other", answered))
        facts = Facts(
            place=cast(Place, standing.kind if standing else "letter"),
            group=group_rules(standing.preset, standing.settings) if standing else group_rules(None, None),
            context=tuple(earlier),
            newcomer=standing is not None and standing.accepted < NEWCOMER_BELOW,
        )
        return self._decider.decide(Parts(send.body, opening.title if opening else "", send.warnings), facts)

    def _refusal(self, send: Send, standing: Standing | None, ground: Ground) -> Refusal | None:
        ruling = may_write(standing, now=self._clock.now())
        if ruling.refusal is not None:
            return ruling.refusal
        if len(send.body) > self.limits.body_chars:
            return too_long(send.body, self.limits.body_chars)
        if send.reply_to is not None and ground.answered_by(send) is None:
            say = "The message you answer isn't here any more."
            return Invalid(say, code="reply_to", fields=(FieldError("reply_to", say),))
        return None

    def limit(self, author: MemberId, conversation: ConversationId) -> Refusal | None:
        """Count one message against the limits; the refusal when it is one too many."""
        try:
            self._limiter.check_send(author, conversation, self._clock.monotonic())
        except TooFast as wait:
            return wait
        return None

    async def _kept(
        self, prepared: Prepared, decision: Decision, refusal: Refusal | None, *, nowhere: bool
    ) -> Prepared:
        overflow = decision.has_care and self._limiter.care_overflows(
            prepared.send.author, self._clock.monotonic()
        )
        html = await markdown.render(decision.shown)
        keep = Keep(decision, html, _why_held(prepared, decision, refusal, overflow=overflow), nowhere)
        # Told no only where yes would say that a place exists; otherwise the answer is "a person has it".
        return replace(prepared, keep=keep, refusal=refusal if nowhere else None)


def _malformed(send: Send, opening: Opening | None) -> Refusal | None:
    """What is wrong with the form around the words. Found before, told after they were judged: a cry under
    a title that is too long is a cry."""
    try:
        check_warnings(send.warnings)
        if opening is not None:
            check_title(opening.title)
    except Invalid as why:
        return why
    return None


def _why_held(
    prepared: Prepared, decision: Decision, refusal: Refusal | None, *, overflow: bool
) -> str | None:
    if refusal is not None:
        return "standing" if not isinstance(refusal, TooLong) else "too_long"
    if decision.outcome is Outcome.hold:
        return "verdict"
    if overflow:
        return "limit"
    standing = prepared.standing
    if standing is not None and standing.settings and standing.kind != "pairing":
        first: int = msgspec.json.decode(standing.settings).get("premoderate_first", 0)
        if standing.accepted < first and (standing.role or "member") in ("member", "companion"):
            return "premoderation"
    return None


def may_write(standing: Standing | None, *, now: datetime) -> rulings.Ruling:
    """Whether this person may write in this conversation now."""
    if standing is None or standing.suspended:
        return rulings.no("not_here", NotFound())
    if standing.kind == "pairing" and not standing.participant:
        return rulings.no("not_a_participant", NotFound())
    if standing.kind == "pairing" and standing.group_id is None:
        return rulings.yes("participant")  # with the care team: at any time
    place = rulings.Place(
        visibility=standing.visibility or "private",
        joining="open",
        deleted=False,
        role=standing.role,
        state=standing.state if standing.state != "left" else None,
        banned=standing.banned,
        muted_until=standing.muted_until,
        agreed_guidelines=standing.agreed_guidelines,
        guidelines=standing.group_guidelines or 0,
        is_operator=False,
    )
    return rulings.write(place, now=now, conversation=standing.conversation_state)


def slowed(standing: Standing | None, *, now: datetime) -> TooFast | None:
    """A room that goes slowly: so many seconds between two messages of one person. Asked only for words without
    a care finding; not for those who facilitate, nor for a while after a cry: what follows it must not wait.
    Two sends in one batch may both pass: this calms a room, it guards nothing."""
    if standing is None or standing.slow_seconds == 0 or standing.said_at is None:
        return None
    if rulings.RANK.get(standing.role or "", 0) >= rulings.RANK["facilitator"]:
        return None
    if standing.cried_at is not None and now - standing.cried_at < CONTEXT_WINDOW:
        return None
    wait_s = standing.slow_seconds - (now - standing.said_at).total_seconds()
    if wait_s <= 0:
        return None
    say = "This room goes slowly at the moment, so that everyone can follow. Your words can go in a moment."
    return TooFast(say, retry_after_s=wait_s, extra={"slow_seconds": standing.slow_seconds})


def too_long(body: str, most: int) -> TooLong:
    return TooLong(
        f"This has {len(body)} characters; {most} fit. Please shorten it or send it in parts.",
        fields=(FieldError("body", f"at most {most} characters"),),
    )


def _again(prepared: Prepared, earlier: SubmissionRow) -> Prepared:
    title = prepared.opening.title if prepared.opening else ""
    if earlier.content_hash != prepared.send.content_hash(title):
        return replace(prepared, refusal=nonce_taken())
    return replace(prepared, answer=repeated(prepared.send.nonce, earlier.result))


def nonce_taken() -> Conflict:
    return Conflict("This nonce was used for other words. Please send them with a new one.")


def sent_back(decision: Decision) -> Refusal | None:
    """AskToEdit or Refused with the author's findings, or None when the words can be kept."""
    if decision.outcome is Outcome.ask_to_edit:
        return AskToEdit(extra={"findings": authors_findings(decision)})
    if decision.outcome is Outcome.refuse:
        return Refused(extra={"findings": authors_findings(decision)})
    return None


def authors_findings(decision: Decision) -> list[dict[str, object]]:
    """Conduct findings as the author may see them: {rule, version, span, sentence}; care findings never."""
    return [
        {
            "rule": f.rule,
            "version": f.version,
            "field": f.field,
            "span": None if f.span is None else [f.span.start, f.span.end],
            "sentence": author_sentence(f.rule),
        }
        for f in decision.findings
        if f.lane == "conduct" and f.severity in ("mask", "ask_to_edit", "hold", "refuse")
    ]
