"""Earlier and pending texts of edited messages: for their author and for moderators only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from community.database import Conn, Tx, require_tx
from community.ids import MessageId, VerdictId
from community.store import messages
from community.store.sealed_words import LOST, opened, seal


@dataclass(frozen=True, slots=True)
class Revision:
    n: int
    state: str
    body: str
    shown: str
    verdict_id: VerdictId
    at: datetime
    is_lost: bool = False  # `body` doesn't open: its key is gone


async def keep_past(tx: Tx, id: MessageId, *, now: datetime) -> None:
    """The message's present text becomes an earlier one, as it is stored: nothing is opened for it, so that words
    whose key is gone at the moment stay what they are."""
    require_tx(tx)
    await tx.execute(
        """
        insert into revision (message_id, n, state, body, shown, verdict_id, at)
        select m.id, (select coalesce(max(r.n), -1) + 1 from revision r where r.message_id = m.id),
               'past', m.body, m.shown, m.verdict_id, $2
        from message m
        where m.id = $1
        """,
        id,
        now,
    )


async def add_pending(
    tx: Tx, id: MessageId, *, texts: tuple[str, str], verdict_id: VerdictId, now: datetime
) -> None:
    """Keep a text that waits for a person, at most one: the newer replaces the older. `texts` are the words as
    written and as readers would see them."""
    require_tx(tx)
    await drop_pending(tx, id)
    place = await messages.place_of(tx, id)
    await tx.execute(
        """
        insert into revision (message_id, n, state, body, shown, verdict_id, at)
        select $1, coalesce(max(n), -1) + 1, 'pending', $2, $3, $4, $5
        from revision
        where message_id = $1
        """,
        id,
        *(
            seal(tx, place, id, f"revision.{name}", text)
            for name, text in zip(("body", "shown"), texts, strict=True)
        ),
        verdict_id,
        now,
    )


async def of(conn: Conn, id: MessageId) -> list[Revision]:
    """The newest earlier and pending texts, oldest first: for the author and for moderators only."""
    return (await latest(conn, [id], limit=200)).get(id, [])


async def pending(conn: Conn, id: MessageId) -> Revision | None:
    """The text that waits for a person."""
    row = await conn.fetchrow(
        """
        select r.n, r.state, r.body, r.shown, r.verdict_id, r.at, m.place
        from revision r
        join message m on m.id = r.message_id
        where r.message_id = $1
          and r.state = 'pending'
        order by r.n desc
        limit 1
        """,
        id,
    )
    return None if row is None else _revision(conn, id, list(row))


async def latest(conn: Conn, ids: Collection[MessageId], *, limit: int) -> dict[MessageId, list[Revision]]:
    """As `of` for many at once: the newest few of each, oldest first."""
    rows = await conn.fetch(
        """
        select i.id, r.*, m.place
        from unnest($1::uuid[]) as i(id)
        join message m on m.id = i.id
        cross join lateral (
          select n, state, body, shown, verdict_id, at from revision
          where message_id = i.id order by n desc limit $2) r
        order by i.id, r.n
        """,
        list(ids),
        limit,
    )
    found: dict[MessageId, list[Revision]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(_revision(conn, row["id"], list(row)[1:]))
    return found


def _revision(conn: Conn, id: MessageId, values: list[Any]) -> Revision:
    """From the columns and, last, the message's place."""
    *columns, place = values
    found = Revision(*columns)
    body, shown = (
        _opened(conn, place, id, name, text) for name, text in (("body", found.body), ("shown", found.shown))
    )
    return replace(
        found,
        body=LOST if body is None else body,
        shown=LOST if shown is None else shown,
        is_lost=body is None,
    )


def _opened(conn: Conn, place: str, id: MessageId, column: str, text: str) -> str | None:
    """A text that waits is sealed for here; a past one comes as the message itself had it."""
    waited = opened(conn, place, id, f"revision.{column}", text)
    return opened(conn, place, id, column, text) if waited is None else waited


async def drop_pending(tx: Tx, id: MessageId) -> None:
    require_tx(tx)
    await tx.execute("delete from revision where message_id = $1 and state = 'pending'", id)
