"""Asking the facilitators of a group before joining it, and their answers.

The words go through the gate like all others, the answers' too; a cry among them reaches the care team even
where the question itself is turned away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import FieldError, Invalid, NotFound, Refusal, TooFast
from community.groups import Actor, Groups, Seen
from community.ids import MemberId, NoticeId, new_id
from community.judging import Gatekeeper, Judged, Words
from community.store import people
from community.store import questions as store
from community.store.questions import QuestionWords, Waiting
from community.web.words import _

QUESTION_CHARS_MAX = 2_000
UNANSWERED_MAX = 3
"""Questions in a row without an answer: enough for "and one more thing", not for a flood."""
_AGAIN_S = 3600.0


@dataclass(frozen=True, slots=True)
class Thread:
    """One asker and what was said. `waits`: their words are the last."""

    asker_id: MemberId
    asker: str | None
    said: tuple[QuestionWords, ...]

    @property
    def waits(self) -> bool:
        return not self.said[-1].is_answer


class Questions:
    def __init__(self, database: Database, clock: Clock, gate: Gatekeeper, bus: Bus, groups: Groups) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate
        self._bus = bus
        self._groups = groups

    async def ask(self, actor: Actor, slug: str, text: str) -> Any | None:
        """Ask; answers the support card where the words need one. Raises NotFound for a group that isn't
        there for them, Invalid, TooFast; a card comes with those too (`extra["support"]`)."""
        text = text.replace("\0", "")  # no column holds it, and what can't be written must still be heard
        seen = await self._find(actor, slug)
        judged = self._judge(text, seen)
        async with self._database.transaction() as tx:
            await people.one_at_a_time(tx, actor.member_id)  # many at once are counted one after the other
            refusal = self._cannot_see(seen) or _bad(text, judged) or await self._too_many(tx, actor, seen)
            support = await self._keep(tx, judged, actor, seen, refusal, asker=actor.member_id)
            if refusal is None and seen is not None:
                for member in await store.facilitators(tx, seen.group.id):
                    await self._tell(tx, member, "question", seen)
        if refusal is not None:
            raise refusal
        assert seen is not None, "a group that isn't there is a refusal"
        await self._ring(seen)
        return support

    async def answer(self, actor: Actor, slug: str, asker: MemberId, text: str) -> Any | None:
        """Answer one person's questions. Raises NotFound, Forbidden, Invalid."""
        text = text.replace("\0", "")
        seen = await self._find(actor, slug)
        judged = self._judge(text, seen)
        async with self._database.transaction() as tx:
            refusal = self._cannot_see(seen) or rulings.answer(seen.place).refusal if seen else NotFound()
            refusal = refusal or _bad(text, judged)
            if refusal is None and seen is not None and not await store.has_asked(tx, seen.group.id, asker):
                refusal = NotFound()
            support = await self._keep(tx, judged, actor, seen, refusal, asker=asker)
            if refusal is None and seen is not None:
                await self._tell(tx, asker, "answer", seen)
        if refusal is not None:
            raise refusal
        self._bus.ring("member", asker)
        return support

    async def mine(self, actor: Actor, slug: str) -> tuple[Seen, list[QuestionWords]]:
        """The group, and what I asked there. Raises NotFound."""
        seen = await self._groups.see(actor, slug)
        async with self._database.read() as conn:
            return seen, await store.thread(conn, seen.group.id, actor.member_id)

    async def asked(self, actor: Actor, slug: str) -> tuple[Seen, list[Thread]]:
        """Everyone's questions, those who wait first, longest waiting first. Raises NotFound, Forbidden."""
        seen = await self._groups.see(actor, slug)
        rulings.answer(seen.place).require()
        async with self._database.read() as conn:
            rows = await store.of_group(conn, seen.group.id)
        by_asker: dict[MemberId, list[QuestionWords]] = {}
        for row in rows:
            by_asker.setdefault(row.asker_id, []).append(row)
        threads = [Thread(id, said[0].asker, tuple(said)) for id, said in by_asker.items()]
        return seen, sorted(threads, key=lambda t: (not t.waits, t.said[-1].at))

    async def waiting(self, member: MemberId) -> list[Waiting]:
        """Groups in which somebody waits for an answer of mine."""
        async with self._database.read() as conn:
            return await store.waiting(conn, member)

    async def _find(self, actor: Actor, slug: str) -> Seen | None:
        async with self._database.read() as conn:
            try:
                return await self._groups.look(conn, actor, slug)
            except NotFound:
                return None

    def _judge(self, text: str, seen: Seen | None) -> Judged | None:
        preset = seen.group.preset if seen else None
        return self._gate.judge(Words(text, "letter", preset)) if text.strip() else None

    def _cannot_see(self, seen: Seen | None) -> Refusal | None:
        return NotFound() if seen is None else rulings.see(seen.place).refusal

    async def _too_many(self, conn: Conn, actor: Actor, seen: Seen | None) -> Refusal | None:
        if seen is None or await store.unanswered(conn, seen.group.id, actor.member_id) < UNANSWERED_MAX:
            return None
        say = _("They have your questions and will answer. Please wait for that before you ask more.")
        return TooFast(say, retry_after_s=_AGAIN_S)

    async def _keep(
        self,
        tx: Tx,
        judged: Judged | None,
        actor: Actor,
        seen: Seen | None,
        refusal: Refusal | None,
        *,
        asker: MemberId,
    ) -> Any | None:
        """Keep what passed, and a cry in any case; the card of a refused cry travels with the refusal."""
        if judged is None or (refusal is not None and not judged.has_care):
            return None
        group = seen.group.id if seen else None
        kept = await self._gate.keep(tx, judged, author=actor.member_id, group=group)
        if refusal is None and group is not None:
            is_answer = asker != actor.member_id
            await store.add(tx, kept.message_id, group, asker, is_answer=is_answer, now=self._clock.now())
        elif refusal is not None and kept.support is not None:
            refusal.extra["support"] = kept.support
        return kept.support

    async def _tell(self, tx: Tx, member: MemberId, kind: str, seen: Seen) -> None:
        id, now, about = NoticeId(new_id()), self._clock.now(), {"group": str(seen.group.id)}
        await people.add_notice(tx, member, id=id, kind=kind, message_id=None, parameters=about, now=now)

    async def _ring(self, seen: Seen) -> None:
        async with self._database.read() as conn:
            told = await store.facilitators(conn, seen.group.id)
        for member in told:
            self._bus.ring("member", member)


def _bad(text: str, judged: Judged | None) -> Refusal | None:
    """What can't be sent on: nothing, too much, or words that may hurt."""
    if judged is None:
        say = _("Please write a few words.")
    elif len(text) > QUESTION_CHARS_MAX:
        say = _("At most 2,000 characters, please.")
    elif judged.is_refused:
        say = _(
            "Thank you, we read it. Please change it a little: leave out contact details and words that may hurt."
        )
    else:
        return None
    return Invalid(say, fields=(FieldError("words", say),))
