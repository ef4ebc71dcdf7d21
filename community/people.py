"""Accounts: signing up and in and out, one's own settings, blocks and mutes.

The pages and the API call these same functions. Nothing here knows of HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from zoneinfo import available_timezones

from community import consents, handles
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, TooFast, WrongPassword
from community.ids import MemberId, SessionId, new_id
from community.judging import Gatekeeper, Words
from community.passwords import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Passwords
from community.store import people as store
from community.store import sessions
from community.tokens import new_token, token_hash

SESSION_LASTS = timedelta(days=30)
FAILURES_MAX = 5
FAILURE_WINDOW = timedelta(minutes=15)
"""protocol.md: five failed sign-ins per 15 minutes, per account and address."""
RESTS = (
    "Nobody can sign in to this account at the moment. If it is yours, please write to the people who run this "
    "place: they can open it again."
)


@dataclass(frozen=True, slots=True)
class SignUp:
    handle: str
    password: str
    consents: dict[str, int]
    country: str | None = None
    language: str = "en"
    email: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session. `token` is shown this once."""

    member_id: MemberId
    handle: str
    session_id: SessionId
    token: str
    warnings: tuple[str, ...] = ()
    support: Any | None = None


@dataclass(frozen=True, slots=True)
class Doorway:
    """Through which door, from where and with what a person signs in."""

    door: Literal["cookie", "bearer"]
    address: str
    label: str


OnBlock = Callable[[Tx, MemberId, MemberId], Awaitable[Callable[[], None]]]
"""What a block means elsewhere, in the same transaction: (who blocks, whom). Answers what to ring after it."""


