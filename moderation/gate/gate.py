"""The gate: every word that is kept passes here, judged first and written in one transaction.

Sends that wait together are committed together: facts read, words judged outside any transaction, then one
transaction for all, conversation rows locked in id order, one fsync. Alone, a message waits for nobody. A
batch that fails is tried one by one, so that a poisoned message hurts only itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from community.again import note_kept, until_done
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Invalid, NotFound, Refusal, Unavailable
from community.ids import GroupId, MemberId
from community.judging import Kept, Words
from moderation.casework.casework import Casework
from moderation.gate.deciding import Decider, Decision
from moderation.gate.edits import Edits
from moderation.gate.limits import Limiter
from moderation.gate.preparing import Prepared, Preparer
from moderation.gate.submissions import (
    Edit,
    Opening,
    Send,
    Sent,
    check_body,
    check_nonce,
)
from moderation.gate.words import Keeper, StandAlone, heard
from moderation.gate.writing import Raced, Writer

BATCH_MAX = 64
WORKERS = 2
WAITING_MAX = 4_096
"""Sends that may wait for a worker; past it the answer is Unavailable, not a longer queue."""


class Waiting:
    """A send that waits for its answer."""

    __slots__ = ("answer", "opening", "send")

    def __init__(self, send: Send, opening: Opening | None) -> None:
        self.send = send
        self.opening = opening
        self.answer: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()

    @property
    def is_answered(self) -> bool:
        """By us: a caller who has gone was told nothing, and their words are kept all the same."""
        return self.answer.done() and not self.answer.cancelled()

    def resolve(self, sent: Sent) -> None:
        if not self.answer.done():
            self.answer.set_result(sent)

    def fail(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Gate:
    """Send, edit, withdraw, react; and the ground's own words (community/judging.Gatekeeper)."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        bus: Bus,
        decider: Decider,
        casework: Casework,
        limiter: Limiter,
    ) -> None:
        self._database = database
        self._bus = bus
        self._preparer = Preparer(database, clock, decider, limiter)
        self._writer = Writer(clock, casework)
        self.keeper = Keeper(clock, decider, casework, bus)
        self.edits = Edits(database, clock, bus, self._preparer, casework)
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue(WAITING_MAX)
        self._workers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to take sends."""
        self._workers = [asyncio.create_task(self._work(), name=f"gate {n}") for n in range(WORKERS)]

    async def stop(self) -> None:
        """Finish what was begun; sends that still wait are answered Unavailable."""
        for worker in self._workers:
            worker.cancel()
        for worker in self._workers:
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        while not self._queue.empty():
            self._queue.get_nowait().fail(Unavailable())

    async def send(self, send: Send, *, opening: Opening | None = None) -> Sent:
        """Keep words in a conversation and answer after COMMIT.

        Raises Refusal: AskToEdit and Refused (nothing kept, the nonce is free), NotFound, NotAMember,
        Paused, TooFast, TooLong, Conflict (the nonce has other content), Unavailable (maybe kept: send
        again with the same nonce). `extra["support"]` of any of them may hold a support card.
        """
        await self._check(send.nonce, send.body, send.author)
        waiting = Waiting(send, opening)
        try:
            self._queue.put_nowait(waiting)
        except asyncio.QueueFull:
            raise Unavailable from None
        sent = await waiting.answer
        note_kept()  # by a worker, for whoever waits here
        return sent

    async def edit(self, edit: Edit) -> Sent:
        """New words for one's own message; see moderation/gate/edits.py. A cry that comes too late for its message
        (taken down meanwhile, or never theirs) is kept for a person, and NotFound brings the card."""
        await self._check(edit.nonce, edit.body, edit.author)
        try:
            return await self.edits.edit(edit)
        except NotFound as gone:
            raise await self._heard(edit.body, edit.author, gone) from None

    async def _check(self, nonce: str, body: str, author: MemberId) -> None:
        """Raises Invalid for a form that can't be; a cry in it is heard first."""
        try:
            check_nonce(nonce)
            check_body(body)
        except Invalid as why:
            raise await self._heard(body, author, why) from None

    async def _heard(self, body: str, author: MemberId, refusal: Refusal) -> Refusal:
        return await heard(self._database, self.keeper, Words(body, "letter"), author, refusal)

    # ---- words outside conversations (community/judging.Gatekeeper)

    def judge(self, words: Words) -> StandAlone:
        return self.keeper.judge(words)

    async def keep(self, tx: Tx, judged: StandAlone, *, author: MemberId, group: GroupId | None) -> Kept:
        return await self.keeper.keep(tx, judged, author=author, group=group)

    # ---- the workers

    async def _work(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._pass(batch)
            except asyncio.CancelledError:
                for waiting in batch:
                    waiting.fail(Unavailable())
                raise
            except Exception as error:  # border: a batch; nothing of it was kept, and each sender is told
                for waiting in batch:
                    waiting.fail(error)

    async def _pass(self, batch: Sequence[Waiting]) -> None:
        """Everyone in the batch gets an answer, whatever happens to the others."""
        together, alone = _split(batch)
        if together:
            try:
                await until_done(lambda: self._try([w for w in together if not w.is_answered]))
            except Unavailable as away:
                for waiting in together:
                    waiting.fail(away)
            except Exception:  # border: one poisoned message must not hurt the others
                if len(together) == 1:
                    alone = [*together, *alone]
                else:
                    alone = [*sorted(together, key=batch.index), *alone]
        for waiting in alone:
            await self._try_alone(waiting)

    async def _try_alone(self, waiting: Waiting) -> None:
        """One send by itself; twice, because whoever raced us has committed by now. Whoever was told no in
        the batch isn't asked again: a yes after that no would publish words that its author took back."""
        if waiting.is_answered:
            return
        for last in (False, True):
            try:
                await until_done(lambda: self._try([waiting]))
                return
            except Raced:
                if last:
                    waiting.fail(Unavailable())
            except Exception as error:  # border: one message; its sender is told, nothing was kept
                waiting.fail(error)
                return

    async def _try(self, batch: Sequence[Waiting]) -> None:
        """Prepare, write, answer. Raises when nothing was written."""
        prepared = await self._preparer.prepare([(w.send, w.opening) for w in batch])
        writing: list[tuple[Waiting, Prepared]] = []
        for waiting, item in zip(batch, prepared, strict=True):
            if item.answer is not None:
                waiting.resolve(item.answer)
            elif item.keep is None:
                assert item.refusal is not None, "what isn't kept is refused"
                waiting.fail(item.refusal)
            else:
                writing.append((waiting, item))
        if not writing:
            return
        async with self._database.transaction() as tx:
            results = await self._writer.write(tx, [item for _, item in writing])
        for topic, id in self._writer.rings(results):
            self._bus.ring(topic, id)
        for (waiting, item), result in zip(writing, results, strict=True):
            if item.refusal is not None:
                waiting.fail(_with_support(item.refusal, result.sent))
            else:
                waiting.resolve(result.sent)


def _with_support(refusal: Refusal, sent: Sent) -> Refusal:
    """The words were kept for a person, and the author is told no: with the card beside it."""
    if sent.support is not None:
        refusal.extra["support"] = sent.support
    return refusal


def _split(batch: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Those that can be written together, and those that can't: openings bring their own writes, and a
    second send of one nonce must find the first one."""
    together: list[Waiting] = []
    alone: list[Waiting] = []
    seen: set[tuple[MemberId, str]] = set()
    for waiting in batch:
        key = (waiting.send.author, waiting.send.nonce)
        if waiting.opening is not None or key in seen:
            alone.append(waiting)
        else:
            seen.add(key)
            together.append(waiting)
    return together, alone


__all__ = ["Decision", "Gate", "Waiting"]
