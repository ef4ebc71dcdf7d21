"""Drafts: words not yet said, for their writer's eyes alone. They live here and not on the device, so
that a lent or taken phone holds nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import MemberId
from community.store.access import READABLE
from community.store.rows import many, one
from community.store.sealed_words import unseal
from forum.store.sight import EXISTS_FOR, TITLE

DRAFTS_MAX = 50


@dataclass(frozen=True, slots=True)
class DraftRow:
    """`nonce` is the one it will be sent with; empty on drafts from before it was kept."""

    place_id: UUID  # a thread (an answer) or a board (a new thread)
    title: str
    body: str
    at: datetime
    nonce: str = ""


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


# d: a draft. What was sent under its nonce is no draft any more, whatever a late save says.
_UNSAID = """
    not exists (select 1 from submission s where s.author_id = d.member_id and s.nonce = d.nonce)
"""


async def get(conn: Conn, member: MemberId, place: UUID) -> DraftRow | None:
    row = await conn.fetchrow(
        f"""
        select d.place_id, d.title, d.body, d.at, d.nonce
        from draft d
        where d.member_id = $1
          and d.place_id = $2
          and {_UNSAID}
        """,  # noqa: S608
        member,
        place,
    )
    return one(DraftRow, row)


async def put(tx: Tx, member: MemberId, draft: DraftRow) -> None:
    """Keep a draft, replacing the one for that place, unless it was sent; beyond DRAFTS_MAX the oldest go."""
    require_tx(tx)
    await tx.execute(
        f"""
        insert into draft (member_id, place_id, title, body, at, nonce)
        select d.*
        from (values ($1::uuid, $2::uuid, $3, $4, $5::timestamptz, $6))
          as d(member_id, place_id, title, body, at, nonce)
        where {_UNSAID}
        on conflict (member_id, place_id) do update
        set title = excluded.title, body = excluded.body, at = excluded.at, nonce = excluded.nonce
        """,  # noqa: S608
        member,
        draft.place_id,
        draft.title,
        draft.body,
        draft.at,
        draft.nonce,
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
        from (
          select d.member_id, d.place_id, d.title, d.body, d.at, d.nonce from draft d
          union all
          -- Chat's own, so that people find all they began in one list.
          select d.member_id, d.conversation_id, '', d.body, d.at, d.nonce from room_draft d
        ) d
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
          and {_UNSAID}
        order by d.at desc, d.place_id
        """,  # noqa: S608
        member,
    )
    return [_opened(conn, member, view) for view in many(DraftView, rows)]


def _opened(conn: Conn, member: MemberId, view: DraftView) -> DraftView:
    """Chat seals what is begun in a pairing (chat/store/rooms.py)."""
    body = unseal(conn, view.kind, view.place_id, f"draft:{member}", view.body)
    return replace(view, body=body)
