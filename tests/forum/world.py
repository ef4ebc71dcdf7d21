"""A small community on a real database, with words put where the gate would put them.

For tests of the forum's stores and use-cases; what goes through the gate itself is in test_flows.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from community import markdown
from community.bus import LocalBus
from community.clock import ManualClock
from community.database import Database
from community.groups import Actor
from community.ids import (
    BoardId,
    ConversationId,
    GroupId,
    MemberId,
    MessageId,
    TeamId,
    VerdictId,
    new_id,
)
from community.log import MessageState
from community.store import conversations, events, groups, messages, people, verdicts
from community.store.events import NewEvent
from community.store.groups import GroupRow, MembershipRow
from community.store.messages import NewMessage
from community.store.people import NewMember
from community.store.verdicts import NewVerdict
from forum.store import boards, threads
from forum.store.boards import BoardRow
from forum.store.threads import Needs, NewThread


@dataclass(frozen=True, slots=True)
class Laid:
    """A thread that was laid into the database: its id and its first message's."""

    id: ConversationId
    first: MessageId


class World:
    """Makes people, groups, boards, threads and words; every call is one committed transaction."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.bus = LocalBus()
        self._team: TeamId | None = None
        self._named = 0

    async def member(self, handle: str | None = None) -> MemberId:
        self._named += 1
        name = handle or f"person{self._named}"
        id = MemberId(new_id())
        async with self.database.transaction() as tx:
            row = NewMember(id, name, name, "x", None, "GB", "en", False)
            assert await people.add(tx, row, now=self.clock.now())
        return id

    async def group(self, slug: str = "lighthouse", visibility: str = "members") -> GroupId:
        id = GroupId(new_id())
        async with self.database.transaction() as tx:
            if self._team is None:
                self._team = TeamId(new_id())
                await tx.execute(
                    "insert into team (id, name, created_at) values ($1, $2, $3)",
                    self._team,
                    slug,
                    self.clock.now(),
                )
            row = GroupRow(
                id,
                self._team,
                slug,
                slug.title(),
                "chronic-illness",
                visibility,
                "open",
                {},
                {},
                1,
                "Be kind.",
                1,
                False,
            )
            assert await groups.add(tx, row, now=self.clock.now())
        return id

    async def join(
        self,
        group: GroupId,
        member: MemberId,
        role: str = "member",
        *,
        state: str = "member",
        banned: bool = False,
    ) -> None:
        now = self.clock.now()
        async with self.database.transaction() as tx:
            row = MembershipRow(group, member, role, state, 1, None, now if banned else None, now)
            await groups.put_membership(tx, row)

    async def insider(self, group: GroupId, handle: str | None = None, role: str = "member") -> MemberId:
        member = await self.member(handle)
        await self.join(group, member, role)
        return member

    async def board(self, group: GroupId, name: str = "stories", position: int = 0) -> BoardId:
        id = BoardId(new_id())
        async with self.database.transaction() as tx:
            assert await boards.add(tx, BoardRow(id, group, name, "", position))
        return id

    async def thread(
        self,
        group: GroupId,
        board: BoardId,
        author: MemberId,
        *,
        title: str = "First night",
        body: str = "How do you *sleep* with pain?",
        **more: Any,
    ) -> Laid:
        """`needs`, `held` and `warnings` as wanted."""
        id = ConversationId(new_id())
        needs: Needs | None = more.pop("needs", None)
        async with self.database.transaction() as tx:
            await conversations.create(tx, id, kind="thread", group_id=group, now=self.clock.now())
        async with self.database.transaction() as tx:
            first = await self._say(tx, group, id, author, body, **more)
            await threads.add(tx, NewThread(id, board, title, title, first, needs))
        return Laid(id, first)

    async def room(self, group: GroupId) -> ConversationId:
        id = ConversationId(new_id())
        async with self.database.transaction() as tx:
            await conversations.create(tx, id, kind="room", group_id=group, now=self.clock.now())
        return id

    async def say(
        self, group: GroupId, c: ConversationId, author: MemberId, body: str, **more: Any
    ) -> MessageId:
        """A message; `reply_to`, `held`, `warnings`, `place` as wanted."""
        async with self.database.transaction() as tx:
            return await self._say(tx, group, c, author, body, **more)

    async def release(self, c: ConversationId, message: MessageId) -> None:
        self.clock.advance(1.0)
        async with self.database.transaction() as tx:
            seq = await self._next(tx, c)
            await messages.publish_held(tx, message, seq=seq, state="visible")
            await self._log(tx, NewEvent(c, seq, "message", message))

    async def take_back(
        self, c: ConversationId, message: MessageId, state: MessageState = "withdrawn"
    ) -> None:
        async with self.database.transaction() as tx:
            seq = await self._next(tx, c)
            await messages.set_text(
                tx, message, state=state, texts=("", "", ""), verdict_id=None, edited_at=None
            )
            await self._log(tx, NewEvent(c, seq, "withdraw" if state == "withdrawn" else "remove", message))

    async def block(self, member: MemberId, other: MemberId) -> None:
        async with self.database.transaction() as tx:
            await people.set_block(tx, member, other, on=True, now=self.clock.now())

    async def _say(
        self,
        tx: Any,
        group: GroupId,
        c: ConversationId,
        author: MemberId,
        body: str,
        *,
        reply_to: MessageId | None = None,
        held: bool = False,
        warnings: tuple[str, ...] = (),
        place: str = "thread",
    ) -> MessageId:
        self.clock.advance(1.0)
        verdict, id = VerdictId(new_id()), MessageId(new_id())
        new = NewVerdict(verdict, "hold" if held else "publish", "green", None, "1", 1)
        await verdicts.add(tx, [new], [], now=self.clock.now())
        seq = None if held else await self._next(tx, c)
        row = NewMessage(
            id, c, group, author, place, verdict, seq, "held" if held else "visible", body, body,
            await markdown.render(body), markdown.HTML_VERSION, warnings, reply_to, "verdict" if held else None,
        )  # fmt: skip
        await messages.add(tx, [row], now=self.clock.now())
        if seq is not None:
            await self._log(tx, NewEvent(c, seq, "message", id))
        return id

    async def _next(self, tx: Any, c: ConversationId) -> int:
        return (await conversations.lock(tx, [c]))[c] + 1

    async def _log(self, tx: Any, event: NewEvent) -> None:
        await events.append(tx, [event], now=self.clock.now())
        await conversations.set_heads(tx, {event.conversation_id: event.seq})


def actor(member: MemberId) -> Actor:
    return Actor(member)


def some_id() -> UUID:
    return new_id()
