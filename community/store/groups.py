"""Groups, their guidelines, and who stands where in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from community.database import Conn, Tx, require_tx
from community.ids import GroupId, MemberId, TeamId
from community.store.rows import many, one


@dataclass(frozen=True, slots=True)
class GroupRow:
    id: GroupId
    team_id: TeamId
    slug: str
    name: str
    preset: str
    visibility: str
    joining: str
    card: dict[str, Any]
    settings: dict[str, Any]
    guidelines_version: int
    guidelines_text: str
    version: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class MembershipRow:
    group_id: GroupId
    member_id: MemberId
    role: str
    state: str
    guidelines_version: int
    muted_until: datetime | None
    banned_at: datetime | None
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class GroupOfMember:
    group_id: GroupId
    slug: str
    name: str
    role: str
    state: str


@dataclass(frozen=True, slots=True)
class MemberOfGroup:
    member_id: MemberId
    handle: str | None
    role: str
    state: str
    muted_until: datetime | None
    banned_at: datetime | None
    joined_at: datetime


_GROUP = """
    g.id, g.team_id, g.slug, g.name, g.preset, g.visibility, g.joining, g.card, g.settings,
    g.guidelines_version, r.text, g.version, g.deleted_at is not null
"""


async def default_team(conn: Conn) -> TeamId:
    """The organisation's first moderation team."""
    value: TeamId = await conn.fetchval("select id from team order by created_at, id limit 1")
    return value


async def by_slug(conn: Conn, slug: str) -> GroupRow | None:
    row = await conn.fetchrow(
        f"""
        select {_GROUP}
        from peer_group g
        join guidelines r on r.group_id = g.id and r.version = g.guidelines_version
        where g.slug = $1
        """,  # noqa: S608
        slug,
    )
    return _group(row)


async def by_id(conn: Conn, id: GroupId) -> GroupRow | None:
    row = await conn.fetchrow(
        f"""
        select {_GROUP}
        from peer_group g
        join guidelines r on r.group_id = g.id and r.version = g.guidelines_version
        where g.id = $1
        """,  # noqa: S608
        id,
    )
    return _group(row)


async def visible_to(
    conn: Conn, member: MemberId | None, *, is_operator: bool, after: str | None, limit: int
) -> list[tuple[GroupRow, str | None]]:
    """Groups that this person (None: signed out) may see, by slug, with their role where they are in.
    The same rule as rulings.see."""
    rows = await conn.fetch(
        f"""
        select {_GROUP}, case when s.state = 'member' then s.role end as role
        from peer_group g
        join guidelines r on r.group_id = g.id and r.version = g.guidelines_version
        left join membership s on s.group_id = g.id and s.member_id = $1
        where g.deleted_at is null
          and s.banned_at is null
          and ($2 or s.state in ('member', 'invited', 'requested')
               or g.visibility = 'public'
               or (g.visibility = 'members' and $1::uuid is not null))
          and g.slug > coalesce($3, '')
        order by g.slug
        limit $4
        """,  # noqa: S608
        member,
        is_operator,
        after,
        limit,
    )
    found = []
    for row in rows:
        group = _group(tuple(row)[:13])
        assert group is not None
        found.append((group, row["role"]))
    return found


async def add(tx: Tx, group: GroupRow, *, now: datetime) -> bool:
    """Found a group with the first version of its guidelines. False when the slug is taken."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        insert into peer_group
          (id, team_id, slug, name, preset, visibility, joining, card, settings, guidelines_version, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb, 1, $10)
        on conflict (slug) do nothing
        returning id
        """,
        group.id,
        group.team_id,
        group.slug,
        group.name,
        group.preset,
        group.visibility,
        group.joining,
        _json(group.card),
        _json(group.settings),
        now,
    )
    if row is None:
        return False
    await add_guidelines(tx, group.id, 1, group.guidelines_text, now=now)
    return True


async def add_guidelines(tx: Tx, group: GroupId, version: int, text: str, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        "insert into guidelines (group_id, version, text, at) values ($1, $2, $3, $4)",
        group,
        version,
        text,
        now,
    )


async def update(tx: Tx, group: GroupRow, *, expected_version: int) -> bool:
    """Write the group back if nobody changed it since `expected_version`. False on a stale version."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        update peer_group
        set name = $3, preset = $4, visibility = $5, joining = $6, card = $7::jsonb, settings = $8::jsonb,
            guidelines_version = $9, version = version + 1
        where id = $1
          and version = $2
          and deleted_at is null
        returning version
        """,
        group.id,
        expected_version,
        group.name,
        group.preset,
        group.visibility,
        group.joining,
        _json(group.card),
        _json(group.settings),
        group.guidelines_version,
    )
    return row is not None


