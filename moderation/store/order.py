"""The one order in which acts take locks, and the locks that keep it where an act touches several people's cases.

An act waits only for what comes later in this list than all that it holds, so no two can wait for each other:

1. the member who is erased (nobody else waits for a member's row)
2. what two people sign: the signature's row
3. words: conversations in id order, then the message
4. flags of those words, in id order
5. subjects, in id order: only where more than one care case may be locked or opened (`subjects` below)
6. cases: care before conduct, one person's in id order
7. what hangs on a case: its page, then the page's attempts; follow-ups, appeal, memorial
8. notices and news
9. the audit chain's head, last of all

Who comes from the other side never waits: the escalator (page, then case), the clocks and the supporters' ear take
their rows with skip locked. Rows that others point to are locked "for no key update": a new history entry, notice or
page of theirs needs only their key. What still meets (foreign keys, unique indexes) Postgres undoes, and
community/again.py does it again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from community.again import TRIES, Undone
from community.database import Conn, Tx, require_tx
from community.ids import CaseId, MemberId, MessageId


async def subjects(tx: Tx, members: Collection[MemberId]) -> None:
    """Before care cases of these people are locked or opened in one transaction: whoever else is about to touch
    several of them waits here. Cases that theirs were joined into count with them. Held until commit."""
    require_tx(tx)
    wanted = await _led(tx, members)
    for _ in range(TRIES):
        try:
            async with tx.savepoint():  # undone, it lets go of what it locked
                await tx.fetch(_LOCK, sorted(wanted))
                found = await _led(tx, members)
                if not found <= wanted:
                    raise _JoinedMeanwhile
        except _JoinedMeanwhile:
            wanted |= found
        else:
            return
    raise Undone  # joined again and again while we waited: from the start


class _JoinedMeanwhile(Exception):
    """While we waited, somebody's case was joined into another's."""


_LOCK: Final = """
    select pg_advisory_xact_lock(hashtextextended(m.id::text, 0))
    from (select id from unnest($1::uuid[]) as u(id) order by id) m
"""


async def _led(tx: Tx, members: Collection[MemberId]) -> set[MemberId]:
    """These people, and those whose cases theirs were joined into."""
    rows = await tx.fetch(
        """
        with recursive led as (
          select member_id, merged_into
          from moderation_case
          where lane = 'care'
            and member_id = any($1::uuid[])
          union
          select c.member_id, c.merged_into
          from moderation_case c
          join led on c.id = led.merged_into
        )
        select distinct member_id from led where member_id is not null
        """,
        list(set(members)),
    )
    return {row["member_id"] for row in rows} | set(members)


async def subjects_of(tx: Tx, cases: Collection[CaseId]) -> None:
    """The same, for cases that are known; one alone needs no order."""
    if len(set(cases)) < 2:
        return
    rows = await tx.fetch(
        "select distinct member_id from moderation_case where id = any($1::uuid[]) and member_id is not null",
        list(set(cases)),
    )
    await subjects(tx, {row["member_id"] for row in rows})


async def subjects_with(conn: Conn, message: MessageId) -> set[MemberId]:
    """Whose open care cases hold this message: its author's, and others' that theirs was joined into."""
    rows = await conn.fetch(
        """
        select distinct c.member_id
        from case_message cm
        join moderation_case c on c.id = cm.case_id
        where cm.message_id = $1
          and c.state <> 'closed'
          and c.member_id is not null
        """,
        message,
    )
    return {row["member_id"] for row in rows}