class People:
    """Use-cases of accounts. Each write is one transaction."""

    def __init__(
        self, database: Database, clock: Clock, passwords: Passwords, gate: Gatekeeper, bus: Bus
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._gate = gate
        self._bus = bus
        self.failures_max = FAILURES_MAX
        self.on_block: list[OnBlock] = []

    async def sign_up(self, form: SignUp, doorway: Doorway) -> SignedIn:
        """A new member and a first session. Raises Invalid (handle, password, consents) or Conflict."""
        handle = handles.check(form.handle)
        check_password(form.password)
        agreed = consents.check(form.consents)
        country, language = check_country(form.country), check_language(form.language)
        judged = self._gate.judge(Words(handles.spoken(handle), "handle"))
        if judged.is_refused:
            raise Invalid(
                "Please choose another name; this one may hurt people here.",
                code="bad_handle",
                fields=(FieldError("handle", "Please choose another name."),),
            )
        member = store.NewMember(
            id=MemberId(new_id()),
            handle=handle,
            handle_folded=handles.folded(handle),
            password_hash=await self._passwords.hash(form.password),
            email=check_email(form.email),
            country=country,
            language=language,
            is_operator=False,
        )
        support = None
        async with self._database.transaction() as tx:
            if not await store.add(tx, member, now=self._clock.now()):
                raise _taken()
            await store.add_consents(tx, member.id, agreed, now=self._clock.now())
            if judged.has_care:
                support = (await self._gate.keep(tx, judged, author=member.id, group=None)).support
            signed = await self._open_session(tx, member.id, handle, doorway)
        return SignedIn(
            signed.member_id, handle, signed.session_id, signed.token, handles.warnings(handle), support
        )

    async def sign_in(self, handle: str, password: str, doorway: Doorway) -> SignedIn:
        """A session for the right password. Raises WrongPassword, Forbidden for an account at rest, or TooFast
        past the limit; an unknown handle costs the same argon2 as a known one."""
        folded = handles.folded(handle.strip())[:200]
        now = self._clock.now()
        async with self._database.read() as conn:
            await self._check_tries(conn, folded, doorway.address)
            rests = await store.resting(conn, folded)
            member = rests or await store.by_handle(conn, folded)
        right = len(password) <= PASSWORD_CHARS_MAX and await self._passwords.matches(
            member.password_hash if member else None, password
        )
        async with self._database.transaction() as tx:
            # Once more, one after the other: tries sent side by side all found none before them.
            await sessions.hold_tries(tx, folded, doorway.address)
            await self._check_tries(tx, folded, doorway.address)
            if member is None or not right:
                await sessions.add_failure(
                    tx, folded, doorway.address, now=now, forget_before=now - FAILURE_WINDOW
                )
            else:
                await sessions.clear_failures(tx, folded, doorway.address)
                if not rests:
                    return await self._open_session(tx, member.id, member.handle, doorway)
        if rests and right:  # told to nobody but who knows the password
            raise Forbidden(RESTS, code="account_rests")
        raise WrongPassword

    async def _check_tries(self, conn: Conn, folded: str, address: str) -> None:
        since = self._clock.now() - FAILURE_WINDOW
        if await sessions.count_failures(conn, folded, address, since=since) >= self.failures_max:
            raise TooFast(
                "Too many tries from here. Please wait a quarter of an hour.",
                retry_after_s=FAILURE_WINDOW.total_seconds(),
            )

    async def sign_out(self, member: MemberId, session: SessionId) -> None:
        """End one of the member's own sessions; its sockets close within a second. Raises NotFound."""
        async with self._database.transaction() as tx:
            if not await sessions.revoke(tx, member, session, now=self._clock.now()):
                raise NotFound
        self._bus.ring("session", session)

    async def sessions(self, member: MemberId) -> list[sessions.SessionView]:
        async with self._database.read() as conn:
            return await sessions.of_member(conn, member, now=self._clock.now())

    async def me(self, member: MemberId) -> store.MemberRow:
        async with self._database.read() as conn:
            row = await store.by_id(conn, member)
        if row is None:
            raise NotFound
        return row

    async def change(self, member: MemberId, changes: dict[str, Any]) -> store.MemberRow:
        """Change one's e-mail, country, language, time zone or settings. Raises Invalid."""
        clean: dict[str, Any] = {"settings": check_settings(changes.get("settings") or {})}
        if changes.get("email") is not None:
            clean["email"] = check_email(changes["email"])
            clean["forget_email"] = clean["email"] is None
        if changes.get("country") is not None:
            clean["country"] = check_country(changes["country"])
            clean["forget_country"] = clean["country"] is None
        if changes.get("language") is not None:
            clean["language"] = check_language(changes["language"])
        if changes.get("time_zone") is not None:
            clean["time_zone"] = check_time_zone(changes["time_zone"])
        async with self._database.transaction() as tx:
            await store.update(tx, member, clean)
        self._bus.ring("member", member)
        return await self.me(member)

    async def check_new_email(self, member: MemberId, email: str, password: str) -> None:
        """Where another address is to be kept, asks for the password: a link mailed there opens the account, and
        a phone that somebody borrowed for a minute must not be worth that much. Raises Invalid, WrongPassword."""
        wanted = check_email(email)
        if wanted is not None and wanted != (await self.me(member)).email:
            await self.check_own_password(member, password)

    async def change_password(self, member: MemberId, old: str, new: str, *, keep: SessionId) -> None:
        """A new password; every other session ends. Raises WrongPassword or Invalid."""
        check_password(new)
        await self.check_own_password(member, old)
        hashed = await self._passwords.hash(new)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await store.set_password(tx, member, hashed)
            others = await sessions.revoke_all(tx, member, now=now, keep=keep)
        for other in others:
            self._bus.ring("session", other)

    async def check_own_password(self, member: MemberId, password: str) -> None:
        """Raises WrongPassword unless `password` is the member's."""
        row = await self.me(member)
        if len(password) > PASSWORD_CHARS_MAX or not await self._passwords.matches(
            row.password_hash, password
        ):
            raise WrongPassword("That isn't your password.")

    async def block(self, member: MemberId, other: MemberId, *, on: bool) -> None:
        """Stop (or resume) seeing another member, live too. Raises NotFound, Invalid for oneself."""
        await self._check_other(member, other)
        async with self._database.transaction() as tx:
            await store.set_block(tx, member, other, on=on, now=self._clock.now())
            rings = [await hear(tx, member, other) for hear in self.on_block] if on else []
        self._bus.ring("member", member)
        self._bus.ring("member", other)
        for ring in rings:
            ring()

    async def mute(self, member: MemberId, other: MemberId, *, on: bool) -> None:
        """Fold (or unfold) another member's words in one's own pages. Raises as `block` does."""
        await self._check_other(member, other)
        async with self._database.transaction() as tx:
            await store.set_mute(tx, member, other, on=on, now=self._clock.now())

    async def notices_read(self, member: MemberId) -> None:
        """All letters so far count as read."""
        async with self._database.transaction() as tx:
            await store.mark_notices_read(tx, member, now=self._clock.now())

    async def raise_operator(self, handle: str, password: str | None) -> tuple[MemberId, bool]:
        """The command line's way in: create or raise an account. Changes an existing password only when
        one is given, and then ends its sessions. Returns the id and whether the account is new. Raises
        Invalid without a password for a new one."""
        name = handles.check(handle)
        if password is not None:
            check_password(password)
        hashed = None if password is None else await self._passwords.hash(password)
        async with self._database.transaction() as tx:
            known = await store.by_handle(tx, handles.folded(name))
            if known is not None:
                await store.make_operator(tx, known.id)
                if hashed is not None:
                    await store.set_password(tx, known.id, hashed)
                    await sessions.revoke_all(tx, known.id, now=self._clock.now())
                return known.id, False
            if hashed is None:
                raise Invalid("A new account needs a password.", code="bad_password")
            id = MemberId(new_id())
            new = store.NewMember(id, name, handles.folded(name), hashed, None, None, "en", True)
            if not await store.add(tx, new, now=self._clock.now()):
                raise _taken()
            return id, True

    async def _open_session(self, tx: Tx, member: MemberId, handle: str, doorway: Doorway) -> SignedIn:
        token, id, now = new_token(), SessionId(new_id()), self._clock.now()
        await sessions.create(
            tx,
            member,
            token_hash=token_hash(token),
            door=doorway.door,
            label=doorway.label[:80],
            now=now,
            expires_at=now + SESSION_LASTS,
            id=id,
        )
        return SignedIn(member, handle, id, token)

    async def _check_other(self, member: MemberId, other: MemberId) -> None:
        if member == other:
            raise Invalid("That is you.", code="oneself")
        async with self._database.read() as conn:
            if await store.by_id(conn, other) is None:
                raise NotFound


def check_password(password: str) -> None:
    """Raises Invalid unless the password has a sensible length; what it is made of is the person's."""
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        say = (
            f"A password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters. A sentence works well."
        )
        raise Invalid(say, code="bad_password", fields=(FieldError("password", say),))


_NO_PART_OF_AN_ADDRESS = '"(),:;<>[]\\'
"""In a mail's header these divide addresses or hide some: one field must never write to several people."""


def check_email(email: str | None) -> str | None:
    """The address, or None for an empty one. Only what mail needs: something, an at sign, a dot."""
    if email is None or not email.strip():
        return None
    address = email.strip()
    name, _, host = address.rpartition("@")
    if (
        len(address) > 254
        or not name
        or "." not in host
        or any(c in _NO_PART_OF_AN_ADDRESS for c in address)
        or "@" in name
        or "=?" in address
        or any(c.isspace() or not c.isprintable() for c in address)
    ):
        say = "This doesn't look like an e-mail address. You can leave it empty."
        raise Invalid(say, code="bad_email", fields=(FieldError("email", say),))
    return address


def check_country(country: str | None) -> str | None:
    """An ISO 3166-1 two-letter code, upper case."""
    if country is None or not country.strip():
        return None
    code = country.strip().upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        say = "A country is two letters, like GB or DE."
        raise Invalid(say, code="bad_country", fields=(FieldError("country", say),))
    return code


def check_language(language: str) -> str:
    """A BCP 47 tag of the simple kind: "en", "pt-BR"."""
    tag = language.strip()
    if not (2 <= len(tag) <= 12 and tag.isascii() and tag.replace("-", "").isalnum()):
        say = "A language is a short code, like en or pt-BR."
        raise Invalid(say, code="bad_language", fields=(FieldError("language", say),))
    return tag


def check_time_zone(zone: str) -> str:
    """An IANA zone that this machine knows."""
    if zone not in available_timezones():
        say = "We don't know this time zone. It looks like Europe/London."
        raise Invalid(say, code="bad_time_zone", fields=(FieldError("time_zone", say),))
    return zone


_SETTINGS: dict[str, type] = {
    "presence": bool,  # others may see that I am here
    "theme": str,
    "discreet": bool,
    "email_notices": bool,
}


def check_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Only settings that we know, of their kind. Raises Invalid naming the others."""
    wrong = tuple(
        FieldError(
            f"settings.{name}", "We don't know this setting." if name not in _SETTINGS else "Not of its kind."
        )
        for name, value in settings.items()
        if name not in _SETTINGS or not isinstance(value, _SETTINGS[name]) or len(str(value)) > 40
    )
    if wrong:
        raise Invalid(code="bad_setting", fields=wrong)
    return settings


def _taken() -> Conflict:
    say = "Somebody has this name already. Please choose another."
    return Conflict(say, code="handle_taken")
