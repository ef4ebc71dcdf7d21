"""What stored messages would become under other rules: read, judged again, counted. Nothing stored is touched.

The comparison is between the verdict as it was kept and a new one from the same words, with the context, group
switches and standing as they can be read back today; a group that changed its switches since shows here too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from community.database import Database
from community.ids import MessageId
from moderation.gate.deciding import Decider, Facts, Parts, group_rules
from moderation.gate.preparing import CONTEXT_MAX, CONTEXT_WINDOW, NEWCOMER_BELOW
from moderation.pipeline.change import Counts, Ruled
from moderation.pipeline.types import Earlier, Outcome, Place, Tier
from moderation.store import replaying as store
from moderation.store.replaying import Stored

BATCH = 100
"""Messages read and judged at a time: about 20 ms of judging, then the database is asked again."""
STRETCH = 2_000
"""Ids looked through at a time for messages of the wanted days."""
SHOWN_MAX = 200
"""Ids kept of each kind of change: enough to look into, and a replay of years stays small."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A message that would be decided otherwise: its id, never its words."""

    id: MessageId
    old: Ruled
    new: Ruled


@dataclass(slots=True)
class Replay:
    """What came out."""

    version: str
    counts: Counts = field(default_factory=Counts)
    judged_by: Counter[str] = field(default_factory=Counter)
    lowered: list[Changed] = field(default_factory=list)
    others: list[Changed] = field(default_factory=list)

    def add(self, row: Stored, old: Ruled, new: Ruled) -> None:
        self.counts.add(old, new)
        self.judged_by[row.rules_version] += 1
        if (old.tier, old.outcome) == (new.tier, new.outcome):
            return
        kept = self.lowered if new.tier < old.tier else self.others
        if len(kept) < SHOWN_MAX:
            kept.append(Changed(row.id, old, new))


async def replay(
    database: Database, decider: Decider, *, since: datetime, limit: int | None = None, batch: int = BATCH
) -> Replay:
    """Judge messages written since then again, the newest ids first. No transaction outlives a statement, so
    it may run for hours beside a server. Raises Unavailable."""
    found = Replay(decider.rules.version)
    before: MessageId | None = None
    while True:
        async with database.read() as conn:
            stretch = await store.step(conn, before, since=since, width=STRETCH)
        left = len(stretch.wanted) if limit is None else limit - found.counts.compared
        wanted = stretch.wanted[:left]
        for start in range(0, len(wanted), batch):
            await _batch(database, decider, wanted[start : start + batch], found)
        before = stretch.last
        if before is None or (limit is not None and found.counts.compared >= limit):
            return found


async def _batch(database: Database, decider: Decider, ids: list[MessageId], found: Replay) -> None:
    async with database.read() as conn:
        rows = await store.stored(conn, ids, context=(CONTEXT_WINDOW, CONTEXT_MAX))
        rules = await store.rules_of(conn, [row.verdict_id for row in rows])
    for row in rows:
        old = Ruled(Tier[row.tier], Outcome[row.outcome], rules.get(row.verdict_id, frozenset()))
        found.add(row, old, again(decider, row))


def again(decider: Decider, row: Stored) -> Ruled:
    """A stored message as the decider sees it now. Pure."""
    earlier: Iterable[Earlier] = [Earlier("same", text) for text in row.recent]
    if row.answered is not None:
        earlier = [*earlier, Earlier("other", row.answered)]
    facts = Facts(
        place=cast(Place, row.place),
        group=group_rules(row.preset, row.settings),
        context=tuple(earlier),
        newcomer=row.accepted < NEWCOMER_BELOW,
    )
    decision = decider.decide(Parts(row.body, row.title, tuple(row.warnings)), facts)
    return Ruled.of(decision.tier, decision.outcome, decision.findings)
