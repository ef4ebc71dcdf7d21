"""A room's words as one reader sees them on a page: lines grouped by who spoke and when, days, what is new.

Reading is one place; whether a line comes from the page or later from the socket, it shows the same things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chat.store import rooms as store
from community.database import Conn, Database
from community.errors import NotFound
from community.ids import ConversationId, MemberId, MessageId
from community.log import MessageView
from community.store import access, events, marks, messages, people

LINES_MAX: Final = 25
"""In one part: the page of a long talk stays small, and what comes by scrolling is never a long task for a phone."""
CONTEXT_LINES: Final = 10
"""Shown above the line where the reader stopped, or above a message that a link leads to."""
GROUPED_WITHIN: Final = timedelta(minutes=5)
QUOTE_CHARS_MAX: Final = 90
TAIL_CHARS: Final = 8
"""Enough of an id to tell those apart who react to one message."""
_NAMES: Final = re.compile(r"(?<![\w.@-])@(\w[\w.-]{1,31})")
"""As migrations/0047_mentions.sql finds them."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """`by`: the tails of the ids of those who react so. A page that knows who counts nobody twice, however an
    event and the reading of the page cross."""

    emoji: str
    count: int
    mine: bool
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a line answers. `words` are empty when they were taken back or may not be seen."""

    id: MessageId
    handle: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `day` is set on the first of a day, `is_grouped` when the one before is by the same
    person and close, `is_first_new` where the reader had stopped."""

    message: MessageView
    is_own: bool
    is_muted: bool
    reactions: tuple[Reaction, ...]
    quoted: Quoted | None
    day: datetime | None
    is_grouped: bool
    is_first_new: bool
    names_me: bool

    @property
    def own_words(self) -> str:
        """The author's own words where others see less."""
        return self.message.body if self.is_own and self.message.state in ("masked", "held") else ""


@dataclass(frozen=True, slots=True)
class Where:
    """Which part of a room: before a seq, after one, around a message; none of them is the newest, or where
    the reader stopped when much was said since."""

    before: int | None = None
    after: int | None = None
    at: MessageId | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the room: the lines, from where older and newer ones go on (None: there are none), and the
    head it was read at (everything later is still to come by the socket)."""

    lines: tuple[Line, ...]
    held: tuple[Line, ...]
    older: int | None
    newer: int | None
    head: int
    epoch: str
    muted: frozenset[MemberId]


@dataclass(frozen=True, slots=True)
class Eye:
    """Who reads, in which time zone."""

    member: MemberId
    zone: ZoneInfo
    handle: str = ""

    def is_named_in(self, words: str) -> bool:
        """Whether somebody says "@handle" to this reader."""
        if not self.handle or "@" not in words:
            return False
        return any(
            name.lower() == self.handle.lower() or name.rstrip("._-").lower() == self.handle.lower()
            for name in _NAMES.findall(words)
        )


class Talk:
    """Reads rooms for pages. Whether the reader may read is the caller's question, asked before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def part(self, eye: Eye, room: ConversationId, where: Where = Where()) -> Part:
        """The lines of one part. Raises NotFound for a message that isn't in this room."""
        async with self._database.read() as conn:
            # The head first: what is said while we read comes twice (page and socket) rather than never.
            head = (await events.heads(conn, [room])).get(room, 0)
            blocked = await access.blocked_by(conn, eye.member)
            muted = frozenset(id for id, _ in await people.mutes(conn, eye.member))
            read_to = (await marks.read_up_to(conn, eye.member, [room])).get(room)
            found, older, newer = await self._window(conn, room, where, read_to)
            held = await messages.held_of(conn, room, eye.member) if newer is None else []
            seen = [view for view in found if view.author_id not in blocked]
            reactions = await messages.reactions_of(conn, [view.id for view in seen])
            quoted = await self._quoted(conn, room, seen + held, blocked)
            epoch = str(await events.epoch(conn))
        facts = _Facts(eye, muted, reactions, quoted, read_to, blocked)
        return Part(_lines(seen, facts), _lines(held, facts), older, newer, head, epoch, muted)

    async def _window(
        self, conn: Conn, room: ConversationId, where: Where, read_to: int | None
    ) -> tuple[list[MessageView], int | None, int | None]:
        """Messages of one part in order, and from where older and newer ones go on."""
        if where.after is not None:
            found = await store.said_after(conn, room, where.after, limit=LINES_MAX + 1)
            return found[:LINES_MAX], _first(found), _more(found)
        if where.before is not None:
            found = await messages.history(conn, room, before=where.before, limit=LINES_MAX)
            return found, _first(found) if len(found) == LINES_MAX else None, _last(found)
        pivot = await self._pivot(conn, room, where, read_to)
        if pivot is None:
            found = await messages.history(conn, room, before=None, limit=LINES_MAX)
            return found, _first(found) if len(found) == LINES_MAX else None, None
        before = await messages.history(conn, room, before=pivot, limit=CONTEXT_LINES)
        after = await store.said_after(conn, room, pivot - 1, limit=LINES_MAX + 1)
        older = _first(before) if len(before) == CONTEXT_LINES else None
        return before + after[:LINES_MAX], older, _more(after)

    async def _pivot(self, conn: Conn, room: ConversationId, where: Where, read_to: int | None) -> int | None:
        """The seq to open the room at; None for its end."""
        if where.at is not None:
            row = await messages.get(conn, where.at)
            if row is None or row.conversation_id != room or row.seq is None:
                raise NotFound
            return row.seq
        if read_to is None:
            return None
        news = await store.said_after(conn, room, read_to, limit=LINES_MAX - CONTEXT_LINES + 1)
        return news[0].seq if len(news) > LINES_MAX - CONTEXT_LINES else None

    async def one(self, eye: Eye, room: ConversationId, id: MessageId) -> Line:
        """One message of the room that this reader may see. Raises NotFound."""
        async with self._database.read() as conn:
            found = await messages.views(conn, [id])
            blocked = await access.blocked_by(conn, eye.member)
            seen = [v for v in found if v.c == room and _may_see(v, eye.member, blocked)]
            if not seen:
                raise NotFound
            reactions = await messages.reactions_of(conn, [id])
            quoted = await self._quoted(conn, room, seen, blocked)
        return _lines(seen, _Facts(eye, frozenset(), reactions, quoted, None, blocked))[0]

    async def _quoted(
        self, conn: Conn, room: ConversationId, views: Sequence[MessageView], blocked: frozenset[MemberId]
    ) -> dict[MessageId, Quoted]:
        """A quote is a reference: it shows what may be seen now, and goes when the quoted words go. Words of another
        conversation are never quoted: who reads here may not read there."""
        wanted = {view.reply_to for view in views if view.reply_to is not None}
        if not wanted:
            return {}
        found = await messages.views(conn, wanted)
        shown = [v for v in found if v.c == room and v.seq is not None and v.author_id not in blocked]
        return {v.id: Quoted(v.id, v.author_handle, _short(v.shown)) for v in shown}


