"""The audit log as it is searched: who did what to which case, when. Ids and verbs; nobody's words are in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from community.database import Conn
from community.ids import CaseId, MemberId
from community.store.rows import many


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; None is anything."""

    start: datetime
    end: datetime
    member: MemberId | None = None
    act: str | None = None
    case: UUID | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One entry. `act` is the act of a case's history, or the verb of any other entry; `case` is None for an
    entry about something else."""

    n: int
    at: datetime
    act: str
    actor_id: MemberId | None
    actor: str | None
    subject_id: UUID | None
    case: CaseId | None
    about: str | None  # the handle, where an entry is about a person


async def search(conn: Conn, wanted: Wanted, *, limit: int) -> list[Found]:
    """Newest first. A person is found as who did it and as whom it was done to."""
    rows = await conn.fetch(
        """
        select a.n, coalesce(h.at, a.at), coalesce(h.act, a.verb), a.actor_id, m.handle, a.subject_id, c.id, s.handle
        from audit a
        left join case_history h on a.verb = 'case.history' and h.case_id = a.subject_id
          and h.n = (a.parameters::json ->> 'n')::integer
        left join moderation_case c on c.id = a.subject_id
        left join member m on m.id = a.actor_id
        left join member s on s.id = a.subject_id
        where a.at >= $1
          and a.at < $2
          and ($3::uuid is null or a.actor_id = $3 or a.subject_id = $3)
          and ($4::text is null or coalesce(h.act, a.verb) = $4)
          and ($5::uuid is null or a.subject_id = $5)
          and ($6::bigint is null or a.n < $6)
        order by a.n desc
        limit $7
        """,
        wanted.start,
        wanted.end,
        wanted.member,
        wanted.act,
        wanted.case,
        wanted.before,
        limit,
    )
    return many(Found, rows)


async def acts(conn: Conn) -> Sequence[str]:
    """Every act that the log knows, by name."""
    rows = await conn.fetch(
        """
        select act from case_history group by act
        union
        select verb from audit where verb <> 'case.history' group by verb
        order by 1
        limit 200
        """
    )
    return [row["act"] for row in rows]
