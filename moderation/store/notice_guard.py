"""What senders of news ask: which words belong to a case, and about whose case nothing may leave the house."""

from __future__ import annotations

from collections.abc import Collection

from community.database import Conn
from community.ids import MemberId, MessageId

SHOULDER_TOPICS = ("abuse", "child")
"""Topics in which somebody at home may read along: their cases send no e-mail or push (ui.md)."""


async def in_cases(conn: Conn, messages: Collection[MessageId]) -> frozenset[MessageId]:
    """Those of `messages` that belong to a case or are what one is about, open or closed."""
    rows = await conn.fetch(
        """
        select message_id from case_message where message_id = any($1::uuid[])
        union
        select message_id from moderation_case where message_id = any($1::uuid[])
        """,
        list(messages),
    )
    return frozenset(row["message_id"] for row in rows)


async def watched_over_the_shoulder(conn: Conn, members: Collection[MemberId]) -> frozenset[MemberId]:
    """Those of `members` who ever had a care case with words about abuse. It doesn't end with the case: who was
    at home then may be there now."""
    rows = await conn.fetch(
        """
        select distinct c.member_id
        from moderation_case c
        join case_message x on x.case_id = c.id
        join message m on m.id = x.message_id
        where c.member_id = any($1::uuid[])
          and c.lane = 'care'
          and exists (
            select 1 from verdict v where v.id = m.verdict_id and v.topic = any($2::text[])
            union all
            select 1 from revision r join verdict v on v.id = r.verdict_id
            where r.message_id = m.id and v.topic = any($2::text[]))
        """,
        list(members),
        list(SHOULDER_TOPICS),
    )
    return frozenset(row["member_id"] for row in rows)
