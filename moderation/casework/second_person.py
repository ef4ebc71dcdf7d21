"""Asking a second person, and doing what two have agreed to: contact, removal for good, erasure, memorial.

What is done stands in the case's history (Signed) and in the audit log; who must know is told in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from community.database import Tx
from community.errors import Conflict, Forbidden, Invalid, NotFound
from community.ids import CaseId, MemberId, MessageId, new_id
from community.store import retention
from moderation.casework import memorial, two_people
from moderation.casework.break_glass import MEMBER_TOLD_AFTER, tell_staff
from moderation.casework.case import IllegalAct
from moderation.casework.casework import act
from moderation.casework.machine import Signed
from moderation.casework.notes import Notes
from moderation.casework.sealed import CantOpen, Keys
from moderation.casework.two_people import Kind, Signature
from moderation.desk.ground import DeskGround, Who, staff_words
from moderation.evidence import chain
from moderation.gate.edits import Change
from moderation.pipeline.types import Tier
from moderation.store import audit, sealed_boxes
from moderation.store import cases as cases_store
from moderation.store import signatures as store
from moderation.store.cases import CaseRow
from moderation.store.signatures import Broken

CONTACT_OPEN_FOR = timedelta(hours=1)

_WHY = {
    "answered": "This was answered already.",
    "same_signer": "You asked for this; somebody else must look at it.",
    "expired": "This was asked more than a day ago. Please ask again.",
    "not_asked_by_you": "Whoever asked acts alone, or nobody.",
    "needs_two": "This can wait for a second person.",
    "wait": "Somebody may still answer: three minutes from when you asked.",
    "nothing_to_review": "There is nothing to review.",
}


class SealedContact(msgspec.Struct, frozen=True):
    """Whom to reach, as the member left it for an emergency."""

    name: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    kind: Kind
    reason: str
    message: MessageId | None = None


class SecondPerson:
    def __init__(self, ground: DeskGround, notes: Notes, keys: Keys) -> None:
        self._ground = ground
        self._notes = notes
        self._keys = keys

    async def ask(self, who: Who, id: CaseId, wanted: Wanted) -> Signature:
        """Ask for a second person. Raises NotFound, Invalid, Conflict when it is being asked already or
        can't be done in this case."""
        reason, now = staff_words(wanted.reason), self._ground.clock.now()
        asked = Signature(new_id(), id, wanted.kind, wanted.message, who.member_id, now)
        async with self._ground.database.transaction() as tx:
            await self._ground.visible(tx, who, id)
            row = await cases_store.lock(tx, id)
            assert row is not None, "it was visible"
            await self._check(tx, row, wanted)
            if not await store.add(tx, asked, reason=await self._notes.seal(tx, id, reason)):
                raise Conflict("This is being asked already.", code="asked")
            await self._note(tx, row, asked, who.member_id, "asked")
            await tell_staff(tx, row.team_id, "second_person", besides=who.member_id, now=now)
        self._ground.bus.ring("desk", id)
        return asked

    async def answer(self, who: Who, id: UUID, *, yes: bool) -> Signature:
        """The second person's word; yes does it. Raises NotFound, Conflict."""
        now = self._ground.clock.now()
        changes: list[Change] = []
        async with self._ground.database.transaction() as tx:
            asked, row = await self._find(tx, who, id)
            done = _tried(lambda: two_people.answer(asked, who.member_id, now, yes=yes))
            if yes and done.kind == "remove_for_good":  # words' locks come before the case's, as in the gate
                changes = await self._remove(tx, done, now)
            if yes and done.kind == "memorial" and row.member_id is not None:
                changes = await memorial.hide_methods(self._ground, tx, row.member_id, now=now)
            locked = await cases_store.lock(tx, row.id)
            assert locked is not None, "it was visible"
            await store.update(tx, done)
            row = await self._note(tx, locked, done, who.member_id, done.state)
            if yes:
                await self._carry_out(tx, row, done, now)
        for change in changes:
            self._ground.edits.ring(change)
        if yes and done.kind == "memorial" and row.member_id is not None:
            self._ground.bus.ring("member", row.member_id)  # who is signed in as them is out
        self._ground.bus.ring("desk", row.id)
        return done

    async def alone(self, who: Who, id: UUID) -> Signature:
        """Open the emergency contact although nobody answered: a crisis, three minutes after asking. Another
        person reviews it within a day. Raises NotFound, Conflict."""
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            asked, seen = await self._find(tx, who, id)
            row = await cases_store.lock(tx, seen.id)
            assert row is not None, "it was visible"
            crisis = row.case.lane == "care" and row.case.tier is Tier.crisis and row.case.state != "closed"
            done = _tried(lambda: two_people.alone(asked, who.member_id, now, crisis=crisis))
            await store.update(tx, done)
            row = await self._note(tx, row, done, who.member_id, "alone")
            await self._carry_out(tx, row, done, now)
        self._ground.bus.ring("desk", row.id)
        return done

    async def review(self, who: Who, id: UUID, *, right: bool) -> Signature:
        """Another person has looked at what was done alone. Raises NotFound, Conflict."""
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            done, seen = await self._find(tx, who, id)
            row = await cases_store.lock(tx, seen.id)
            assert row is not None, "it was visible"
            looked = _tried(lambda: two_people.reviewed(done, who.member_id, now, right=right))
            await store.update(tx, looked)
            await self._note(tx, row, looked, who.member_id, "reviewed")
        return looked

    async def of_case(self, who: Who, id: CaseId) -> list[Signature]:
        async with self._ground.database.read() as conn:
            await self._ground.visible(conn, who, id)
            return await store.of_case(conn, id)

    async def contact(self, who: Who, id: UUID) -> SealedContact:
        """What the member left, for the two who agreed (or the one who acted alone), for an hour. Each look is
        in the audit log. Raises NotFound, Forbidden, Conflict."""
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            done, row = await self._find(tx, who, id)
            if done.kind != "open_contact" or not done.may_be_done:
                raise Conflict("Nobody has agreed to this yet.", code="not_agreed")
            if who.member_id not in (done.asked_by, done.answered_by):
                raise Forbidden("Only who asked and who agreed can read it.")
            assert done.answered_at is not None, "done means answered"
            if now - done.answered_at > CONTACT_OPEN_FOR:
                raise Conflict("The hour is over. Please ask again.", code="expired")
            found = None if row.member_id is None else await sealed_boxes.contact(tx, row.member_id)
            if found is None or row.member_id is None:
                raise NotFound
            said = chain.entry("contact.seen", who.member_id, row.id, signature=str(id))
            await audit.append(tx, [said], now=now)
            try:
                plain = self._keys.open(found[0], f"contact:{row.member_id}")
            except CantOpen:
                raise Conflict("The key to this contact is gone.", code="cant_open") from None
        return msgspec.json.decode(plain, type=SealedContact)

    # ---- inner

    async def _find(self, tx: Tx, who: Who, id: UUID) -> tuple[Signature, CaseRow]:
        found = await store.lock(tx, id)
        if found is None:
            raise NotFound
        row, _ = await self._ground.visible(tx, who, found.case_id)
        return found, row

    async def _check(self, tx: Tx, row: CaseRow, wanted: Wanted) -> None:
        if wanted.kind == "remove_for_good":
            if wanted.message is None or wanted.message not in row.case.messages:
                raise Invalid("Please choose a message of this case.", code="not_in_case")
            return
        if wanted.message is not None:
            raise Invalid("This is about the whole case.", code="bad_request")
        if wanted.kind == "erase_case" and row.case.state != "closed":
            raise Conflict("Only a closed case can be erased.", code="not_closed")
        if wanted.kind in ("open_contact", "memorial") and (row.case.lane != "care" or row.member_id is None):
            raise Conflict("That is for cases of the care lane.", code="not_care")
        if (
            wanted.kind == "memorial"
            and row.member_id is not None
            and await store.is_memorial(tx, row.member_id)
        ):
            raise Conflict("This was confirmed already.", code="confirmed")
        if wanted.kind == "open_contact":
            assert row.member_id is not None, "checked above"
            if await sealed_boxes.contact(tx, row.member_id) is None:
                raise NotFound("This person left no contact for an emergency.", code="no_contact")

    async def _note(self, tx: Tx, row: CaseRow, what: Signature, by: MemberId, step: str) -> CaseRow:
        now = self._ground.clock.now()
        return await act(tx, row, Signed(by, what.kind, step), by=by, now=now)

    async def _carry_out(self, tx: Tx, row: CaseRow, done: Signature, now: datetime) -> None:
        match done.kind:
            case "open_contact":
                await self._open(tx, row, done, now)
            case "erase_case":
                await self._notes.erase(tx, row.id)
                await retention.empty(tx, row.case.messages)
            case "memorial":
                await memorial.remember(tx, row, done.id, now=now)
            case "remove_for_good":
                pass  # done before the case was locked

    async def _open(self, tx: Tx, row: CaseRow, done: Signature, now: datetime) -> None:
        reason = await self._notes.seal(tx, row.id, f"signature {done.id}")
        broken = Broken(
            new_id(), row.id, row.member_id, done.asked_by, "contact", now, now + MEMBER_TOLD_AFTER, None
        )
        await store.add_broken(tx, broken, reason=reason)
        await tell_staff(tx, row.team_id, "break_glass", besides=done.asked_by, now=now)

    async def _remove(self, tx: Tx, done: Signature, now: datetime) -> list[Change]:
        """Off every screen, and then the last copy."""
        assert done.message_id is not None, "checked when it was asked"
        change = await self._ground.edits.remove(tx, done.message_id, now=now, reason="for_good")
        await retention.empty(tx, [done.message_id])
        return [] if change is None else [change]


def _tried(step: Callable[[], Signature]) -> Signature:
    """Run one pure step; a no becomes a Conflict with its stable code."""
    try:
        return step()
    except IllegalAct as illegal:
        raise Conflict(_WHY[illegal.why], code=illegal.why) from None
