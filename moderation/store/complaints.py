"""Reports about staff, as the outside back-up reads one: who wrote it, about whom, and the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn
from community.ids import CaseId, MemberId, PageId
from community.store.rows import one


@dataclass(frozen=True, slots=True)
class Report:
    case: CaseId
    channel: UUID  # by which the outside was asked
    about: str | None
    by_id: MemberId | None
    by: str | None
    text: str
    at: datetime


async def behind(conn: Conn, page: PageId, link: bytes) -> Report | None:
    """The open report that this page asked about, through this link of its own; of the conduct lane alone."""
    row = await conn.fetchrow(
        """
        select c.id, a.channel_id, about.handle, k.member_id, author.handle, m.body, k.at
        from page p
        join page_attempt a on a.page_id = p.id
        join page_link l on l.attempt_id = a.id and l.token_hash = $2
        join moderation_case c on c.id = p.about::uuid and c.lane = 'conduct' and c.state <> 'closed'
        join complaint k on k.case_id = c.id
        join member about on about.id = k.about_id
        left join member author on author.id = k.member_id
        join message m on m.id = c.message_id
        where p.id = $1
          and p.kind = 'complaint'
          and a.channel_id is not null
        """,
        page,
        link,
    )
    return one(Report, row)
