"""Ways back in for someone who forgot their password: codes on paper, and a link by e-mail.

Neither tells whether an account or an address is known here. A way back in ends every session, so that
whoever else was signed in is out.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from community import handles
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import FieldError, Invalid, TooFast
from community.ids import MemberId, SessionId
from community.passwords import Passwords
from community.people import FAILURE_WINDOW, FAILURES_MAX, check_email, check_password
from community.store import people, recovery, sessions
from community.tokens import new_token, token_hash
from community.web.words import _

CODES = 8
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters and digits that can't be taken for one another when copied by hand."""
LINK_LASTS = timedelta(minutes=30)
LINKS_PER_HOUR = 3
ASKED_MAX = 10
"""E-mail links that one client address may ask for in 15 minutes; a clinic shares one."""
_ASKING = "recovery by mail"


class Mailer(Protocol):
    """How mail leaves the house; server/mailing.py implements it."""

    @property
    def is_there(self) -> bool:
        """Whether a mail server is set up at all."""

    def post(self, to: str, subject: str, body: str) -> None:
        """Send soon, in the background. Failures are logged without the address."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What a member has: codes that are left, and whether a link could be mailed."""

    codes_left: int
    by_mail: bool


class Recovery:
    """`base_url` is where links lead: from the settings, never from a request's Host, which a stranger
    could choose."""

    def __init__(
        self, database: Database, clock: Clock, passwords: Passwords, bus: Bus, *, mail: tuple[Mailer, str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._bus = bus
        self.mailer, self._base_url = mail

    async def ways(self, member: MemberId) -> Ways:
        async with self._database.read() as conn:
            row = await people.by_id(conn, member)
            left = await recovery.codes_left(conn, member)
        return Ways(left, by_mail=self.mailer.is_there and row is not None and bool(row.email))

    async def new_codes(self, member: MemberId) -> list[str]:
        """Fresh codes, shown this once; earlier ones open nothing any more."""
        codes = [_new_code() for _n in range(CODES)]
        async with self._database.transaction() as tx:
            await recovery.put_codes(tx, member, [_code_hash(c) for c in codes], now=self._clock.now())
        return codes

    async def by_code(self, handle: str, code: str, password: str, address: str) -> None:
        """A new password for whoever holds one of the account's codes. Raises Invalid, and TooFast past the
        limit of failed sign-ins, which it shares: a wrong code and an unknown name look the same."""
        check_password(password)
        folded, hashed_code = handles.folded(handle.strip())[:200], _code_hash(code)
        async with self._database.read() as conn:
            await self._check_tries(conn, folded, address, FAILURES_MAX)
            member = await people.by_handle(conn, folded)
            right = member is not None and await recovery.has_code(conn, member.id, hashed_code)
        hashed = await self._passwords.hash(password)  # always: the right code costs what a wrong one does
        async with self._database.transaction() as tx:
            now = self._clock.now()
            if (
                member is None
                or not right
                or not await recovery.use_code(tx, member.id, hashed_code, now=now)
            ):
                await sessions.add_failure(tx, folded, address, now=now, forget_before=now - FAILURE_WINDOW)
                ended = None
            else:
                await sessions.clear_failures(tx, folded, address)
                ended = await self._open(tx, member.id, hashed)
        if ended is None:
            say = _("That name and code don't belong together, or the code was used already.")
            raise Invalid(say, code="wrong_code", fields=(FieldError("code", say),))
        for session in ended:
            self._bus.ring("session", session)

    async def count_asking(self, email: str, address: str) -> str:
        """The address in the form that is looked up, counted against the limit. Raises Invalid for what is
        no e-mail address at all, and TooFast."""
        wanted = check_email(email)
        if wanted is None:
            say = _("Please write your e-mail address.")
            raise Invalid(say, fields=(FieldError("email", say),))
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await self._check_tries(tx, _ASKING, address, ASKED_MAX)
            await sessions.add_failure(tx, _ASKING, address, now=now, forget_before=now - FAILURE_WINDOW)
        return wanted

    async def mail_links(self, email: str) -> None:
        """Mail a link to each account of this address, if there is one. Run it after the answer went out:
        how long it takes must not tell anybody what it found."""
        now = self._clock.now()
        links: list[str] = []
        async with self._database.transaction() as tx:
            for member in await recovery.members_of_email(tx, email):
                if await recovery.links_since(tx, member, now - timedelta(hours=1)) < LINKS_PER_HOUR:
                    token = new_token()
                    await recovery.add_link(tx, member, token_hash(token), now=now, expires=now + LINK_LASTS)
                    links.append(f"{self._base_url}/recover/link/{token}")
        for link in links:
            self.mailer.post(email, _("The link you asked for"), _letter(link))

    async def stands(self, token: str) -> bool:
        """Whether the link still opens something. Looking spends nothing: mail scanners look."""
        async with self._database.read() as conn:
            return await recovery.of_link(conn, token_hash(token), now=self._clock.now()) is not None

    async def by_link(self, token: str, password: str) -> None:
        """A new password by the link, once. Raises Invalid."""
        check_password(password)
        hashed, now, link = await self._passwords.hash(password), self._clock.now(), token_hash(token)
        ended = None
        async with self._database.transaction() as tx:
            member = await recovery.of_link(tx, link, now=now)
            if member is not None and await recovery.use_links(tx, member, link, now=now):
                ended = await self._open(tx, member, hashed)
        if ended is None:
            raise Invalid(_("This link was used already, or it is too old."), code="link_ended")
        for session in ended:
            self._bus.ring("session", session)

    async def _open(self, tx: Tx, member: MemberId, password_hash: str) -> list[SessionId]:
        await people.set_password(tx, member, password_hash)
        return await sessions.revoke_all(tx, member, now=self._clock.now())

    async def _check_tries(self, conn: Conn, key: str, address: str, most: int) -> None:
        since = self._clock.now() - FAILURE_WINDOW
        if await sessions.count_failures(conn, key, address, since=since) >= most:
            raise TooFast(
                _("Too many tries from here. Please wait a quarter of an hour."),
                retry_after_s=FAILURE_WINDOW.total_seconds(),
            )


def _new_code() -> str:
    letters = "".join(secrets.choice(CODE_LETTERS) for _n in range(16))
    return "-".join(letters[n : n + 4] for n in range(0, 16, 4))


def _code_hash(code: str) -> bytes:
    """80 random bits need no slow hash. What people type differently (case, dashes, spaces) is the same."""
    return token_hash("".join(c for c in code.upper() if c.isalnum())[:64])


def _letter(link: str) -> str:
    """Nothing in it says what kind of place this is: it may be read by others on a shared device."""
    return "\n\n".join(
        (
            _(
                "You, or someone who typed your address, asked for this link. It works once, for half an hour:"
            ),
            link,
            _("If it wasn't you, you can throw this away. Nothing has changed."),
        )
    )
