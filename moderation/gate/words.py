"""Words outside conversations (handles, join requests, cards, notes, appeals): judged and kept like all others.

They are kept as held: nobody but their author and staff reads them as messages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from community import markdown
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx, require_tx
from community.errors import Refusal, Unavailable
from community.ids import GroupId, MemberId, MessageId, VerdictId, new_id
from community.judging import Judged, Kept, Words
from community.store import groups, messages, people, verdicts
from community.store.messages import NewMessage
from moderation.casework.casework import Casework, Cause, team_of
from moderation.gate.deciding import Decider, Decision, Facts, Parts, group_rules
from moderation.pipeline.types import Place, Tier


@dataclass(frozen=True, slots=True)
class StandAlone:
    """Judged words that aren't kept yet."""

    words: Words
    decision: Decision

    @property
    def has_care(self) -> bool:
        return self.decision.has_care

    @property
    def is_refused(self) -> bool:
        return self.decision.is_refused


class Keeper:
    def __init__(self, clock: Clock, decider: Decider, casework: Casework, bus: Bus) -> None:
        self._clock = clock
        self._decider = decider
        self._casework = casework
        self._bus = bus

    def judge(self, words: Words) -> StandAlone:
        """Pure; call it outside the transaction."""
        facts = Facts(cast(Place, words.place), group_rules(words.preset, None))
        return StandAlone(words, self._decider.decide(Parts(words.text), facts))

    async def keep(self, tx: Tx, judged: Judged, *, author: MemberId, group: GroupId | None) -> Kept:
        """Keep the words, with case, page and card where a care finding fired, in the caller's transaction.
        The desk is rung at once; whoever looks before the commit finds nothing new and looks again."""
        require_tx(tx)
        assert isinstance(judged, StandAlone), "what was judged here comes back here"
        if not await people.hold(tx, {author}):
            raise Unavailable  # being erased at this moment
        now, decision = self._clock.now(), judged.decision
        id, verdict = MessageId(new_id()), VerdictId(new_id())
        await verdicts.add(tx, [decision.verdict(verdict)], decision.findings_of(verdict), now=now)
        await messages.add(tx, [_message(judged, id, verdict, author, group)], now=now)
        if not decision.has_care:
            return Kept(id, None)
        row = await groups.by_id(tx, group) if group is not None else None
        cause = Cause(
            id,
            author,
            await team_of(tx, row.team_id if row else None),
            group,
            decision.tier,
            decision.topic,
            decision.care_rules,
        )
        raised = await self._casework.care(tx, cause, now=now)
        self._bus.ring("desk", raised.case)
        card = None
        if decision.tier >= Tier.red:
            card = await self._casework.card(tx, cause, raised, held=True, now=now)
        return Kept(id, card)


async def heard(
    database: Database, keeper: Keeper, words: Words, author: MemberId, refusal: Refusal
) -> Refusal:
    """Words that were refused before anybody judged them: a cry among them is kept for a person all the same,
    and the refusal brings the card. What no column holds is left out."""
    judged = cry_in(keeper, words)
    if judged is None:
        return refusal
    async with database.transaction() as tx:
        kept = await keeper.keep(tx, judged, author=author, group=None)
    if kept.support is not None:
        refusal.extra["support"] = kept.support
    return refusal


def cry_in(keeper: Keeper, words: Words) -> StandAlone | None:
    """Words in a form that can't be, judged and ready to be kept, if their writer cries in them."""
    text = words.text.replace("\0", "").encode("utf-8", "ignore").decode()
    judged = keeper.judge(replace(words, text=text))
    return judged if judged.has_care and judged.decision.topic != "someone_else" else None


def _message(
    judged: StandAlone, id: MessageId, verdict: VerdictId, author: MemberId, group: GroupId | None
) -> NewMessage:
    decision = judged.decision
    return NewMessage(
        id=id,
        conversation_id=None,
        group_id=group,
        author_id=author,
        place=judged.words.place,
        verdict_id=verdict,
        seq=None,
        state="held",
        body=decision.body,
        shown=decision.shown,
        html=markdown.plain(decision.shown),
        html_version=markdown.HTML_VERSION,
        warnings=(),
        reply_to=None,
        held_why="not_a_message",
    )
