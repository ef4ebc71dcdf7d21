"""Showing that an e-mail address is one's own: a link to it, good once, and a button behind the link.

Mail scanners follow links, so looking confirms nothing. Until an address is confirmed nothing else goes to it:
whoever mistypes theirs doesn't make a stranger read of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from community.clock import Clock
from community.database import Database
from community.errors import FieldError, Invalid, TooFast
from community.ids import MemberId
from community.recovery import Mailer
from community.store import confirmed_emails as store
from community.tokens import new_token, token_hash
from community.web.words import _

LASTS: Final = timedelta(days=2)
PER_HOUR: Final = 3


class Addresses:
    def __init__(self, database: Database, clock: Clock, mailer: Mailer, base: str) -> None:
        self._database = database
        self._clock = clock
        self._base = base
        self.mailer = mailer

    async def send_link(self, member: MemberId) -> None:
        """Raises Invalid without an address or a mail server, TooFast."""
        now, token = self._clock.now(), new_token()
        async with self._database.transaction() as tx:
            address = await store.of(tx, member)
            if address.email is None or not self.mailer.is_there:
                say = _("Please give us your e-mail address first.")
                raise Invalid(say, code="no_address", fields=(FieldError("email", say),))
            if await store.links_since(tx, member, now - timedelta(hours=1)) >= PER_HOUR:
                raise TooFast(_("We have sent you links already. Please wait an hour."), retry_after_s=3600)
            await store.add_link(
                tx, member, address.email, token_hash=token_hash(token), now=now, expires=now + LASTS
            )
        self.mailer.post(address.email, _("The link you asked for"), _letter(f"{self._base}/confirm/{token}"))

    async def stands(self, token: str) -> bool:
        """Whether the link still confirms something. Looking spends nothing."""
        async with self._database.read() as conn:
            return await store.of_link(conn, token_hash(token), now=self._clock.now()) is not None

    async def confirm(self, token: str) -> None:
        """Raises Invalid for a link that ended."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            member = await store.of_link(tx, token_hash(token), now=now)
            if member is not None:
                await store.confirm(tx, member, now=now)
        if member is None:
            raise Invalid(_("This link was used already, or it is too old."), code="link_ended")


def _letter(link: str) -> str:
    """Nothing in it says what kind of place this is."""
    return "\n\n".join(
        (
            _("You, or someone who typed your address, asked for this link. It works once, for two days:"),
            link,
            _("If it wasn't you, you can throw this away. Nothing more will come."),
        )
    )
