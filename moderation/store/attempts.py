"""The pages' outbox and ledger: a row for each person, channel and due time.

Written in the transaction that took the due time; a worker leases, sends, marks. A lease that ends without
a mark means that a process died in the middle: whether the words went out is unknown, so they are never
sent again for that due time; the page's next round is brought forward instead (store/paging.py, sooner).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, PageId
from community.store.rows import many, one

SILENT_ONCE_ANSWERED = ["page", "no_words", "test", "gap", "complaint", "canary"]
"""Words that nobody needs any more once the page isn't waiting."""


@dataclass(frozen=True, slots=True)
class NewAttempt:
    id: UUID
    page: PageId
    due_at: datetime
    round: int
    member: MemberId | None
    channel: UUID | None
    words: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A leased row with what its sender needs."""

    id: UUID
    page: PageId
    case: CaseId | None
    kind: str
    tier: str
    reason: str
    member: MemberId | None
    channel: UUID | None
    words: str
    round: int
    due_at: datetime
    made_at: datetime
    tries: int
    canary: bool


async def add(tx: Tx, attempts: Sequence[NewAttempt], *, now: datetime) -> int:
    """Promise these. What is there already for this due time stays alone; answers how many are new."""
    require_tx(tx)
    if not attempts:
        return 0
    rows = await tx.fetch(
        """
        insert into page_attempt (id, page_id, due_at, round, member_id, channel_id, words, made_at, try_at)
        select a.id, a.page_id, a.due_at, a.round, a.member_id, a.channel_id, a.words, $8, $8
        from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::int[], $5::uuid[], $6::uuid[], $7::text[])
          as a(id, page_id, due_at, round, member_id, channel_id, words)
        on conflict do nothing
        returning id
        """,
        [a.id for a in attempts],
        [a.page for a in attempts],
        [a.due_at for a in attempts],
        [a.round for a in attempts],
        [a.member for a in attempts],
        [a.channel for a in attempts],
        [a.words for a in attempts],
        now,
    )
    return len(rows)


async def supersede(tx: Tx, page: PageId) -> None:
    """A new round is being promised: what of earlier ones still waits for its channel is not sent any more,
    so that a server that comes back isn't met by a heap of old pages."""
    require_tx(tx)
    await tx.execute(
        """
        update page_attempt
        set outcome = 'superseded'
        where page_id = $1
          and outcome is null
          and leased_until is null
          and words = any($2::text[])
        """,
        page,
        SILENT_ONCE_ANSWERED,
    )


async def any_open(conn: Conn) -> bool:
    """Whether there is anything to send, to retry, to settle or to see to at all."""
    return bool(
        await conn.fetchval(
            """
            select exists (select 1 from page_attempt where outcome is null)
                or exists (
                  select 1
                  from page_attempt a
                  join page p on p.id = a.page_id
                  where a.outcome = 'sent' and a.settled_at is null and a.channel_id is not null
                    and p.state <> 'waiting')
            """
        )
    )


ANSWERED = "answered"
"""Words that tell a webhook that its page was answered; never spilled to another channel."""


async def settle(tx: Tx, *, now: datetime, limit: int = 500) -> list[Stranded]:
    """Pages that rang and were answered, or are over: each once, with the webhooks that can take an end. What went
    by mail, or to a style that knows no end, is only marked."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        with done as (
          select a.id
          from page_attempt a
          join page p on p.id = a.page_id
          where a.outcome = 'sent'
            and a.settled_at is null
            and a.channel_id is not null
            and p.state <> 'waiting'
          order by a.id
          limit $2
          for no key update of a skip locked
        ), marked as (
          update page_attempt a
          set settled_at = $1
          from done
          where a.id = done.id
          returning a.*
        )
        select distinct on (m.page_id, m.channel_id) m.channel_id, m.page_id, m.member_id, $3::text, m.round, m.due_at
        from marked m
        join oncall_channel ch on ch.id = m.channel_id
        where ch.kind = 'webhook'
          and ch.style <> 'ntfy'
          and ch.revoked_at is null
          and m.words <> $3
        order by m.page_id, m.channel_id, m.due_at desc
        """,
        now,
        limit,
        ANSWERED,
    )
    return many(Stranded, rows)


async def drop_moot(tx: Tx) -> None:
    """What nobody needs any more: the page was answered, or the channel revoked."""
    require_tx(tx)
    await tx.execute(
        """
        update page_attempt
        set outcome = 'moot'
        where id in (
          select a.id
          from page_attempt a
          join page p on p.id = a.page_id
          left join oncall_channel ch on ch.id = a.channel_id
          where a.outcome is null
            and a.leased_until is null
            and ((p.state <> 'waiting' and a.words = any($1::text[])) or ch.revoked_at is not null)
          order by a.id
          limit 500
          for no key update of a skip locked)
        """,
        SILENT_ONCE_ANSWERED,
    )


async def lease(tx: Tx, kind: str, *, now: datetime, until: datetime, limit: int) -> list[Attempt]:
    """Take rows of one kind ("console", "mail", "webhook", "push") whose time has come, oldest first. Two processes
    never hold the same row."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        with picked as (
          select a.id
          from page_attempt a
          left join oncall_channel ch on ch.id = a.channel_id
          where a.outcome is null
            and a.leased_until is null
            and a.try_at <= $1
            and coalesce(ch.kind, 'console') = $4
            and (ch.retry_at is null or ch.retry_at <= $1)
          order by a.try_at, a.id
          limit $3
          for no key update of a skip locked
        ), leased as (
          update page_attempt a
          set leased_until = $2, tries = tries + 1
          from picked
          where a.id = picked.id
          returning a.*
        )
        select l.id, l.page_id, p.case_id, p.kind, p.tier, p.reason, l.member_id, l.channel_id, l.words, l.round,
               l.due_at, l.made_at, l.tries, coalesce(c.canary, false)
        from leased l
        join page p on p.id = l.page_id
        left join moderation_case c on c.id = p.case_id
        order by l.try_at, l.id
        """,
        now,
        until,
        limit,
        kind,
    )
    return many(Attempt, rows)


