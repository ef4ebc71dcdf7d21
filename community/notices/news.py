"""What is new for a member, by conversation: pure, from rows that the store has already cut to what they may read.

A message is told of once, for its dearest reason: an answer before a mention before a thread that is followed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from community.ids import ConversationId, MessageId
from community.notices.kinds import Kind, NoticeSettings
from community.wishes import Wishes

ITEMS_MAX = 8
"""Lines for one conversation: whoever was away for a week is told, not flooded."""
_DEAR: tuple[Kind, ...] = ("reply", "mention", "follow")


@dataclass(frozen=True, slots=True)
class NewsRow:
    """One message of another that concerns the member. `shown` is only read to see whether it has a word that
    they muted: words are never part of a notice."""

    kind: Kind
    message_id: MessageId
    conversation_id: ConversationId
    place: Literal["room", "thread"]
    seq: int
    author: str | None
    shown: str
    warnings: tuple[str, ...]
    title: str
    thread_warnings: tuple[str, ...]
    group: str
    has_care: bool
    at: datetime
    read_seq: int

    def is_read(self, seen_at: datetime | None) -> bool:
        """Read where it was said, or declared read with everything before."""
        return self.seq <= self.read_seq or (seen_at is not None and self.at <= seen_at)


@dataclass(frozen=True, slots=True)
class Item:
    """One line: an answer, a mention, or all that came in a followed thread."""

    kind: Kind
    message_id: MessageId
    author: str | None
    count: int
    at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation and what is new in it for the member."""

    conversation_id: ConversationId
    place: Literal["room", "thread"]
    title: str
    group: str
    items: tuple[Item, ...]
    more: int = 0
    """Lines that there was no room for: the oldest."""

    @property
    def at(self) -> datetime:
        return max(item.at for item in self.items)

    @property
    def is_new(self) -> bool:
        return any(item.is_new for item in self.items)


def wanted(rows: Iterable[NewsRow], wishes: Wishes, settings: NoticeSettings) -> list[NewsRow]:
    """Those that the member wishes to meet, each message once, in the order given. What is folded for a muted
    word, in the words or in their thread's title, is left out, and what they hide behind warnings."""
    best: dict[MessageId, NewsRow] = {}
    for row in rows:
        if not settings.shows(row.kind) or _is_away(row, wishes):
            continue
        known = best.get(row.message_id)
        if known is None or _DEAR.index(row.kind) < _DEAR.index(known.kind):
            best[row.message_id] = row
    return list(best.values())


def _is_away(row: NewsRow, wishes: Wishes) -> bool:
    text = f"{row.title}\n{row.shown}"
    return wishes.sight(text, (*row.warnings, *row.thread_warnings)) in ("word", "hidden")


def harmless(rows: Iterable[NewsRow], in_cases: Collection[MessageId]) -> list[NewsRow]:
    """What a digest may count: nothing warned, nothing with a care verdict, nothing of a case."""
    return [
        row
        for row in rows
        if not (row.warnings or row.thread_warnings or row.has_care or row.message_id in in_cases)
    ]


def by_conversation(rows: Sequence[NewsRow], seen_at: datetime | None) -> list[Told]:
    """Grouped, what is new first, then the latest. Of followed threads only what is unread is told, as one line."""
    groups: dict[ConversationId, list[NewsRow]] = {}
    for row in rows:
        groups.setdefault(row.conversation_id, []).append(row)
    told = [made for group in groups.values() if (made := _told(group, seen_at)) is not None]
    return sorted(told, key=lambda t: (not t.is_new, -t.at.timestamp()))


def _told(rows: Sequence[NewsRow], seen_at: datetime | None) -> Told | None:
    items = [
        Item(row.kind, row.message_id, row.author, 1, row.at, not row.is_read(seen_at))
        for row in rows
        if row.kind != "follow"
    ]
    fresh = [row for row in rows if row.kind == "follow" and not row.is_read(seen_at)]
    if fresh:
        first = min(fresh, key=lambda row: row.seq)  # where reading goes on
        items.append(
            Item("follow", first.message_id, None, len(fresh), max(row.at for row in fresh), is_new=True)
        )
    if not items:
        return None
    one = rows[0]
    ordered = tuple(sorted(items, key=lambda item: (not item.is_new, -item.at.timestamp())))
    more = max(0, len(ordered) - ITEMS_MAX)
    return Told(one.conversation_id, one.place, one.title, one.group, ordered[:ITEMS_MAX], more)
