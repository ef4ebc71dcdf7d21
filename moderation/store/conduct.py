"""Conduct: decisions as their authors may see them, reports about staff, and how flags turned out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, MessageId
from moderation.casework.clocks import Times
from moderation.store.times import times_of


@dataclass(frozen=True, slots=True)
class DecisionRow:
    case_id: CaseId
    message_id: MessageId
    decision: str
    rule: str
    at: datetime
    times: Times  # the clocks under which it was decided


async def decisions_for(conn: Conn, author: MemberId) -> list[DecisionRow]:
    """What people decided about this member's messages, newest first. Notes and names stay in the case."""
    rows = await conn.fetch(
        """
        select h.case_id, coalesce((h.parameters ->> 'message')::uuid, c.message_id),
               h.parameters ->> 'decision', h.parameters ->> 'reason', h.at,
               k.n as times_n, k.times::text as times
        from message m
        join moderation_case c on c.message_id = m.id and c.lane = 'conduct'
        join case_history h on h.case_id = c.id and h.act = 'decided'
        left join case_times k on k.n = h.times_n
        where m.author_id = $1
          and not exists (select 1 from complaint k where k.case_id = c.id)
        order by h.at desc, h.n desc
        limit 100
        """,
        author,
    )
    return [_decision(row) for row in rows]


def _decision(row: Any) -> DecisionRow:
    case, message, decision, rule, at, times_n, times = row
    return DecisionRow(case, message, decision, rule, at, times_of(times_n, times))


async def judge_flags(tx: Tx, messages: Sequence[MessageId], *, kind: str, upheld: bool) -> None:
    """What a person's look made of the flags on these messages. Locked in the order of their ids: a care case and a
    conduct case that share messages may be settled at the same moment."""
    require_tx(tx)
    await tx.execute(
        """
        with theirs as (
          select id
          from flag
          where message_id = any($1::uuid[])
            and kind = $2
          order by id
          for update
        )
        update flag
        set upheld = $3
        from theirs
        where flag.id = theirs.id
        """,
        list(messages),
        kind,
        upheld,
    )


async def add_complaint(tx: Tx, case: CaseId, about: MemberId, by: MemberId, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        "insert into complaint (case_id, about_id, member_id, at) values ($1, $2, $3, $4)",
        case,
        about,
        by,
        now,
    )


async def complainant(conn: Conn, case: CaseId) -> MemberId | None:
    value: MemberId | None = await conn.fetchval("select member_id from complaint where case_id = $1", case)
    return value


async def repair_waits(conn: Conn, message: MessageId) -> list[CaseId]:
    """Open conduct cases about this message in which its author was asked to change it."""
    rows = await conn.fetch(
        """
        select c.id
        from moderation_case c
        where c.message_id = $1
          and c.lane = 'conduct'
          and c.state in ('open', 'claimed')
          and exists (select 1 from case_history h where h.case_id = c.id and h.act = 'repairasked')
        order by c.id
        """,
        message,
    )
    return [row["id"] for row in rows]
