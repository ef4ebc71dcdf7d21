"""The canary: once a day a made-up cry goes the whole way, so that a broken path is found by us and not by a
person in need.

Judged, kept, made a case and a page in one transaction like any other, escalated, promised, handed over to the
channels that are set for it (by SMTP or a webhook, as a person's would be), its link opened and pressed, closed.
Without such a channel it only reaches a console that is nobody's, and `kith check` says so. It is about nobody (a
member erased from the start), wakes nobody, and stands in no queue and no statistics. Late, it is an alarm by the
other path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from community.clock import Clock
from community.database import Database, Tx
from community.ids import CaseId, MemberId, MessageId, TeamId, VerdictId, new_id
from community.store import groups, messages, verdicts
from community.store.messages import NewMessage
from moderation.casework.casework import Casework, Cause, act
from moderation.casework.machine import Closed
from moderation.gate.deciding import Decider, Facts, Parts
from moderation.pipeline.types import GroupRules, Tier
from moderation.store import canary as store
from moderation.store import cases, pages

NOBODY: Final = MemberId(UUID("00000000-0000-7000-8000-00000000ca17"))
WORDS: Final = "I have taken all my tablets and I won't wake up again"
"""Our own sentence, which no release may judge lower than crisis (server/checking.py, SAMPLES)."""
PATIENCE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a day's canary."""

    started: bool = False
    ok: bool = False
    failed: bool = False


class Canary:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        casework: Casework,
        decider: Decider,
        alarm: Callable[[str], Awaitable[object]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._casework = casework
        self._decider = decider
        self._alarm = alarm

    async def run(self) -> Result:
        """Start the day's canary, or see how far it has come. Idempotent over any number of processes."""
        async with self._database.transaction() as tx:
            flying = await store.flying(tx)
            if flying is None:
                return Result(started=await self._start(tx))
            result = await self._look(tx, flying)
        if result.failed:
            await self._alarm("canary")
        return result

    async def _look(self, tx: Tx, flying: store.Flying) -> Result:
        now = self._clock.now()
        ok = flying.page is not None and await store.arrived(tx, flying.page)
        if not ok and flying.case is not None and now < flying.due_at:
            return Result()
        if flying.case is not None:
            row = await cases.lock(tx, flying.case)
            assert row is not None, "cases are never deleted"
            await pages.acknowledge(tx, flying.case, None, now=now)
            await act(tx, row, Closed(None, "canary"), by=None, now=now)
        await store.end(tx, flying.id, "ok" if ok else "failed", now=now)
        return Result(ok=ok, failed=not ok)

    async def _start(self, tx: Tx) -> bool:
        now, id = self._clock.now(), new_id()
        if not await store.begin(tx, id, on=now.date(), due_at=now + PATIENCE, now=now):
            return False
        await store.nobody(tx, NOBODY, now=now)
        decision = self._decider.decide(Parts(WORDS), Facts("room", GroupRules()))
        message, verdict = MessageId(new_id()), VerdictId(new_id())
        await verdicts.add(tx, [decision.verdict(verdict)], decision.findings_of(verdict), now=now)
        await messages.add(tx, [_words(message, verdict)], now=now)
        team: TeamId = await groups.default_team(tx)
        if decision.tier is not Tier.crisis:
            return True  # the pipeline no longer hears it: nothing will arrive, and that is the alarm
        cause = Cause(message, NOBODY, team, None, decision.tier, decision.topic, decision.care_rules)
        raised = await self._casework.care(tx, cause, now=now)
        page = await pages.waiting(tx, raised.case)
        assert page is not None, "a crisis was paged in this transaction"
        await store.flies(tx, id, case=CaseId(raised.case), page=page.id)
        return True


def _words(id: MessageId, verdict: VerdictId) -> NewMessage:
    """Kept without its text: it is nobody's, and search or an export must never meet it."""
    return NewMessage(
        id=id,
        conversation_id=None,
        group_id=None,
        author_id=NOBODY,
        place="letter",
        verdict_id=verdict,
        seq=None,
        state="withdrawn",
        body="",
        shown="",
        html="",
        html_version=1,
        warnings=(),
        reply_to=None,
        held_why="canary",
    )
