"""Histories of many cases in few readings, for figures and for a person's page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from community.database import Conn
from community.ids import CaseId
from moderation.store.cases import HistoryRow, history_row

AT_ONCE = 2_000
"""Cases a reading: so much is in memory at a time, whatever the span."""


async def of_many(
    conn: Conn, ids: Sequence[CaseId], *, act: str | None = None
) -> dict[CaseId, list[HistoryRow]]:
    """What happened to each, oldest first; of one act alone if it is named."""
    found: dict[CaseId, list[HistoryRow]] = {id: [] for id in ids}
    for some in _parts(ids):
        rows = await conn.fetch(
            """
            select h.case_id, h.n, h.act, h.actor_id, m.handle, h.parameters, h.note, h.at, k.n as times_n,
                   k.times::text as times
            from case_history h
            left join member m on m.id = h.actor_id
            left join case_times k on k.n = h.times_n
            where h.case_id = any($1::uuid[])
              and ($2::text is null or h.act = $2)
            order by h.case_id, h.n
            """,
            list(some),
            act,
        )
        for row in rows:
            found[row["case_id"]].append(history_row(tuple(row.values())[1:]))
    return found


def _parts(ids: Sequence[CaseId]) -> Iterator[Sequence[CaseId]]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]
