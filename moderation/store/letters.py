"""Conversations between a member and a care team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, MemberId, MessageId, TeamId
from community.store.rows import many, one


@dataclass(frozen=True, slots=True)
class CareConversation:
    conversation_id: ConversationId
    member_id: MemberId
    team_id: TeamId


_COLUMNS = "c.conversation_id, c.member_id, c.team_id"


async def by_conversation(conn: Conn, conversation: ConversationId) -> CareConversation | None:
    row = await conn.fetchrow(
        f"select {_COLUMNS} from care_conversation c where c.conversation_id = $1",  # noqa: S608
        conversation,
    )
    return one(CareConversation, row)


async def of_message(conn: Conn, message: MessageId) -> CareConversation | None:
    """The care conversation that a message stands in."""
    row = await conn.fetchrow(
        f"""
        select {_COLUMNS}
        from message m
        join care_conversation c on c.conversation_id = m.conversation_id
        where m.id = $1
        """,  # noqa: S608
        message,
    )
    return one(CareConversation, row)


async def between(conn: Conn, member: MemberId, team: TeamId) -> CareConversation | None:
    row = await conn.fetchrow(
        f"select {_COLUMNS} from care_conversation c where c.member_id = $1 and c.team_id = $2",  # noqa: S608
        member,
        team,
    )
    return one(CareConversation, row)


async def of_member(conn: Conn, member: MemberId) -> list[CareConversation]:
    """The member's own, in which something was said."""
    rows = await conn.fetch(
        f"""
        select {_COLUMNS}
        from care_conversation c
        join conversation v on v.id = c.conversation_id
        where c.member_id = $1
          and v.last_seq > 0
        order by c.at, c.conversation_id
        limit 50
        """,  # noqa: S608
        member,
    )
    return many(CareConversation, rows)


async def add(tx: Tx, row: CareConversation, *, now: datetime) -> bool:
    """False when there is one already (another transaction was first)."""
    require_tx(tx)
    done = await tx.fetchval(
        """
        insert into care_conversation (conversation_id, member_id, team_id, at)
        values ($1, $2, $3, $4)
        on conflict (member_id, team_id) do nothing
        returning conversation_id
        """,
        row.conversation_id,
        row.member_id,
        row.team_id,
        now,
    )
    return done is not None


async def step_out(
    tx: Tx, staff: MemberId, *, team: TeamId | None = None, member: MemberId | None = None, now: datetime
) -> None:
    """This person of the staff reads no letters any more: those of a team whose seat they lost, or those with
    a member they are tied to. Writing again, with the right to, lets them back in."""
    require_tx(tx)
    await tx.execute(
        """
        update participant p
        set left_at = $4
        from care_conversation c
        where c.conversation_id = p.conversation_id
          and p.member_id = $1
          and p.left_at is null
          and c.member_id <> $1
          and ($2::uuid is null or c.team_id = $2)
          and ($3::uuid is null or c.member_id = $3)
        """,
        staff,
        team,
        member,
        now,
    )