async def add_links(tx: Tx, links: Sequence[tuple[bytes, UUID]], *, now: datetime) -> None:
    """Hashes of the secrets of this try's links, by attempt; those of earlier tries stay good, since they
    may have arrived."""
    require_tx(tx)
    await tx.execute(
        """
        insert into page_link (token_hash, attempt_id, made_at)
        select l.token_hash, l.attempt_id, $3
        from unnest($1::bytea[], $2::uuid[]) as l(token_hash, attempt_id)
        """,
        [token_hash for token_hash, _ in links],
        [attempt for _, attempt in links],
        now,
    )


async def mark_sent(tx: Tx, ids: Sequence[UUID], *, now: datetime) -> None:
    require_tx(tx)
    await tx.execute(
        """
        update page_attempt
        set outcome = 'sent', sent_at = $2::timestamptz, leased_until = null,
            settled_at = case when words = $3 then $2::timestamptz end
        where id = any($1::uuid[])
        """,
        list(ids),
        now,
        ANSWERED,
    )


async def mark_failed(tx: Tx, id: UUID, *, try_at: datetime | None) -> None:
    """To be tried again at that time; None: given up."""
    require_tx(tx)
    await tx.execute(
        """
        update page_attempt
        set leased_until = null, try_at = coalesce($2, try_at),
            outcome = case when $2::timestamptz is null then 'gave_up' end
        where id = $1
          and outcome is null
        """,
        id,
        try_at,
    )


async def put_back(tx: Tx, id: UUID, *, try_at: datetime) -> None:
    """It wasn't tried after all."""
    require_tx(tx)
    await tx.execute(
        "update page_attempt set leased_until = null, tries = tries - 1, try_at = $2 where id = $1",
        id,
        try_at,
    )


async def lost(tx: Tx, *, now: datetime) -> list[PageId]:
    """Leases that ended without a mark: unknown from here on. Answers their pages."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        update page_attempt
        set outcome = 'unknown', leased_until = null
        where id in (select id from page_attempt
                     where outcome is null and leased_until <= $1
                     order by id limit 500 for no key update skip locked)
        returning page_id
        """,
        now,
    )
    return list(dict.fromkeys(row["page_id"] for row in rows))


@dataclass(frozen=True, slots=True)
class Stranded:
    """A page that couldn't leave by the channel it was promised to; from settle(), one that did, with its channel
    as `id`."""

    id: UUID
    page: PageId
    member: MemberId | None
    words: str
    round: int
    due_at: datetime


async def stranded(tx: Tx, *, now: datetime, limit: int) -> list[Stranded]:
    """Attempts whose channel fails and for which no other was asked yet; marked as being seen to."""
    require_tx(tx)
    rows = await tx.fetch(
        """
        update page_attempt
        set spilled_at = $1
        where id in (
          select a.id
          from page_attempt a
          join oncall_channel ch on ch.id = a.channel_id
          where a.outcome is null
            and a.leased_until is null
            and a.spilled_at is null
            and a.words <> $3
            and (a.tries > 0 or ch.retry_at > $1)
          order by a.made_at, a.id
          limit $2
          for no key update of a skip locked)
        returning id, page_id, member_id, words, round, due_at
        """,
        now,
        limit,
        ANSWERED,
    )
    return many(Stranded, rows)


async def siblings(conn: Conn, stranded: Stranded) -> list[tuple[UUID, bool]]:
    """Channels used for this person at this due time, and whether each may still bring the page; a browser's push
    is an extra, which stands for no other."""
    rows = await conn.fetch(
        """
        select a.channel_id, ch.kind <> 'push'
               and (a.outcome = 'sent' or (a.outcome is null and a.spilled_at is null)) as hopeful
        from page_attempt a
        join oncall_channel ch on ch.id = a.channel_id
        where a.page_id = $1
          and a.due_at = $2
          and a.member_id is not distinct from $3
        """,
        stranded.page,
        stranded.due_at,
        stranded.member,
    )
    return [(row["channel_id"], bool(row["hopeful"])) for row in rows]


@dataclass(frozen=True, slots=True)
class Linked:
    """What a page's link stands for."""

    page: PageId
    kind: str
    tier: str
    state: str
    case: CaseId | None
    member: MemberId | None
    opened_at: datetime
    acknowledged_by: MemberId | None


async def by_link(conn: Conn, token_hash: bytes, *, since: datetime) -> Linked | None:
    """The page of a link that was made since then; never one of a revoked channel or a suspended member."""
    row = await conn.fetchrow(
        """
        select p.id, p.kind, p.tier, p.state, p.case_id, a.member_id, p.opened_at, p.acknowledged_by
        from page_link l
        join page_attempt a on a.id = l.attempt_id
        join page p on p.id = a.page_id
        left join oncall_channel ch on ch.id = a.channel_id
        left join member m on m.id = a.member_id
        where l.token_hash = $1
          and l.made_at > $2
          and ch.revoked_at is null
          and m.suspended_at is null
          and m.erased_at is null
        """,
        token_hash,
        since,
    )
    return one(Linked, row)


async def member_of(conn: Conn, page: PageId, channel: UUID) -> tuple[bool, MemberId | None]:
    """Whether this page went out by that channel, and to whom."""
    row = await conn.fetchrow(
        "select member_id from page_attempt where page_id = $1 and channel_id = $2 limit 1", page, channel
    )
    return (row is not None, row["member_id"] if row is not None else None)