@dataclass(frozen=True, slots=True)
class _Facts:
    eye: Eye
    muted: frozenset[MemberId]
    reactions: Mapping[MessageId, Sequence[tuple[str, MemberId]]]
    quoted: Mapping[MessageId, Quoted]
    read_to: int | None
    blocked: frozenset[MemberId]


def _first(found: Sequence[MessageView]) -> int | None:
    return found[0].seq if found else None


def _last(found: Sequence[MessageView]) -> int | None:
    return found[-1].seq if found else None


def _more(found: Sequence[MessageView]) -> int | None:
    """Where a part goes on that was read with one line too many."""
    return found[LINES_MAX - 1].seq if len(found) > LINES_MAX else None


def _may_see(view: MessageView, member: MemberId, blocked: frozenset[MemberId]) -> bool:
    """Held words are their author's alone."""
    return view.author_id == member or (view.seq is not None and view.author_id not in blocked)


def _lines(views: Sequence[MessageView], facts: _Facts) -> tuple[Line, ...]:
    lines: list[Line] = []
    before: MessageView | None = None
    new_found = facts.read_to is None  # on a first visit there is no line between old and new
    for view in views:
        day = _day(view, facts.eye.zone)
        is_new = not new_found and view.seq is not None and view.seq > (facts.read_to or 0)
        is_first_new = is_new and view.author_id != facts.eye.member and before is not None
        new_found = new_found or is_new
        starts_day = before is None or _day(before, facts.eye.zone) != day
        lines.append(
            Line(
                message=view,
                is_own=view.author_id == facts.eye.member,
                is_muted=view.author_id in facts.muted,
                reactions=_counted(facts.reactions.get(view.id, ()), facts),
                quoted=facts.quoted.get(view.reply_to) if view.reply_to else None,
                day=view.created_at if starts_day else None,
                is_grouped=not starts_day
                and not is_first_new
                and before is not None
                and _goes_on(before, view),
                is_first_new=is_first_new,
                names_me=facts.eye.is_named_in(view.shown),
            )
        )
        before = view
    return tuple(lines)


def _day(view: MessageView, zone: ZoneInfo) -> object:
    return view.created_at.astimezone(zone).date()


def _goes_on(before: MessageView, view: MessageView) -> bool:
    """Whether the same person goes on talking."""
    return (
        view.author_id is not None
        and before.author_id == view.author_id
        and view.reply_to is None
        and view.created_at - before.created_at <= GROUPED_WITHIN
    )


def _counted(pairs: Sequence[tuple[str, MemberId]], facts: _Facts) -> tuple[Reaction, ...]:
    shown = [(emoji, member) for emoji, member in pairs if member not in facts.blocked]
    people: dict[str, list[MemberId]] = {}
    for emoji, member in shown:
        people.setdefault(emoji, []).append(member)
    return tuple(
        Reaction(emoji, len(by), facts.eye.member in by, tuple(one.hex[-TAIL_CHARS:] for one in by))
        for emoji, by in people.items()
    )


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= QUOTE_CHARS_MAX else line[: QUOTE_CHARS_MAX - 1].rstrip() + "…"
