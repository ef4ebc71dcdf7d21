"""What everything at the desk stands on: who may see a case, and one way to act on it.

Every act locks the case, checks its version, goes through the state machine, and is in the history with the
change it made, in one transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, Invalid, NotFound
from community.ids import CaseId, MemberId
from moderation.casework.casework import Casework, act
from moderation.casework.machine import Act, IllegalAct
from moderation.casework.notes import Notes
from moderation.casework.rights import Rights, desk_rights
from moderation.gate.edits import Change, Edits
from moderation.store import cases as store
from moderation.store import queue, teams
from moderation.store.cases import CaseRow

NOTE_CHARS_MAX = 4_000

_WHY = {
    "held": "Someone else has this case at the moment. You can take it over if they agree or are gone.",
    "closed": "This case is closed.",
    "not_yours": "You don't hold this case.",
    "nothing_to_appeal": "There is no decision to disagree with yet.",
    "not_care": "That is for cases of the care lane.",
    "not_conduct": "That is for cases of the conduct lane.",
    "same_person": "You made this decision; someone else answers the appeal.",
    "appeal_waits": "The author disagrees: somebody else must answer before this can be closed.",
    "appeal_window": "The author may still disagree; this closes by itself when that time is over.",
    "decided_already": "This was decided already.",
    "nothing_left": "A case needs at least one message.",
    "not_in_case": "That message isn't part of this case.",
}

Also = Callable[[Tx, CaseRow, datetime], Awaitable[Change | None]]


@dataclass(frozen=True, slots=True)
class Who:
    member_id: MemberId
    is_operator: bool


@dataclass(frozen=True, slots=True)
class Doing:
    """One act on one case at a version that the person has seen. `also` runs in the same transaction before
    the case is locked: words' locks come first, as in the gate."""

    what: Act
    note: str | None = None
    also: Also | None = None


@dataclass(frozen=True, slots=True)
class Hands:
    """What the desk works with: words that readers see, cases, sealed notes."""

    edits: Edits
    casework: Casework
    notes: Notes


class DeskGround:
    def __init__(self, database: Database, clock: Clock, bus: Bus, hands: Hands) -> None:
        self.database = database
        self.clock = clock
        self.bus = bus
        self.edits = hands.edits
        self.casework = hands.casework
        self.notes = hands.notes

    async def rights(self, conn: Conn, who: Who) -> Rights:
        """What this person may work on. Raises NotFound for whom there is no desk."""
        return await desk_rights(conn, who.member_id, is_operator=who.is_operator)

    async def visible(self, conn: Conn, who: Who, id: CaseId) -> tuple[CaseRow, Rights]:
        """The case, if it exists for this person. Raises NotFound."""
        rights = await self.rights(conn, who)
        row = await store.get(conn, id)
        if row is None or not rights.may_see(row, await queue.sight(conn, id)):
            raise NotFound
        return row, rights

    async def act(self, who: Who, id: CaseId, version: int, doing: Doing) -> CaseRow:
        """Do it. Raises NotFound, Conflict with a stable code, and whatever `also` raises."""
        async with self.database.transaction() as tx:
            after, change = await self.act_in(tx, who, id, version, doing)
        self.edits.ring(change)
        self.bus.ring("desk", id)
        return after

    async def act_in(
        self, tx: Tx, who: Who, id: CaseId, version: int | None, doing: Doing
    ) -> tuple[CaseRow, Change | None]:
        """As `act`, in the caller's transaction, who rings after the commit. `version` None: at whatever it
        is, for what has happened already outside."""
        now = self.clock.now()
        await self.visible(tx, who, id)
        change: Change | None = None
        if doing.also is not None:
            seen = await store.get(tx, id)
            assert seen is not None, "it was visible in this transaction"
            check_version(seen, version)
            change = await doing.also(tx, seen, now)
        row = await store.lock(tx, id)
        assert row is not None, "cases are never deleted"
        check_version(row, version)
        try:
            note = None if doing.note is None else await self.notes.seal(tx, id, doing.note)
            after = await act(tx, row, doing.what, by=who.member_id, now=now, note=note)
        except IllegalAct as illegal:
            raise conflict(illegal) from None
        return after, change


def conflict(illegal: IllegalAct) -> Conflict:
    """Why it isn't possible, in words."""
    say = _WHY.get(illegal.why, "That isn't possible in the state that this case is in.")
    return Conflict(say, code=illegal.why if illegal.why in _WHY else "conflict")


async def subject_of(conn: Conn, row: CaseRow) -> MemberId | None:
    """Whom the case is about."""
    return row.member_id if row.case.lane == "care" else await teams.subject_of(conn, row.message_id)


def check_version(row: CaseRow, version: int | None) -> None:
    """Raises Conflict when the case has moved since this person looked."""
    if version is not None and row.case.version != version:
        raise Conflict(extra={"version": row.case.version})


def staff_words(text: str) -> str:
    """Internal words, trimmed. Raises Invalid."""
    clean = text.strip()
    if not 1 <= len(clean) <= NOTE_CHARS_MAX or "\0" in clean:
        raise Invalid(f"Please write 1 to {NOTE_CHARS_MAX} characters, so that the next person understands.")
    return clean
