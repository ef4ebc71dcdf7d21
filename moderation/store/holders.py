"""Who has a case in hand although it doesn't exist for them any more: a tie has come, a seat has gone."""

from __future__ import annotations

from community.database import Conn
from community.ids import CaseId
from moderation.store.queue import ABOUT, TIED

# The same facts as moderation/casework/rights.py has of one person; a test holds both together.
_UNFIT = f"""
    select c.id
    from moderation_case c
    join member o on o.id = c.owner_id
    left join message s on s.id = c.message_id
    cross join lateral (select {ABOUT} as ids) a
    left join team_member seat on seat.team_id = c.team_id and seat.member_id = o.id
    where c.owner_id is not null and c.state <> 'closed'  -- moderation_case_owner
      and c.state in ('acknowledged', 'with_person', 'following_up', 'claimed')
      and not c.canary
      and not (
        o.suspended_at is null
        and o.erased_at is null
        and o.id <> all(a.ids)
        and o.id not in ({TIED})
        and (o.is_operator or coalesce(seat.lead, false) or not exists (
              select 1 from team_member t where t.team_id = c.team_id and t.member_id = any(a.ids)))
        and (o.is_operator
          or coalesce(seat.lead, false)
          or c.lane = 'care' and coalesce(seat.care, false)
          or c.lane = 'conduct' and coalesce(seat.conduct, false)
          or c.lane = 'conduct'
            and exists (select 1 from membership m
                        where m.group_id = c.group_id and m.member_id = o.id and m.state = 'member'
                          and m.role in ('moderator', 'owner') and m.banned_at is null)
            and not exists (select 1 from membership m
                            where m.group_id = c.group_id and m.member_id = any(a.ids) and m.state = 'member'
                              and m.role in ('moderator', 'owner'))))
      and ($1::uuid is null or c.id = $1)
    order by c.raised_at, c.id
    limit $2
"""  # noqa: S608


async def unfit(conn: Conn, *, limit: int) -> list[CaseId]:
    """Cases that wait in such hands, longest waiting first."""
    return [row["id"] for row in await conn.fetch(_UNFIT, None, limit)]


async def is_unfit(conn: Conn, case: CaseId) -> bool:
    """Whether this one does; read it with the case's lock."""
    return bool(await conn.fetch(_UNFIT, case, 1))
