"""How far each person has read each conversation."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, MemberId


async def have_read(tx: Tx, marks: Mapping[tuple[MemberId, ConversationId], int]) -> None:
    """Move marks forward, never back, and never past the conversation's head. Unknown ids are passed over."""
    require_tx(tx)
    rows = sorted(marks.items())  # two writers then lock rows in the same order
    await tx.execute(
        """
        insert into read_mark (member_id, conversation_id, seq)
        select w.member_id, c.id, least(w.seq, c.last_seq)
        from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as w(member_id, conversation_id, seq)
        join conversation c on c.id = w.conversation_id
        join member m on m.id = w.member_id and m.erased_at is null
        order by w.member_id, c.id
        on conflict (member_id, conversation_id) do update
          set seq = excluded.seq
          where read_mark.seq < excluded.seq
        """,
        [member for (member, _), _ in rows],
        [c for (_, c), _ in rows],
        [seq for _, seq in rows],
    )


async def read_up_to(
    conn: Conn, member: MemberId, ids: Collection[ConversationId]
) -> dict[ConversationId, int]:
    """The member's marks in these conversations; absent where nothing was read yet."""
    rows = await conn.fetch(
        """
        select conversation_id, seq
        from read_mark
        where member_id = $1
          and conversation_id = any($2::uuid[])
        """,
        member,
        list(ids),
    )
    return {row["conversation_id"]: row["seq"] for row in rows}
