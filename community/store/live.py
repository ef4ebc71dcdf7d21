"""What live connections need to know of many people at once, each in one query.

The rule of who may read is community/store/access.py's; this only asks it for pairs instead of one member.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from community.database import Conn
from community.ids import ConversationId, MemberId, MessageId, NoticeId
from community.store.access import READABLE

NOTICES_MAX = 500


@dataclass(frozen=True, slots=True)
class LiveMember:
    id: MemberId
    handle: str
    is_seen: bool  # chose to be shown as present
    language: str
    blocked: frozenset[MemberId]
    blockers: frozenset[MemberId]


@dataclass(frozen=True, slots=True)
class LiveNotice:
    id: NoticeId
    member_id: MemberId
    kind: str
    message_id: MessageId | None
    parameters: Mapping[str, Any]


async def members(conn: Conn, ids: Collection[MemberId]) -> list[LiveMember]:
    """Those of `ids` that are there, with their blocks in both directions."""
    rows = await conn.fetch(
        """
        select m.id, m.handle, coalesce(m.settings -> 'presence' = 'true'::jsonb, false) as is_seen,
               m.language,
               array(select b.blocked_id from member_block b where b.member_id = m.id) as blocked,
               array(select b.member_id from member_block b where b.blocked_id = m.id) as blockers
        from member m
        where m.id = any($1::uuid[])
          and m.erased_at is null
        """,
        list(ids),
    )
    return [
        LiveMember(
            row["id"],
            row["handle"],
            row["is_seen"],
            row["language"],
            frozenset(row["blocked"]),
            frozenset(row["blockers"]),
        )
        for row in rows
    ]


async def readable(
    conn: Conn, pairs: Collection[tuple[MemberId, ConversationId]]
) -> dict[tuple[MemberId, ConversationId], int]:
    """Those pairs whose member may read that conversation at this moment, with its last seq."""
    rows = await conn.fetch(
        f"""
        select w.member_id, c.id, c.last_seq
        from unnest($1::uuid[], $2::uuid[]) as w(member_id, conversation_id)
        join conversation c on c.id = w.conversation_id
        where {READABLE.replace("$1", "w.member_id")}
        """,  # noqa: S608
        [member for member, _ in pairs],
        [c for _, c in pairs],
    )
    return {(row["member_id"], row["id"]): row["last_seq"] for row in rows}


async def notices(conn: Conn, since: Mapping[MemberId, datetime]) -> list[LiveNotice]:
    """Each member's notices made after that member's moment, oldest first."""
    rows = await conn.fetch(
        """
        select n.id, n.member_id, n.kind, n.message_id, n.parameters
        from unnest($1::uuid[], $2::timestamptz[]) as w(member_id, since)
        join notice n on n.member_id = w.member_id and n.at >= w.since
        order by n.at, n.id
        limit $3
        """,
        list(since.keys()),
        list(since.values()),
        NOTICES_MAX,
    )
    return [
        LiveNotice(r["id"], r["member_id"], r["kind"], r["message_id"], msgspec.json.decode(r["parameters"]))
        for r in rows
    ]
