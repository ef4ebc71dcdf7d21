"""Stored words with what the pipeline knew when it judged them: for judging them again, never for showing them.

Read in short statements, each with its own snapshot, so that a replay of years holds back no vacuum and waits
for no lock. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from community.database import Conn
from community.ids import MessageId, VerdictId
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of the walk over all messages."""

    wanted: list[MessageId]
    last: MessageId | None  # where the next stretch begins; None: that was all


@dataclass(frozen=True, slots=True)
class Stored:
    """A message, its verdict, and the facts of its judging as far as they can be read back."""

    id: MessageId
    place: str
    body: str
    title: str
    warnings: list[str]
    preset: str | None
    settings: str | None
    accepted: int
    recent: list[str]
    answered: str | None
    verdict_id: VerdictId
    tier: str
    outcome: str
    rules_version: str


async def step(conn: Conn, before: MessageId | None, *, since: datetime, width: int) -> Step:
    """The next `width` messages by id, newest ids first, and which of them were written since then and still
    have words and an author. Words of pairings are sealed, and nobody's to look through. No index leads by time:
    a stretch of ids is bounded whatever the table holds."""
    rows = await conn.fetch(
        """
        select id, created_at >= $2 and author_id is not null and octet_length(body) > 0
                 and place not in ('pairing', 'pairing_note') as wanted
        from message
        where id < coalesce($1, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
        order by id desc
        limit $3
        """,
        before,
        since,
        width,
    )
    last: UUID | None = rows[-1]["id"] if len(rows) == width else None
    return Step([row["id"] for row in rows if row["wanted"]], None if last is None else MessageId(last))


async def stored(conn: Conn, ids: Collection[MessageId], *, context: tuple[timedelta, int]) -> list[Stored]:
    """Messages by id with their facts. `context`: how far back and how many of the author's earlier words are
    read. An edit was judged alone (moderation/gate/edits.py), and so it is here."""
    rows = await conn.fetch(
        """
        select m.id, m.place, m.body,
               case when m.edited_at is null then coalesce(t.title, '') else '' end,
               case when m.edited_at is null then m.warnings else '{}' end,
               case when m.conversation_id is not null or m.place in ('join_request', 'group_card')
                 then g.preset end,
               case when m.conversation_id is not null then g.settings::text end,
               case when m.conversation_id is null then 20
                    when t.conversation_id is null and coalesce((g.settings ->> 'premoderate_first')::int, 0) = 0
                      then 20
                    else (select count(*) from (
                            select 1 from message x
                            where x.author_id = m.author_id and x.group_id = m.group_id and x.seq is not null
                              and x.created_at < m.created_at
                            limit 20) seen) end,
               case when m.edited_at is null then array(
                 select x.body from (
                   select e.body, e.created_at from message e
                   where e.author_id = m.author_id and e.conversation_id = m.conversation_id
                     and e.created_at > m.created_at - $2::interval and e.created_at < m.created_at
                   order by e.created_at desc
                   limit $3) x
                 order by x.created_at) else '{}' end,
               case when m.edited_at is null then r.shown end,
               v.id, v.tier, v.outcome, v.rules_version
        from message m
        join verdict v on v.id = m.verdict_id
        left join peer_group g on g.id = m.group_id
        left join thread t on t.first_message_id = m.id
        left join message r on r.id = m.reply_to and r.seq is not null
        where m.id = any($1::uuid[])
        order by m.id desc
        """,
        list(ids),
        *context,
    )
    return many(Stored, rows)


async def rules_of(conn: Conn, ids: Collection[VerdictId]) -> dict[VerdictId, frozenset[str]]:
    """Which rules each verdict names."""
    rows = await conn.fetch(
        "select verdict_id, array_agg(rule) as rules from finding where verdict_id = any($1::uuid[]) group by 1",
        list(ids),
    )
    return {row["verdict_id"]: frozenset(row["rules"]) for row in rows}