async def delete(tx: Tx, group: GroupId, *, now: datetime) -> None:
    """Gone for everyone at once; a job purges after 30 days."""
    require_tx(tx)
    await tx.execute("update peer_group set deleted_at = $2 where id = $1 and deleted_at is null", group, now)


_MEMBERSHIP = "group_id, member_id, role, state, guidelines_version, muted_until, banned_at, joined_at"


async def membership(conn: Conn, group: GroupId, member: MemberId) -> MembershipRow | None:
    row = await conn.fetchrow(
        f"select {_MEMBERSHIP} from membership where group_id = $1 and member_id = $2",  # noqa: S608
        group,
        member,
    )
    return one(MembershipRow, row)


async def lock_membership(tx: Tx, group: GroupId, member: MemberId) -> MembershipRow | None:
    """The membership, its row locked until commit: a ruling made on it still holds when it is changed."""
    require_tx(tx)
    row = await tx.fetchrow(
        f"select {_MEMBERSHIP} from membership where group_id = $1 and member_id = $2 for update",  # noqa: S608
        group,
        member,
    )
    return one(MembershipRow, row)


async def put_membership(tx: Tx, row: MembershipRow) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into membership
          (group_id, member_id, role, state, guidelines_version, muted_until, banned_at, joined_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (group_id, member_id) do update
        set role = excluded.role, state = excluded.state, guidelines_version = excluded.guidelines_version,
            muted_until = excluded.muted_until, banned_at = excluded.banned_at
        """,
        row.group_id,
        row.member_id,
        row.role,
        row.state,
        row.guidelines_version,
        row.muted_until,
        row.banned_at,
        row.joined_at,
    )


async def count_owners(conn: Conn, group: GroupId) -> int:
    return int(
        await conn.fetchval(
            """
            select count(*)
            from membership
            where group_id = $1
              and role = 'owner'
              and state = 'member'
              and banned_at is null
            """,
            group,
        )
    )


async def of_member(conn: Conn, member: MemberId) -> list[GroupOfMember]:
    """Groups the member is in or waits for, by name."""
    rows = await conn.fetch(
        """
        select g.id, g.slug, g.name, s.role, s.state
        from membership s
        join peer_group g on g.id = s.group_id
        where s.member_id = $1
          and s.state <> 'left'
          and s.banned_at is null
          and g.deleted_at is null
        order by lower(g.name), g.id
        limit 500
        """,
        member,
    )
    return many(GroupOfMember, rows)


async def members(
    conn: Conn, group: GroupId, *, states: list[str], after: MemberId | None, limit: int
) -> list[MemberOfGroup]:
    """People of a group in these states, by id."""
    rows = await conn.fetch(
        """
        select s.member_id, m.handle, s.role, s.state, s.muted_until, s.banned_at, s.joined_at
        from membership s
        join member m on m.id = s.member_id
        where s.group_id = $1
          and s.state = any($2::text[])
          and m.erased_at is null
          and ($3::uuid is null or s.member_id > $3)
        order by s.member_id
        limit $4
        """,
        group,
        states,
        after,
        limit,
    )
    return many(MemberOfGroup, rows)


async def add_invitation(
    tx: Tx,
    *,
    id: Any,
    group: GroupId,
    code_hash: bytes,
    by: MemberId,
    uses: int,
    times: tuple[datetime, datetime],
) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into invitation (id, group_id, code_hash, made_by, made_at, expires_at, uses_left)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        id,
        group,
        code_hash,
        by,
        *times,
        uses,
    )


async def invitation_opens(conn: Conn, code_hash: bytes, group: GroupId, *, now: datetime) -> bool:
    """Whether this code still opens that group. Doesn't use it up."""
    return bool(
        await conn.fetchval(
            """
            select exists (
              select 1
              from invitation
              where code_hash = $1
                and group_id = $2
                and uses_left > 0
                and expires_at > $3)
            """,
            code_hash,
            group,
            now,
        )
    )


async def use_invitation(tx: Tx, code_hash: bytes, *, now: datetime) -> GroupId | None:
    """Take one use of an invitation; the group it opens, or None when it is spent, expired or unknown."""
    require_tx(tx)
    value: GroupId | None = await tx.fetchval(
        """
        update invitation
        set uses_left = uses_left - 1
        where code_hash = $1
          and uses_left > 0
          and expires_at > $2
        returning group_id
        """,
        code_hash,
        now,
    )
    return value


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _group(row: Any) -> GroupRow | None:
    if row is None:
        return None
    values = list(row)
    values[7], values[8] = msgspec.json.decode(values[7]), msgspec.json.decode(values[8])
    return one(GroupRow, values)
