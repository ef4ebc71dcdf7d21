"""Threads: opened through the gate, listed, followed, pinned, locked. Pages and API call these functions.

The words are the gate's and the log's business; a thread only says what stands around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Conn, Database, Tx
from community.errors import NotFound
from community.groups import Actor, Seen
from community.ids import BoardId, ConversationId, MemberId, MessageId, new_id
from community.judging import Words
from community.store import conversations, events, marks
from community.store.events import NewEvent
from forum import standing
from forum.store import boards as boards_store
from forum.store import drafts, lists, threads
from forum.store.boards import BoardRow
from forum.store.lists import Position, ThreadView, Wanted
from forum.store.threads import Needs, NewThread
from moderation.gate.gate import Gate
from moderation.gate.submissions import Opened, Opening, Send, Sent
from moderation.gate.words import heard

FOLLOWED_MAX = 200
WAITING_MAX = 5


@dataclass(frozen=True, slots=True)
class ThreadForm:
    """A thread as its author sends it. The gate checks lengths, after it has judged the words."""

    nonce: str
    title: str
    body: str
    needs: Needs | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A page of a board's list. `waiting`: threads without a first answer, for those who welcome."""

    board: BoardRow
    seen: Seen
    pinned: Sequence[ThreadView]
    threads: Sequence[ThreadView]
    next: Position | None
    may_write: rulings.Ruling
    waiting: Sequence[ThreadView] = ()


@dataclass(frozen=True, slots=True)
class SeenThread:
    """A thread and its group as one person sees them."""

    thread: ThreadView
    group: Seen
    may_write: rulings.Ruling
    may_moderate: bool


