"""A report about whoever leads, for the outside back-up: nobody inside may read it, and the outside has no account.

Read through the link of the page that asked them, in two steps, for two days at most, until it is answered. The link
opens this one report and never a care case; each look is in the audit log, and revoking the back-up's channel ends it.
"""

from __future__ import annotations

from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database
from community.errors import Conflict, NotFound
from community.ids import CaseId, NoticeId, new_id
from community.store import people
from community.tokens import token_hash
from moderation.casework.casework import act
from moderation.casework.machine import Closed
from moderation.casework.notes import Notes
from moderation.desk.ground import staff_words
from moderation.evidence import chain
from moderation.oncall.reaching import LINK_LASTS
from moderation.store import attempts, audit, cases
from moderation.store import complaints as store
from moderation.store.complaints import Report


class Outside:
    def __init__(self, database: Database, clock: Clock, bus: Bus, notes: Notes) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._notes = notes

    async def read(self, token: str) -> Report:
        """The report behind a link, audited. Raises NotFound for any other link, and once it is answered."""
        async with self._database.transaction() as tx:
            found = await self._of(tx, token)
            await audit.append(
                tx,
                [chain.entry("report.seen_outside", None, found.case, channel=str(found.channel))],
                now=self._clock.now(),
            )
        return found

    async def answer(self, token: str, text: str) -> CaseId:
        """What the outside did about it, in a sealed note; the case ends and its writer hears that a person has
        looked. Raises NotFound, Invalid, Conflict."""
        note, now = staff_words(text), self._clock.now()
        async with self._database.transaction() as tx:
            found = await self._of(tx, token)
            row = await cases.lock(tx, found.case)
            if row is None or row.case.state not in ("open", "claimed"):
                raise Conflict("This was answered already.", code="answered")
            sealed = await self._notes.seal(tx, row.id, note)
            await act(tx, row, Closed(None, "outside"), by=None, now=now, note=sealed)
            if found.by_id is not None:
                await people.add_notice(
                    tx, found.by_id, id=NoticeId(new_id()), kind="decision", message_id=None,
                    parameters={"changed": False}, now=now,
                )  # fmt: skip
            said = chain.entry("report.answered_outside", None, found.case, channel=str(found.channel))
            await audit.append(tx, [said], now=now)
        self._bus.ring("desk", found.case)
        return found.case

    async def _of(self, conn: Conn, token: str) -> Report:
        """Only for the outside: a page of this kind goes to nobody else, and the link says whose it is."""
        hashed = token_hash(token)
        linked = await attempts.by_link(conn, hashed, since=self._clock.now() - LINK_LASTS)
        if linked is None or linked.kind != "complaint" or linked.member is not None:
            raise NotFound
        found = await store.behind(conn, linked.page, hashed)
        if found is None:
            raise NotFound
        return found
