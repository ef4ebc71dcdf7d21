"""The first day: a code that only whoever starts the server sees, and what it opens.

While nobody runs the server, `kith serve` prints a fresh code at each start (`kith operator` without a name does
too). Its hash is kept, so that every process knows it; it opens once, and never beside an operator.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from community import handles
from community.clock import Clock, SystemClock
from community.countries import COUNTRIES
from community.database import Database
from community.errors import Conflict, FieldError, Forbidden, Invalid
from community.people import People, check_password
from community.store import operating
from community.store import people as people_store
from community.store.operating import Organisation
from community.tokens import same, token_hash
from community.web.words import _

LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""None of them is taken for another when it is read from a screen."""
PARTS: Final = 4
PART_CHARS: Final = 4  # 16 letters of 30: 78 bits
NAME_CHARS_MAX: Final = 120


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """Who sets the server up, and what they say of their organisation."""

    code: str
    handle: str
    password: str
    organisation: Organisation


def new_code() -> str:
    """`ABCD-EFGH-JKMN-PQRS`."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(PART_CHARS)) for _ in range(PARTS))


async def make_code(dsn: str) -> str | None:
    """A fresh code for a server that nobody runs; None when somebody does. Older codes open nothing."""
    database = await Database.connect(dsn, pool_max=1)
    try:
        async with database.transaction() as tx:
            if await people_store.any_operator(tx):
                return None
            code = new_code()
            await operating.set_code(tx, _hashed(code), now=SystemClock().now())
            return code
    finally:
        await database.close()


class FirstDay:
    def __init__(self, database: Database, clock: Clock, people: People) -> None:
        self._database = database
        self._clock = clock
        self._people = people

    async def is_open(self) -> bool:
        """Whether nobody runs this server yet."""
        async with self._database.read() as conn:
            return not await people_store.any_operator(conn)

    async def open(self, person: FirstPerson) -> None:
        """Make the first operator. Raises Forbidden for a wrong code, Invalid beside its field, Conflict when
        the name is somebody's already or somebody was first."""
        check_password(person.password)
        organisation = checked(person.organisation)
        async with self._database.transaction() as tx:
            known = await operating.lock_code(tx)  # two with the same code: the second waits, and finds none
            if await people_store.any_operator(tx):
                raise Conflict(_("Somebody runs this server already."), code="set_up")
            if known is None or not same(known.hex(), _hashed(person.code).hex()):
                raise Forbidden(_("That isn't the code that the server printed last."), code="bad_code")
            if await people_store.by_handle(tx, handles.folded(handles.check(person.handle))) is not None:
                raise Conflict(_("That name is taken. Choose one that nobody uses."), code="taken")
            await self._people.raise_operator(person.handle, person.password)
            await operating.set_organisation(tx, organisation)
            await operating.drop_code(tx)


def checked(said: Organisation) -> Organisation:
    """Raises Invalid beside the field."""
    name, contact = " ".join(said.name.split()), said.contact.strip()
    wrong = []
    if not 1 <= len(name) <= NAME_CHARS_MAX:
        wrong.append(FieldError("name", _("Please say who runs this place.")))
    if not 3 <= len(contact) <= NAME_CHARS_MAX:
        wrong.append(FieldError("contact", _("Please say how people reach you: an address or a number.")))
    if said.country and said.country not in dict(COUNTRIES):
        wrong.append(FieldError("country", _("Please choose one.")))
    languages = [code.strip().lower() for code in said.languages if code.strip()]
    if len(languages) > 20 or any(not 2 <= len(code) <= 12 or not code.isascii() for code in languages):
        wrong.append(FieldError("languages", _("Please give short codes with commas, such as “en, es”.")))
    if wrong:
        raise Invalid(fields=tuple(wrong))
    return Organisation(name, contact, said.country or None, languages)


def _hashed(code: str) -> bytes:
    """Typed in small letters and without dashes it is the same code."""
    return token_hash("".join(c for c in code.upper() if c in LETTERS))
