"""A member's own page for an emergency: whom to reach if their life is in danger. Sealed as soon as it is sent.

Nobody reads it back, not even its writer: whoever looks over a shoulder sees only whether one is kept.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from starlette.responses import Response

from community.clock import Clock
from community.database import Database, Tx
from community.errors import FieldError, Invalid
from community.ids import MemberId
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.sealed import Keys
from moderation.casework.second_person import SealedContact
from moderation.store import sealed_boxes

CONTACT_CHARS_MAX = 500


async def keep_contact(
    tx: Tx, keys: Keys, member: MemberId, contact: SealedContact, *, now: datetime
) -> None:
    """Only two people together open it, when a life is in danger, and the member hears of it. Raises Invalid."""
    values = msgspec.structs.astuple(contact)
    if not any(v.strip() for v in values) or any(len(v) > CONTACT_CHARS_MAX or "\0" in v for v in values):
        say = f"Please write something, at most {CONTACT_CHARS_MAX} characters a field."
        raise Invalid(say, code="bad_contact")
    box = keys.seal(msgspec.json.encode(contact), f"contact:{member}")
    await sealed_boxes.put_contact(tx, member, box, now=now)


class ContactPages:
    def __init__(self, keys: Keys, database: Database, clock: Clock) -> None:
        self._keys = keys
        self._database = database
        self._clock = clock

    def pages(self) -> list[Page]:
        path = "/me/emergency-contact"
        return [Page("GET", path, self.show), Page("POST", path, self.keep, again=self.show)]

    async def show(self, visit: Visit) -> Response:
        async with self._database.read() as conn:
            found = await sealed_boxes.contact(conn, visit.signed().member_id)
        since = None if found is None else found[1]
        return visit.render("moderation/emergency_contact.html", since=since, chars_max=CONTACT_CHARS_MAX)

    async def keep(self, visit: Visit) -> Response:
        form, member, now = await visit.form(), visit.signed().member_id, self._clock.now()
        if form.get("act") == "drop":
            async with self._database.transaction() as tx:
                await sealed_boxes.drop_contact(tx, member)
            return visit.redirect("/me/emergency-contact", say=_("Taken back. Nothing is kept any more."))
        contact = SealedContact(*(form.get(name) for name in ("name", "phone", "address", "note")))
        if not (contact.phone or contact.address):
            raise Invalid(fields=(FieldError("phone", _("Please give a phone number or an address.")),))
        async with self._database.transaction() as tx:
            await keep_contact(tx, self._keys, member, contact, now=now)
        return visit.redirect(
            "/me/emergency-contact", say=_("Sealed. Nobody reads it unless your life is in danger.")
        )
