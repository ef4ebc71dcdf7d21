"""Titles of threads, changed later: by who wrote them, or by a moderator, and judged like every word.

A title is the one line that everybody sees, so it can be mended without writing anew; an event in the log
tells everyone who has the thread open.
"""

from __future__ import annotations

from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Forbidden, Invalid, Refusal
from community.groups import Actor
from community.ids import ConversationId, NoticeId, new_id
from community.judging import Words
from community.log import GONE
from community.store import conversations, events, people
from community.store.events import NewEvent
from forum.store import threads as store
from forum.threads import SeenThread, Threads
from moderation.evidence.chain import entry
from moderation.gate.gate import Gate
from moderation.gate.submissions import check_title
from moderation.gate.support import SupportCard
from moderation.gate.words import heard
from moderation.pipeline.types import Outcome
from moderation.store import audit


class Titles:
    def __init__(self, database: Database, clock: Clock, gate: Gate, bus: Bus, threads: Threads) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate
        self._bus = bus
        self._threads = threads

    async def change(self, actor: Actor, id: ConversationId, title: str) -> SupportCard | None:
        """Another title; the card for its writer where the words are a cry. Raises NotFound, Forbidden,
        Invalid, and whatever forbids them to write here: after the words were judged."""
        seen = await self._threads.see(actor, id)
        title = title.strip()
        words = Words(title, "title", seen.group.group.preset)
        judged = self._gate.keeper.judge(words)
        refusal = _refusal(actor, seen, title)
        if refusal is not None:
            raise await heard(self._database, self._gate.keeper, words, actor.member_id, refusal)
        may_stand = judged.decision.outcome <= Outcome.publish_with_support
        card: SupportCard | None = None
        async with self._database.transaction() as tx:
            if judged.has_care:
                group = seen.thread.group_id
                kept = await self._gate.keeper.keep(tx, judged, author=actor.member_id, group=group)
                card = kept.support
            if may_stand:
                await self._write(tx, id, title, judged.decision.shown)
                await self._tell(tx, actor, seen)
        if not may_stand:  # after the commit: a person has the words, if they need one
            extra = {"support": card} if card else None
            say = "Please change these words; some of them may hurt people."
            raise Invalid(say, code="ask_to_edit", extra=extra)
        self._bus.ring("conversation", id)
        if seen.thread.author_id is not None:
            self._bus.ring("member", seen.thread.author_id)
        return card

    async def _write(self, tx: Tx, id: ConversationId, title: str, shown: str) -> None:
        heads = await conversations.lock(tx, [id])
        await store.set_title(tx, id, title, shown)
        if heads[id] == 0:
            return  # the first words are held: nobody has the thread open, and the log begins with them
        seq = heads[id] + 1
        await events.append(tx, [NewEvent(id, seq, "notice", notice="thread_titled")], now=self._clock.now())
        await conversations.set_heads(tx, {id: seq})

    async def _tell(self, tx: Tx, actor: Actor, seen: SeenThread) -> None:
        """A trace in the audit log, without words; and to an author whose title somebody else changed, a kind
        notice. The log's lock comes last: it stands in commit order."""
        now, author, first = self._clock.now(), seen.thread.author_id, seen.thread.first_id
        if author is not None and author != actor.member_id:
            await people.add_notice(
                tx,
                author,
                id=NoticeId(new_id()),
                kind="title_changed",
                message_id=first,
                parameters={"thread": str(seen.thread.id)},
                now=now,
            )
        await audit.append(tx, [entry("thread.retitled", actor.member_id, seen.thread.id)], now=now)


def may_change(actor: Actor, seen: SeenThread) -> rulings.Ruling:
    """Its author while they may write there, and moderators of the group; nobody once the words are gone."""
    if seen.thread.first_state in GONE:
        return rulings.no("gone", Forbidden("The words under this title were taken back or taken down."))
    if seen.may_moderate:
        return rulings.yes("moderator")
    if seen.thread.author_id != actor.member_id:
        return rulings.no("not_the_author", Forbidden())
    return seen.may_write


def _refusal(actor: Actor, seen: SeenThread, title: str) -> Refusal | None:
    ruling = may_change(actor, seen)
    if ruling.refusal is not None:
        return ruling.refusal
    try:
        check_title(title)
    except Invalid as wrong:
        return wrong
    return None
