"""`kith operator`: the way in for the person who runs the server.

Whoever can reach the data directory may already do everything, so no password is asked, and no rule about
handles stands in the way of one who has locked themselves out.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Never

from community.bus import LocalBus
from community.clock import SystemClock
from community.database import Database
from community.errors import Invalid
from community.passwords import Passwords
from community.people import People
from community.store import people as store

PASSWORD_BYTES: Final = 15  # 20 characters, 120 bits


@dataclass(frozen=True, slots=True)
class Raised:
    """What happened. `password` is only there when we made one up; it is shown this once."""

    is_new: bool
    password: str | None


class _NobodyToJudge:
    """People wants a gate for what strangers write; an operator at the command line is none."""

    def judge(self, words: object) -> Never:
        raise AssertionError("words of the command line are not judged")

    async def keep(self, tx: object, judged: object, *, author: object, group: object) -> Never:
        raise AssertionError("words of the command line are not kept")


async def has_operator(dsn: str) -> bool:
    """Whether anybody runs this server yet."""
    database = await Database.connect(dsn, pool_max=1)
    try:
        async with database.read() as conn:
            return await store.any_operator(conn)
    finally:
        await database.close()


async def raise_operator(dsn: str, handle: str, password: str | None) -> Raised:
    """Create the account or raise it; makes up a password for a new one without. Raises Invalid."""
    database = await Database.connect(dsn, pool_max=2)
    passwords = Passwords()
    people = People(database, SystemClock(), passwords, _NobodyToJudge(), LocalBus())
    try:
        try:
            _, is_new = await people.raise_operator(handle, password)
            return Raised(is_new, None)
        except Invalid as invalid:
            if password is not None or invalid.code != "bad_password":
                raise
        made_up = secrets.token_urlsafe(PASSWORD_BYTES)
        _, is_new = await people.raise_operator(handle, made_up)
        return Raised(is_new, made_up)
    finally:
        passwords.close()
        await database.close()
