"""Pairings and their acts: the row is what its acts replay to, written together under the row's lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chat.pairings.machine import Act, Asked, Pairing
from community.database import Conn, Tx, require_tx
from community.ids import ConversationId, GroupId, MemberId, MessageId
from community.store.sealed_words import unseal

MINE_MAX = 100
WAITING_MAX = 100


@dataclass(frozen=True, slots=True)
class PairingRow:
    """A pairing with what doesn't change: where, what kind, and what was wished for."""

    id: ConversationId
    group_id: GroupId
    kind: str
    pairing: Pairing
    topic: str
    times: tuple[str, ...]
    note_id: MessageId | None
    handed_from: ConversationId | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class PairingView:
    """A pairing as one person's list shows it. `note` is what readers see of it; `new` counts events that this
    person hasn't read."""

    row: PairingRow
    slug: str
    group: str
    handles: dict[MemberId, str]
    note: str
    new: int
    last_at: datetime | None
    last_seq: int
    is_crossed: bool  # a block stands between the two


_COLUMNS = """
    p.conversation_id, p.group_id, p.kind, p.state, p.asked_by, p.member_id, p.beside_id, p.to_group, p.agreed,
    p.passed, p.since, p.topic, p.times, p.note_id, p.handed_from, p.asked_at
"""

_CROSSED = """
    exists (select 1 from member_block b
            where (b.member_id, b.blocked_id) in ((p.member_id, p.beside_id), (p.beside_id, p.member_id)))
"""


async def add(tx: Tx, row: PairingRow) -> None:
    require_tx(tx)
    p = row.pairing
    await tx.execute(
        """
        insert into pairing
          (conversation_id, group_id, kind, state, asked_by, member_id, beside_id, to_group, agreed, passed,
           topic, times, note_id, handed_from, asked_at, since, due_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """,
        row.id,
        row.group_id,
        row.kind,
        p.state,
        p.asked_by,
        p.member,
        p.beside,
        p.to_group,
        sorted(p.agreed),
        sorted(p.passed),
        row.topic,
        list(row.times),
        row.note_id,
        row.handed_from,
        row.asked_at,
        p.since,
        p.due_at,
    )


async def update(tx: Tx, id: ConversationId, p: Pairing) -> None:
    """The row after an act; the caller holds its lock."""
    require_tx(tx)
    await tx.execute(
        """
        update pairing
        set state = $2, beside_id = $3, agreed = $4, passed = $5, since = $6, due_at = $7
        where conversation_id = $1
        """,
        id,
        p.state,
        p.beside,
        sorted(p.agreed),
        sorted(p.passed),
        p.since,
        p.due_at,
    )


async def append(tx: Tx, id: ConversationId, act: Asked | Act, *, now: datetime) -> None:
    require_tx(tx)
    kind = "asked" if isinstance(act, Asked) else act.kind
    await tx.execute(
        """
        insert into pairing_act (pairing_id, n, kind, member_id, at)
        select $1, coalesce(max(n), 0) + 1, $2, $3, $4 from pairing_act where pairing_id = $1
        """,
        id,
        kind,
        act.by,
        now,
    )


async def acts(conn: Conn, id: ConversationId) -> list[tuple[str, MemberId | None, datetime]]:
    """Everything that was done, in order."""
    rows = await conn.fetch(
        "select kind, member_id, at from pairing_act where pairing_id = $1 order by n limit 1000", id
    )
    return [(row["kind"], row["member_id"], row["at"]) for row in rows]


async def lock(tx: Tx, id: ConversationId) -> PairingRow | None:
    """The pairing, locked until commit. Somebody of it may have been erased since."""
    require_tx(tx)
    row = await tx.fetchrow(
        f"""
        select {_COLUMNS} from pairing p where p.conversation_id = $1 for update
        """,  # noqa: S608
        id,
    )
    return None if row is None else _row(row)


async def between(conn: Conn, id: ConversationId) -> bool:
    """Whether this conversation is a pairing."""
    return bool(await conn.fetchval("select exists (select 1 from pairing where conversation_id = $1)", id))


