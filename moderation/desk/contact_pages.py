"""A member's own page for an emergency: whom to reach if their life is in danger. Sealed as soon as it is sent.

Nobody reads it back, not even its writer: whoever looks over a shoulder sees only whether one is kept. Its note is
judged like all words: who writes there that they are in danger now is heard now.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from community.clock import Clock
from community.database import Database
from community.errors import FieldError, Invalid
from community.ids import MemberId
from community.judging import Words
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.sealed import Keys
from moderation.casework.second_person import SealedContact
from moderation.gate.words import Keeper, heard
from moderation.pipeline.types import Tier
from moderation.store import sealed_boxes

CONTACT_CHARS_MAX = 500


class Contacts:
    """Keeping one; pages and API alike."""

    def __init__(self, keys: Keys, keeper: Keeper, database: Database, clock: Clock) -> None:
        self._keys = keys
        self._keeper = keeper
        self._database = database
        self._clock = clock

    async def keep(self, member: MemberId, contact: SealedContact, *, reachable: bool = False) -> Any | None:
        """Only two people together open it, when a life is in danger, and the member hears of it. Where the note
        says that theirs is in danger now, the note (never the contact) is kept for a person too, and the support
        card is answered. `reachable`: it must say where. Raises Invalid, with the card as `extra["support"]`."""
        words = Words(contact.note, "letter")
        try:
            _check(contact, reachable=reachable)
        except Invalid as why:
            raise await heard(self._database, self._keeper, words, member, why) from None
        judged = self._keeper.judge(words)
        box = self._keys.seal(msgspec.json.encode(contact), f"contact:{member}")
        kept = None
        async with self._database.transaction() as tx:
            if judged.decision.tier >= Tier.red:  # less isn't worth breaking a seal for
                kept = await self._keeper.keep(tx, judged, author=member, group=None)
            await sealed_boxes.put_contact(tx, member, box, now=self._clock.now())
        return None if kept is None else kept.support


class ContactPages:
    def __init__(self, contacts: Contacts, database: Database) -> None:
        self._contacts = contacts
        self._database = database

    def pages(self) -> list[Page]:
        path = "/me/emergency-contact"
        return [Page("GET", path, self.show), Page("POST", path, self.keep, again=self.show)]

    async def show(self, visit: Visit) -> Response:
        async with self._database.read() as conn:
            found = await sealed_boxes.contact(conn, visit.signed().member_id)
        since = None if found is None else found[1]
        return visit.render("moderation/emergency_contact.html", since=since, chars_max=CONTACT_CHARS_MAX)

    async def keep(self, visit: Visit) -> Response:
        form, member = await visit.form(), visit.signed().member_id
        if form.get("act") == "drop":
            async with self._database.transaction() as tx:
                await sealed_boxes.drop_contact(tx, member)
            return visit.redirect("/me/emergency-contact", say=_("Taken back. Nothing is kept any more."))
        contact = SealedContact(*(form.get(name) for name in ("name", "phone", "address", "note")))
        support = await self._contacts.keep(member, contact, reachable=True)
        if support is not None:
            return visit.render("support_page.html", support=support, onward="/me/emergency-contact")
        return visit.redirect(
            "/me/emergency-contact", say=_("Sealed. Nobody reads it unless your life is in danger.")
        )


def _check(contact: SealedContact, *, reachable: bool) -> None:
    """Raises Invalid for what can't be kept or would reach nobody."""
    values = msgspec.structs.astuple(contact)
    if not any(v.strip() for v in values) or any(len(v) > CONTACT_CHARS_MAX or "\0" in v for v in values):
        say = _("Please write something, at most %(n)d characters a field.") % {"n": CONTACT_CHARS_MAX}
        raise Invalid(say, code="bad_contact")
    if reachable and not (contact.phone or contact.address):
        raise Invalid(fields=(FieldError("phone", _("Please give a phone number or an address.")),))
