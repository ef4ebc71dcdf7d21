"""Drafts: words not yet said, for their writer's eyes alone. They live here and not on the device, so
that a lent or taken phone holds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import MemberId
from community.store.access import READABLE
from community.store.rows import many, one
from forum.store.sight import EXISTS_FOR, TITLE

DRAFTS_MAX = 50


@dataclass(frozen=True, slots=True)
class DraftRow:
    place_id: UUID  # a thread (an answer) or a board (a new thread)
    title: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft in the list of one's own, with where it would go: a board, a thread, a room (whose name the
    forum doesn't know), or a place that is gone. `there` turns false once the writer may no
    longer see that place: don't show its title then. The words stay theirs."""

    place_id: UUID
    title: str
    body: str
    at: datetime
    kind: Literal["board", "thread", "room", "pairing", "gone"]
    there: bool
    place_title: str | None


async def get(conn: Conn, member: MemberId, place: UUID) -> DraftRow | None:
    row = await conn.fetchrow(
        "select place_id, title, body, at from draft where member_id = $1 and place_id = $2", member, place
    )
    return one(DraftRow, row)


async def put(tx: Tx, member: MemberId, draft: DraftRow) -> None:
    """Keep a draft, replacing the one for that place; beyond DRAFTS_MAX the oldest go."""
    require_tx(tx)
    await tx.execute(
        """
        insert into draft (member_id, place_id, title, body, at)
        values ($1, $2, $3, $4, $5)
        on conflict (member_id, place_id) do update
        set title = excluded.title, body = excluded.body, at = excluded.at
        """,
        member,
        draft.place_id,
        draft.title,
        draft.body,
        draft.at,
    )
    await tx.execute(
        """
        delete from draft
        where member_id = $1
          and place_id in (
            select place_id from draft where member_id = $1 order by at desc, place_id offset $2)
        """,
        member,
        DRAFTS_MAX,
    )


async def drop(tx: Tx, member: MemberId, place: UUID) -> None:
    require_tx(tx)
    await tx.execute("delete from draft where member_id = $1 and place_id = $2", member, place)


async def drop_all(tx: Tx, member: MemberId) -> None:
    require_tx(tx)
    await tx.execute("delete from draft where member_id = $1", member)


async def all_of(conn: Conn, member: MemberId) -> list[DraftRow]:
    """For a person's own export."""
    rows = await conn.fetch(
        "select place_id, title, body, at from draft where member_id = $1 order by at, place_id", member
    )
    return many(DraftRow, rows)


async def listed(conn: Conn, member: MemberId) -> list[DraftView]:
    """The member's drafts, newest first, with the present title of where they would go."""
    rows = await conn.fetch(
        f"""
        select d.place_id, d.title, d.body, d.at,
               case when b.id is not null then 'board' else coalesce(tc.kind, 'gone') end as kind,
               (b.id is not null or tc.id is not null) and ({READABLE})
                 and (t.conversation_id is null or ({EXISTS_FOR})) as there,
               coalesce(b.name, {TITLE})
        from draft d
        left join board b on b.id = d.place_id and b.archived_at is null
        left join conversation tc on tc.id = d.place_id
        left join thread t on t.conversation_id = d.place_id
        left join message f on f.id = t.first_message_id
        cross join lateral (
          -- A board is read like the conversations on it.
          select d.place_id as id, coalesce(tc.kind, 'thread') as kind, coalesce(tc.state, 'open') as state,
                 coalesce(tc.last_seq, 1) as last_seq, coalesce(tc.group_id, b.group_id) as group_id
        ) c
        where d.member_id = $1
        order by d.at desc, d.place_id
        """,  # noqa: S608
        member,
    )
    return many(DraftView, rows)
