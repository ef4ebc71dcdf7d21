"""People as those who look after them see them: found by name, where they stand, which cases are about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn
from community.ids import CaseId, GroupId, MemberId, TeamId
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose people somebody may see: all groups of these teams, and these groups."""

    teams: Sequence[TeamId]
    groups: Sequence[GroupId]


@dataclass(frozen=True, slots=True)
class Person:
    id: MemberId
    handle: str
    groups: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One membership in words that pages understand."""

    slug: str
    name: str
    role: str
    state: str
    joined_at: datetime
    muted_until: datetime | None
    banned_at: datetime | None


async def find(conn: Conn, scope: Scope, begins: str, *, after: str, limit: int) -> list[Person]:
    """People of these groups whose folded handle begins so, by handle. Erased and suspended ones are gone."""
    rows = await conn.fetch(
        """
        select m.id, m.handle, count(*)
        from member m
        join membership s on s.member_id = m.id and s.state in ('member', 'requested')
        join peer_group g on g.id = s.group_id and g.deleted_at is null
        where (g.team_id = any($1::uuid[]) or g.id = any($2::uuid[]))
          and m.erased_at is null
          and m.suspended_at is null
          and starts_with(m.handle_folded, $3)
          and m.handle_folded > $4
        group by m.id
        order by m.handle_folded
        limit $5
        """,
        list(scope.teams),
        list(scope.groups),
        begins,
        after,
        limit,
    )
    return many(Person, rows)


async def standings(conn: Conn, scope: Scope, member: MemberId) -> list[Standing]:
    """Where they stand in these groups; those that they have left too."""
    rows = await conn.fetch(
        """
        select g.slug, g.name, s.role, s.state, s.joined_at, s.muted_until, s.banned_at
        from membership s
        join peer_group g on g.id = s.group_id and g.deleted_at is null
        where s.member_id = $3
          and (g.team_id = any($1::uuid[]) or g.id = any($2::uuid[]))
        order by lower(g.name), g.id
        limit 200
        """,
        list(scope.teams),
        list(scope.groups),
        member,
    )
    return many(Standing, rows)


async def cases_about(conn: Conn, member: MemberId, *, limit: int) -> list[CaseId]:
    """Cases about this person or their words, newest first. The caller rules which of them exist for whom."""
    rows = await conn.fetch(
        """
        select c.id
        from moderation_case c
        left join message m on m.id = c.message_id
        where not c.canary
          and (c.member_id = $1 or m.author_id = $1)
          and c.merged_into is null
          and not exists (select 1 from complaint k where k.case_id = c.id)
        order by c.opened_at desc, c.id
        limit $2
        """,
        member,
        limit,
    )
    return [row["id"] for row in rows]


async def moderators(conn: Conn, group: GroupId) -> int:
    """How many people of the group itself look after its words."""
    return int(
        await conn.fetchval(
            """
            select count(*)
            from membership
            where group_id = $1
              and state = 'member'
              and role in ('moderator', 'owner')
              and banned_at is null
            """,
            group,
        )
    )