class Threads:
    def __init__(self, database: Database, clock: Clock, gate: Gate, bus: Bus) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate
        self._bus = bus

    async def open(self, actor: Actor, board: BoardId, form: ThreadForm) -> tuple[ThreadView, Sent]:
        """A new thread with its first message, kept together or not at all; the same nonce gives the same
        thread again. Who may not write here is told so by the gate, after the words were judged.

        Raises NotFound and whatever the gate refuses with.
        """
        try:
            row = await self._board(board)
        except NotFound as gone:  # archived while they wrote, say
            words = Words(f"{form.title}\n\n{form.body}", "letter")
            raise await heard(self._database, self._gate.keeper, words, actor.member_id, gone) from None
        id = ConversationId(new_id())

        async def write(tx: Tx, opened: Opened) -> None:
            await threads.add(
                tx,
                NewThread(id, row.id, form.title, opened.title_shown, opened.message_id, form.needs),
            )
            await threads.follow(tx, id, actor.member_id, on=True, now=self._clock.now())
            await drafts.drop(tx, actor.member_id, row.id)

        opening = Opening(id, "thread", row.group_id, form.title, write)
        send = Send(actor.member_id, id, form.nonce, form.body, warnings=form.warnings)
        sent = await self._gate.send(send, opening=opening)
        async with self._database.read() as conn:
            thread = await lists.of_first_message(conn, actor.member_id, sent.id)
        if thread is None:
            raise NotFound  # sent again by someone who was banned meanwhile
        return thread, sent

    async def on_board(
        self, actor: Actor, board: BoardId, *, wanted: Wanted, before: Position | None, limit: int
    ) -> BoardPage:
        """A page of the board's threads. Raises NotFound."""
        async with self._database.read() as conn:
            row, seen = await standing.on_board(conn, actor, board)
            found = await lists.on_board(
                conn, actor.member_id, row.id, wanted=wanted, before=before, limit=limit + 1
            )
            is_front = before is None and wanted == Wanted()
            return BoardPage(
                board=row,
                seen=seen,
                pinned=await lists.pinned(conn, actor.member_id, row.id) if is_front else (),
                threads=found[:limit],
                next=Position(found[limit - 1].last_at, found[limit - 1].id) if len(found) > limit else None,
                may_write=rulings.write(seen.place, now=self._clock.now()),
                waiting=await self._waiting(conn, actor, row, seen) if is_front else (),
            )

    async def see(self, actor: Actor, id: ConversationId) -> SeenThread:
        """The thread, if it exists for this person. Raises NotFound."""
        async with self._database.read() as conn:
            return await self._see(conn, actor, id)

    async def of_message(self, actor: Actor, message: MessageId) -> ThreadView:
        """The thread in which a message stands, for permalinks. Raises NotFound."""
        async with self._database.read() as conn:
            thread = await lists.of_message(conn, actor.member_id, message)
        if thread is None:
            raise NotFound
        return thread

    async def followed(self, member: MemberId, limit: int = FOLLOWED_MAX) -> list[ThreadView]:
        """Threads the member follows and may still read, last activity first."""
        async with self._database.read() as conn:
            return await lists.followed(conn, member, limit)

    async def follow(self, actor: Actor, id: ConversationId, *, on: bool) -> None:
        """Follow or stop following; twice is once. Stopping works without being able to read any more."""
        async with self._database.transaction() as tx:
            if on and await lists.see(tx, actor.member_id, id) is None:
                raise NotFound
            await threads.follow(tx, id, actor.member_id, on=on, now=self._clock.now())

    async def mark_read(self, actor: Actor, id: ConversationId, seq: int) -> None:
        """Everything up to `seq` was read; never moves back. Raises NotFound."""
        async with self._database.transaction() as tx:
            if await lists.see(tx, actor.member_id, id) is None:
                raise NotFound
            await marks.have_read(tx, {(actor.member_id, id): seq})

    async def pin(self, actor: Actor, id: ConversationId, *, on: bool) -> None:
        """Put on top of its board, or take down. Raises NotFound, Forbidden."""
        async with self._database.transaction() as tx:
            await self._moderated(tx, actor, id)
            await threads.set_pinned(tx, id, self._clock.now() if on else None)

    async def lock(self, actor: Actor, id: ConversationId, *, on: bool) -> None:
        """Make read-only, or open again; an event in the log says so to everyone there. Raises NotFound,
        Forbidden. Already so: nothing happens."""
        async with self._database.transaction() as tx:
            heads = await conversations.lock(tx, [id])
            seen = await self._moderated(tx, actor, id)
            if seen.thread.locked == on:
                return
            seq = heads[id] + 1
            await conversations.set_state(tx, id, "read_only" if on else "open")
            notice = "thread_locked" if on else "thread_unlocked"
            await events.append(tx, [NewEvent(id, seq, "notice", notice=notice)], now=self._clock.now())
            await conversations.set_heads(tx, {id: seq})
        self._bus.ring("conversation", id)

    # ---- inner

    async def _board(self, id: BoardId) -> BoardRow:
        """The board as it is, whoever asks: a cry for help is judged before the door says no."""
        async with self._database.read() as conn:
            row = await boards_store.get(conn, id)
        if row is None:
            raise NotFound
        return row

    async def _see(self, conn: Conn, actor: Actor, id: ConversationId) -> SeenThread:
        thread = await lists.see(conn, actor.member_id, id)
        if thread is None:
            raise NotFound
        group = await standing.in_group_of(conn, actor, thread.group_id)
        may_write = rulings.write(group.place, now=self._clock.now(), conversation=thread.conversation_state)
        return SeenThread(thread, group, may_write, rulings.moderate(group.place).allowed)

    async def _moderated(self, conn: Conn, actor: Actor, id: ConversationId) -> SeenThread:
        seen = await self._see(conn, actor, id)
        rulings.moderate(seen.group.place).require()
        return seen

    async def _waiting(self, conn: Conn, actor: Actor, board: BoardRow, seen: Seen) -> list[ThreadView]:
        """Threads without a first answer, those waiting longest first, for people who welcome."""
        if not standing.welcomes(seen):
            return []
        wanted = Wanted(filter="unanswered")
        found = await lists.on_board(conn, actor.member_id, board.id, wanted=wanted, before=None, limit=100)
        return sorted(found, key=_opened_at)[:WAITING_MAX]


def _opened_at(thread: ThreadView) -> datetime:
    return thread.at
