"""Use-cases of guidelines in Easy Read: read by whoever may see the group, written by its owners."""

from __future__ import annotations

from dataclasses import dataclass

from community import rulings
from community.clock import Clock
from community.database import Database
from community.easy_read import EasyRead, template
from community.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from community.groups import Actor, Groups, Seen
from community.judging import Gatekeeper, Words, heard
from community.store import easy_reads as store
from community.store.easy_reads import Edition
from community.web.words import _


@dataclass(frozen=True, slots=True)
class Desk:
    """What an owner works on. `edition` is 0 while nobody has written one; then `easy` is our template."""

    seen: Seen
    easy: EasyRead
    edition: int
    is_old: bool = False
    """The guidelines have changed since it was written."""


class EasyReads:
    def __init__(self, groups: Groups, database: Database, clock: Clock, gate: Gatekeeper) -> None:
        self._groups = groups
        self._database = database
        self._clock = clock
        self._gate = gate

    async def read(self, actor: Actor | None, slug: str, *, code: str = "") -> tuple[Seen, Edition]:
        """What is offered in this group; an invitation's code opens it as it opens the group's page. Raises
        NotFound where nothing is."""
        opens = actor is not None and code
        seen = await (
            self._groups.see_to_join(actor, slug, code) if actor and opens else self._groups.see(actor, slug)
        )
        edition = await self.offered(seen)
        if edition is None:
            raise NotFound
        return seen, edition

    async def offered(self, seen: Seen) -> Edition | None:
        """The newest edition, where the group offers it."""
        async with self._database.read() as conn:
            edition = await store.latest(conn, seen.group.id)
        return edition if edition and edition.easy.is_offered else None

    async def desk(self, actor: Actor, slug: str) -> Desk:
        """For the owner: the newest edition, or our template. Raises NotFound, Forbidden."""
        seen = await self._owned(actor, slug)
        async with self._database.read() as conn:
            edition = await store.latest(conn, seen.group.id)
        if edition is None:
            return Desk(seen, template(), 0)
        is_old = edition.guidelines_version != seen.group.guidelines_version
        return Desk(seen, edition.easy, edition.n, is_old)

    async def write(self, actor: Actor, slug: str, easy: EasyRead, *, after: int) -> None:
        """The next edition, for the guidelines of today. `after`: the edition that was changed. Its words are
        judged like the guidelines' own. Raises NotFound, Forbidden, Invalid, Conflict; a cry is heard all the
        same."""
        try:
            await self._write(actor, slug, easy, after=after)
        except (NotFound, Forbidden, Invalid, Conflict) as why:
            raise await self.heard(actor, easy, why) from None

    async def heard(self, actor: Actor, easy: EasyRead, why: Refusal) -> Refusal:
        """What was sent but can't be kept; its cry is."""
        return await heard(self._database, self._gate, _words(easy), actor.member_id, why)

    async def _write(self, actor: Actor, slug: str, easy: EasyRead, *, after: int) -> None:
        seen = await self._owned(actor, slug)
        judged = self._gate.judge(_words(easy, seen.group.preset))
        if judged.is_refused:
            raise Invalid(_("Please change the words; some of them may hurt people."), code="ask_to_edit")
        now = self._clock.now()
        async with self._database.transaction() as tx:
            edition = Edition(after + 1, seen.group.guidelines_version, easy, now)
            latest = await store.latest(tx, seen.group.id)
            if (latest.n if latest else 0) != after or not await store.add(tx, seen.group.id, edition):
                raise Conflict(_("Somebody else has changed this meanwhile. Please look at theirs first."))
            if judged.has_care:
                await self._gate.keep(tx, judged, author=actor.member_id, group=seen.group.id)

    async def _owned(self, actor: Actor, slug: str) -> Seen:
        seen = await self._groups.see(actor, slug)
        rulings.own(seen.place).require()
        return seen


def _words(easy: EasyRead, preset: str | None = None) -> Words:
    said = [*(line.text for line in easy.lines), *(f"{w.word}: {w.means}" for w in easy.words)]
    return Words("\n".join(said), "group_card", preset)
