"""Peer supporters of a group, what they carry, and the group's rules for pairings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Tx, require_tx
from community.ids import GroupId, MemberId
from community.store.rows import many, one

CASELOAD = 5
"""Open pairings that one supporter carries at most, unless the group says otherwise."""
SUPPORTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class PairingRules:
    """A group's own: how many pairings a supporter carries, and whether two members may pair."""

    caseload: int = CASELOAD
    between_members: bool = False


@dataclass(frozen=True, slots=True)
class SupporterRow:
    """One peer supporter. `carries`: pairings that are open, or that they agreed to and the other hasn't yet."""

    member_id: MemberId
    handle: str
    supervisor_id: MemberId | None  # of those who lead the group now
    supervisor: str | None
    paused: bool
    carries: int
    may_write: bool  # in good standing in the group now

    def is_free(self, rules: PairingRules) -> bool:
        return self.may_write and not self.paused and self.carries < rules.caseload


async def rules(conn: Conn, group: GroupId) -> PairingRules:
    row = await conn.fetchrow(
        "select caseload, between_members from pairing_rules where group_id = $1", group
    )
    return one(PairingRules, row) or PairingRules()


async def put_rules(tx: Tx, group: GroupId, rules: PairingRules) -> None:
    require_tx(tx)
    await tx.execute(
        """
        insert into pairing_rules (group_id, caseload, between_members)
        values ($1, $2, $3)
        on conflict (group_id) do update
          set caseload = excluded.caseload, between_members = excluded.between_members
        """,
        group,
        rules.caseload,
        rules.between_members,
    )


async def of_group(conn: Conn, group: GroupId, *, now: datetime) -> list[SupporterRow]:
    """Everyone who is named and still a member of the group, by handle."""
    rows = await conn.fetch(
        """
        select s.member_id, m.handle, v.id as supervisor_id, v.handle as supervisor,
               s.paused_at is not null as paused,
               (select count(*) from pairing p
                where p.group_id = s.group_id and p.beside_id = s.member_id and p.kind = 'supporter'
                  and (p.state = 'open' or (p.state = 'accepted' and s.member_id = any(p.agreed)))) as carries,
               m.suspended_at is null and coalesce(w.muted_until <= $2, true) as may_write
        from peer_supporter s
        join member m on m.id = s.member_id and m.erased_at is null
        join membership w on w.group_id = s.group_id and w.member_id = s.member_id
          and w.state = 'member' and w.banned_at is null
        left join membership b on b.group_id = s.group_id and b.member_id = s.supervisor_id
          and b.state = 'member' and b.banned_at is null and b.role in ('facilitator', 'moderator', 'owner')
        left join member v on v.id = b.member_id and v.erased_at is null and v.suspended_at is null
        where s.group_id = $1
          and s.ended_at is null
        order by lower(m.handle), s.member_id
        limit $3
        """,
        group,
        now,
        SUPPORTERS_MAX,
    )
    return many(SupporterRow, rows)


async def lock(tx: Tx, group: GroupId, member: MemberId) -> bool:
    """Whether this person is a supporter here; nobody else counts what they carry until commit."""
    require_tx(tx)
    row = await tx.fetchrow(
        """
        select 1 from peer_supporter
        where group_id = $1 and member_id = $2 and ended_at is null
        for update
        """,
        group,
        member,
    )
    return row is not None


async def name(
    tx: Tx, group: GroupId, member: MemberId, *, supervisor: MemberId, by: MemberId, now: datetime
) -> None:
    """Named, or named again with another supervisor."""
    require_tx(tx)
    await tx.execute(
        """
        insert into peer_supporter (group_id, member_id, supervisor_id, named_by, named_at)
        values ($1, $2, $3, $4, $5)
        on conflict (group_id, member_id) do update
          set supervisor_id = excluded.supervisor_id, named_by = excluded.named_by,
              paused_at = case when peer_supporter.ended_at is null then peer_supporter.paused_at end,
              named_at = case when peer_supporter.ended_at is null then peer_supporter.named_at
                              else excluded.named_at end,
              ended_at = null
        """,
        group,
        member,
        supervisor,
        by,
        now,
    )


async def unname(tx: Tx, group: GroupId, member: MemberId, *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        "update peer_supporter set ended_at = $3 where group_id = $1 and member_id = $2 and ended_at is null",
        group,
        member,
        now,
    )


async def unname_gone(tx: Tx, *, now: datetime) -> None:
    """Whoever left a group or was banned is no supporter there any more: coming back, somebody names them again."""
    require_tx(tx)
    await tx.execute(
        """
        update peer_supporter s set ended_at = $1
        where s.ended_at is null
          and not exists (
            select 1 from membership w
            where w.group_id = s.group_id and w.member_id = s.member_id
              and w.state = 'member' and w.banned_at is null)
        """,
        now,
    )


async def pause(tx: Tx, group: GroupId, member: MemberId, *, on: bool, now: datetime) -> None:
    """Takes nobody new, or does again."""
    require_tx(tx)
    await tx.execute(
        """
        update peer_supporter set paused_at = case when $3 then coalesce(paused_at, $4) end
        where group_id = $1 and member_id = $2
        """,
        group,
        member,
        on,
        now,
    )


async def groups_of(conn: Conn, member: MemberId) -> list[tuple[str, str]]:
    """(slug, name) of the groups in which this person is a supporter."""
    rows = await conn.fetch(
        """
        select g.slug, g.name
        from peer_supporter s
        join peer_group g on g.id = s.group_id and g.deleted_at is null
        join membership w on w.group_id = s.group_id and w.member_id = s.member_id
        where s.member_id = $1
          and s.ended_at is null
          and w.state = 'member'
          and w.banned_at is null
        order by lower(g.name), g.id
        limit 50
        """,
        member,
    )
    return [(row["slug"], row["name"]) for row in rows]


async def forget(tx: Tx, member: MemberId) -> None:
    """Erasure."""
    require_tx(tx)
    await tx.execute("delete from peer_supporter where member_id = $1", member)
    await tx.execute("update peer_supporter set supervisor_id = null where supervisor_id = $1", member)
    await tx.execute("update peer_supporter set named_by = null where named_by = $1", member)


async def by_handle(conn: Conn, group: GroupId, handle: str) -> MemberId | None:
    """A member of the group by their handle, whoever asks: the caller says nothing of what was found."""
    value: MemberId | None = await conn.fetchval(
        """
        select m.id from member m
        join membership s on s.member_id = m.id and s.group_id = $1 and s.state = 'member'
          and s.banned_at is null
        where lower(m.handle) = lower($2)
          and m.erased_at is null
        """,
        group,
        handle,
    )
    return value


async def leaders(conn: Conn, group: GroupId) -> list[tuple[MemberId, str]]:
    """Those who lead the group, by handle."""
    rows = await conn.fetch(
        """
        select s.member_id, m.handle
        from membership s
        join member m on m.id = s.member_id and m.erased_at is null and m.suspended_at is null
        where s.group_id = $1
          and s.state = 'member'
          and s.banned_at is null
          and s.role in ('facilitator', 'moderator', 'owner')
        order by lower(m.handle), s.member_id
        limit 100
        """,
        group,
    )
    return [(row["member_id"], row["handle"]) for row in rows]
