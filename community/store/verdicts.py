"""Verdicts and findings: what the pipeline decided about kept words, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import VerdictId
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class NewVerdict:
    id: VerdictId
    outcome: str
    tier: str
    topic: str | None
    rules_version: str
    took_us: int


@dataclass(frozen=True, slots=True)
class NewFinding:
    verdict_id: VerdictId
    n: int
    stage: str
    rule: str
    rule_version: str
    lane: str
    severity: str
    field: str
    span_start: int | None
    span_end: int | None
    topic: str | None
    note: str


async def add(
    tx: Tx, verdicts: Sequence[NewVerdict], findings: Sequence[NewFinding], *, now: datetime
) -> None:
    """Keep verdicts and their findings, before the messages that point at them."""
    require_tx(tx)
    await tx.execute(
        """
        insert into verdict (id, outcome, tier, topic, rules_version, took_us, at)
        select v.*, $7
        from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[]) as v
        """,
        [v.id for v in verdicts],
        [v.outcome for v in verdicts],
        [v.tier for v in verdicts],
        [v.topic for v in verdicts],
        [v.rules_version for v in verdicts],
        [v.took_us for v in verdicts],
        now,
    )
    if not findings:
        return
    await tx.execute(
        """
        insert into finding
          (verdict_id, n, stage, rule, rule_version, lane, severity, field, span_start, span_end, topic, note)
        select *
        from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                    $8::text[], $9::int[], $10::int[], $11::text[], $12::text[])
        """,
        [f.verdict_id for f in findings],
        [f.n for f in findings],
        [f.stage for f in findings],
        [f.rule for f in findings],
        [f.rule_version for f in findings],
        [f.lane for f in findings],
        [f.severity for f in findings],
        [f.field for f in findings],
        [f.span_start for f in findings],
        [f.span_end for f in findings],
        [f.topic for f in findings],
        [f.note for f in findings],
    )


async def findings_of(conn: Conn, ids: Collection[VerdictId]) -> list[NewFinding]:
    rows = await conn.fetch(
        """
        select verdict_id, n, stage, rule, rule_version, lane, severity, field, span_start, span_end, topic, note
        from finding
        where verdict_id = any($1::uuid[])
        order by verdict_id, n
        """,
        list(ids),
    )
    return many(NewFinding, rows)