_VIEW = f"""
    select {_COLUMNS}, g.slug, g.name, n.shown, n.place, greatest(0, c.last_seq - coalesce(k.seq, 0)) as new, e.at,
           c.last_seq, {_CROSSED} as is_crossed,
           array(select h.id from member h
                 where h.id in (p.member_id, p.beside_id, p.asked_by) and h.erased_at is null
                 order by h.id) as ids,
           array(select h.handle from member h
                 where h.id in (p.member_id, p.beside_id, p.asked_by) and h.erased_at is null
                 order by h.id) as handles
    from pairing p
    join conversation c on c.id = p.conversation_id
    join peer_group g on g.id = p.group_id and (g.deleted_at is null or p.state = 'ended')
    left join message n on n.id = p.note_id
    left join read_mark k on k.conversation_id = c.id and k.member_id = $1
    left join conversation_event e on e.conversation_id = c.id and e.seq = c.last_seq
"""  # noqa: S608


async def view(conn: Conn, member: MemberId, id: ConversationId) -> PairingView | None:
    """One pairing. Says nothing about who may see it."""
    row = await conn.fetchrow(f"{_VIEW} where p.conversation_id = $2", member, id)
    return None if row is None else _view(conn, row)


async def of_member(conn: Conn, member: MemberId) -> list[PairingView]:
    """Those in which this person is one of the two, or asked; what waits and what is open first, then by time."""
    rows = await conn.fetch(
        f"""
        {_VIEW}
        where p.member_id = $1 or p.beside_id = $1 or p.asked_by = $1
        order by p.state = 'open' desc, p.state in ('asked', 'accepted') desc, coalesce(e.at, p.since) desc,
                 p.conversation_id
        limit {MINE_MAX}
        """,
        member,
    )
    return [_view(conn, row) for row in rows]


async def waiting(conn: Conn, group: GroupId, member: MemberId) -> list[PairingView]:
    """Asks to the group that nobody has accepted, longest waiting first; without those of people on the other
    side of a block, and without those that this person passed on."""
    rows = await conn.fetch(
        f"""
        {_VIEW}
        where p.group_id = $2
          and p.state = 'asked'
          and p.to_group
          and p.beside_id is null
          and p.member_id <> $1
          and not ($1 = any(p.passed))
          and exists (
            select 1 from membership s join member m on m.id = s.member_id and m.suspended_at is null
            where s.group_id = p.group_id and s.member_id = p.member_id
              and s.state = 'member' and s.banned_at is null)
          and not exists (
            select 1 from member_block b
            where (b.member_id, b.blocked_id) in ((p.member_id, $1), ($1, p.member_id)))
        order by p.asked_at, p.conversation_id
        limit {WAITING_MAX}
        """,  # noqa: S608
        member,
        group,
    )
    return [_view(conn, row) for row in rows]


async def forget(tx: Tx, member: MemberId) -> None:
    """Erasure, after everything that stood was ended: nothing names this person any more."""
    require_tx(tx)
    for column in ("asked_by", "member_id", "beside_id"):
        await tx.execute(f"update pairing set {column} = null where {column} = $1", member)  # noqa: S608
    await tx.execute(
        """
        update pairing set agreed = array_remove(agreed, $1), passed = array_remove(passed, $1)
        where $1 = any(agreed) or $1 = any(passed)
        """,
        member,
    )
    await tx.execute("update pairing_act set member_id = null where member_id = $1", member)
    await tx.execute("delete from pairing_told where member_id = $1", member)


def _row(row: Any) -> PairingRow:
    return PairingRow(
        id=row["conversation_id"],
        group_id=row["group_id"],
        kind=row["kind"],
        pairing=Pairing(
            state=row["state"],
            asked_by=row["asked_by"],
            member=row["member_id"],
            beside=row["beside_id"],
            to_group=row["to_group"],
            agreed=frozenset(row["agreed"]),
            passed=frozenset(row["passed"]),
            since=row["since"],
        ),
        topic=row["topic"],
        times=tuple(row["times"]),
        note_id=row["note_id"],
        handed_from=row["handed_from"],
        asked_at=row["asked_at"],
    )


def _view(conn: Conn, row: Any) -> PairingView:
    note = row["note_id"] and unseal(conn, row["place"], row["note_id"], "shown", row["shown"])
    return PairingView(
        row=_row(row),
        slug=row["slug"],
        group=row["name"],
        handles=dict(zip(row["ids"], row["handles"], strict=True)),
        note=note or "",
        new=row["new"],
        last_at=row["at"],
        last_seq=row["last_seq"],
        is_crossed=row["is_crossed"],
    )
