"""What the forum keeps about one person: for their export, and to be dropped when they are erased.

Their words are community's; here are titles, drafts, follows and feed links.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from community.database import Conn, Tx
from community.ids import MemberId
from community.store import capabilities
from forum.feed import PURPOSE
from forum.store import drafts, lists, threads


class OwnThread(Struct, frozen=True):
    id: UUID
    title: str
    at: datetime


class OwnDraft(Struct, frozen=True):
    place: UUID
    title: str
    body: str
    at: datetime


class OwnFeed(Struct, frozen=True):
    id: UUID
    at: datetime


class Belongings(Struct, frozen=True):
    """The forum's part of a person's export."""

    threads: list[OwnThread]
    drafts: list[OwnDraft]
    follows: list[UUID]
    feeds: list[OwnFeed]


async def of(conn: Conn, member: MemberId) -> Belongings:
    """For community/export.py."""
    return Belongings(
        threads=[OwnThread(t.id, t.title, t.at) for t in await threads.by_author(conn, member)],
        drafts=[OwnDraft(d.place_id, d.title, d.body, d.at) for d in await drafts.all_of(conn, member)],
        follows=[t.id for t in await lists.followed(conn, member, 10_000)],
        feeds=[
            OwnFeed(k.id, k.created_at) for k in await capabilities.of_member(conn, member, purpose=PURPOSE)
        ],
    )


async def drop(tx: Tx, member: MemberId) -> None:
    """For community/erasure.py, which calls it while the author still stands on the messages."""
    await threads.drop_titles_of(tx, member)
    await threads.drop_follows_of(tx, member)
    await drafts.drop_all(tx, member)
    await capabilities.drop_all(tx, member)
