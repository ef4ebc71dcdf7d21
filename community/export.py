"""Everything that is kept about one person, as they may take it with them: one JSON document.

Other packages add their part through `Part`s that the assembly hands in, so that nothing is forgotten by
living elsewhere. Others' words are never in it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from community.clock import Clock
from community.database import Conn, Database
from community.errors import NotFound
from community.ids import MemberId
from community.store import export as store
from community.store import groups, people, sessions, wishes

Part = Callable[[Conn, MemberId], Awaitable[Any]]


class Export:
    def __init__(self, database: Database, clock: Clock, parts: Mapping[str, Part]) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts

    async def of(self, member: MemberId) -> dict[str, Any]:
        """The member's account, consents, groups, sessions, words and notices, as of one moment."""
        async with self._database.transaction(isolation="repeatable read", command_seconds=30) as tx:
            row = await people.by_id(tx, member)
            if row is None:
                raise NotFound
            account = msgspec.to_builtins(row)
            del account["password_hash"]
            return {
                "made_at": self._clock.now(),
                "account": account,
                "consents": await people.consents(tx, member),
                "groups": await groups.of_member(tx, member),
                "sessions": await sessions.of_member(tx, member, now=self._clock.now()),
                "blocks": [str(id) for id, _ in await people.blocks(tx, member)],
                "wishes": await wishes.of(tx, member),
                "mutes": [str(id) for id, _ in await people.mutes(tx, member)],
                "messages": await store.words_of(tx, member),
                "reactions": await store.reactions_of(tx, member),
                "notices": await people.notices(tx, member, before=None, limit=10_000),
                **{name: await part(tx, member) for name, part in self._parts.items()},
            }
