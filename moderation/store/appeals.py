"""Appeals: a member disagrees with a decision, and another person answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, MessageId
from community.store.rows import many, one


@dataclass(frozen=True, slots=True)
class AppealRow:
    id: UUID
    case_id: CaseId
    member_id: MemberId | None
    decided_by: MemberId | None
    state: str
    at: datetime
    due_at: datetime
    answered_at: datetime | None


_APPEAL = "id, case_id, member_id, decided_by, state, at, due_at, answered_at"


async def add(tx: Tx, row: AppealRow, *, words: MessageId) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into appeal (id, case_id, member_id, words_id, decided_by, state, at, due_at)
        values ($1, $2, $3, $4, $5, 'open', $6, $7)
        """,
        row.id,
        row.case_id,
        row.member_id,
        words,
        row.decided_by,
        row.at,
        row.due_at,
    )


async def waiting(conn: Conn, case: CaseId) -> AppealRow | None:
    """The case's appeal that nobody has answered."""
    row = await conn.fetchrow(
        f"select {_APPEAL} from appeal where case_id = $1 and state = 'open' order by at desc limit 1",  # noqa: S608
        case,
    )
    return one(AppealRow, row)


async def of_member(conn: Conn, member: MemberId) -> list[AppealRow]:
    rows = await conn.fetch(
        f"select {_APPEAL} from appeal where member_id = $1 order by at desc, id limit 200",  # noqa: S608
        member,
    )
    return many(AppealRow, rows)


async def answer(tx: Tx, id: UUID, *, by: MemberId, upheld: bool, now: datetime) -> None:
    """Answer it. The table's check refuses an answer by whoever decided."""
    require_tx(tx)
    await tx.execute(
        "update appeal set state = $2, answered_by = $3, answered_at = $4 where id = $1",
        id,
        "upheld" if upheld else "overturned",
        by,
        now,
    )


async def decided_case(conn: Conn, member: MemberId, subject: UUID) -> tuple[CaseId, MemberId | None] | None:
    """A decided conduct case about the member's own message, named by the case's or the message's id."""
    row = await conn.fetchrow(
        """
        select c.id, c.decided_by
        from moderation_case c
        join message m on m.id = c.message_id
        where c.lane = 'conduct'
          and c.state = 'decided'
          and m.author_id = $1
          and (c.id = $2 or c.message_id = $2)
        order by c.touched_at desc
        limit 1
        """,
        member,
        subject,
    )
    return None if row is None else (row["id"], row["decided_by"])
