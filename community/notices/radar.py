"""The unanswered-post radar: posts that nobody answered for twelve hours (care.md), for those who welcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from community import rulings
from community.clock import Clock
from community.database import Database
from community.groups import Actor, Groups, Seen
from community.ids import MemberId
from community.store import radar as store
from community.store.radar import WaitingPost, Welcomed

AFTER: Final = timedelta(hours=12)
BATCH: Final = 100


class Radar:
    def __init__(self, database: Database, clock: Clock, groups: Groups) -> None:
        self._database = database
        self._clock = clock
        self._groups = groups

    async def of_group(self, actor: Actor, slug: str) -> tuple[Seen, list[WaitingPost]]:
        """Raises NotFound, and Forbidden for who doesn't look after the group."""
        seen = await self._groups.see(actor, slug)
        rulings.answer(seen.place).require()
        async with self._database.read() as conn:
            posts = await store.waiting(
                conn, seen.group.id, actor.member_id, before=self._clock.now() - AFTER
            )
        return seen, posts

    async def welcomed(self, member: MemberId) -> list[Welcomed]:
        """Groups that this member looks after in which posts wait."""
        async with self._database.read() as conn:
            return await store.welcomed(conn, member, before=self._clock.now() - AFTER)

    async def looks_after(self, member: MemberId) -> bool:
        """Whether there is a group that they look after."""
        async with self._database.read() as conn:
            return await store.looks_after(conn, member)

    async def run(self) -> int:
        """Keep news of posts that have waited long enough; answers for how many people. Each post once, whoever
        runs it."""
        now = self._clock.now()
        async with self._database.read() as conn:
            posts = await store.untold(conn, before=now - AFTER, limit=BATCH)
        told = 0
        for post in posts:
            async with self._database.transaction() as tx:
                told += await store.tell(tx, post, now=now)
        return told
