"""What the forum's API says, as protocol.md has it: types from which answers and OpenAPI are made."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from community.ids import BoardId, ConversationId, MessageId
from community.log import MessageState
from community.web.shapes import Author, MessageShape, message_shape
from community.web.words import _
from forum.feed import FeedLink
from forum.posts import History
from forum.search import Results, marked
from forum.store.boards import BoardRow, BoardView
from forum.store.drafts import DraftRow, DraftView
from forum.store.lists import ThreadView
from forum.store.search import Found
from forum.store.threads import Needs
from moderation.gate.submissions import Sent
from moderation.gate.support import SupportCard


class Board(Struct, frozen=True, omit_defaults=True):
    id: BoardId
    name: str
    about: str = ""
    position: int = 0
    threads: int | UnsetType = UNSET  # counted up to 1000
    last_at: datetime | UnsetType | None = UNSET


class ThreadBoard(Struct, frozen=True):
    id: BoardId
    name: str
    group: str


class Thread(Struct, frozen=True):
    """`title` says so when its words were withdrawn or removed; `state` is that of the first message."""

    id: ConversationId
    title: str
    board: ThreadBoard
    author: Author
    at: datetime
    last_seq: int
    last_at: datetime
    replies: int
    needs: Needs | None
    warnings: tuple[str, ...]
    state: MessageState
    first: MessageId
    pinned: bool
    locked: bool
    followed: bool
    read_seq: int | None
    unread: int


class FirstMessage(Struct, frozen=True, omit_defaults=True):
    """What became of the first message; the same as for every send."""

    id: MessageId
    seq: int | None
    outcome: str
    masked: bool
    help: bool = False
    support: SupportCard | None = None


class Opened(Struct, frozen=True):
    thread: Thread
    message: FirstMessage


class Hit(MessageShape, frozen=True, omit_defaults=True):
    """A message that was found, with its group's slug and its thread's title (none: it stands in a room).
    `snippet` is HTML with the found words in <mark>."""

    group: str = ""
    thread: str | None = None
    snippet: str = ""


class Hits(Struct, frozen=True, omit_defaults=True):
    """`help` stands first: for crisis words it is the answer, the results come after."""

    items: list[Hit]
    next: str | None
    help: SupportCard | UnsetType = UNSET


class Draft(Struct, frozen=True, omit_defaults=True):
    place: UUID
    title: str
    body: str
    at: datetime
    kind: Literal["board", "thread", "room", "pairing", "gone"] | UnsetType = UNSET
    place_title: str | UnsetType = UNSET


class EarlierText(Struct, frozen=True):
    """A text that an edit replaced, or one that waits for a person ("pending")."""

    n: int
    state: Literal["past", "pending"]
    body: str
    at: datetime


class FeedShape(Struct, frozen=True, omit_defaults=True):
    """`url` comes once, when the link is made: it is a secret, kept here as a hash."""

    id: UUID
    group: str | None
    at: datetime
    url: str | UnsetType = UNSET


class Preview(Struct, frozen=True):
    html: str


def board(row: BoardRow) -> Board:
    return Board(row.id, row.name, row.about, row.position)


def listed_board(view: BoardView) -> Board:
    return Board(view.id, view.name, view.about, view.position, view.threads, view.last_at)


def title_of(thread: ThreadView) -> str:
    """The title as people read it; a sentence where its words went."""
    if thread.first_state == "withdrawn":
        return _("A withdrawn post")
    if thread.first_state == "removed":
        return _("A removed post")
    return thread.title or _("A post without a title")


def thread(view: ThreadView) -> Thread:
    return Thread(
        id=view.id,
        title=title_of(view),
        board=ThreadBoard(view.board_id, view.board_name, view.group_slug),
        author=Author(view.author_id, view.author_handle),
        at=view.at,
        last_seq=view.last_seq,
        last_at=view.last_at,
        replies=view.replies,
        needs=view.needs,
        warnings=view.warnings,
        state=view.first_state,
        first=view.first_id,
        pinned=view.pinned,
        locked=view.locked,
        followed=view.followed,
        read_seq=view.read_seq,
        unread=view.unread,
    )


def opened(view: ThreadView, sent: Sent) -> Opened:
    message = FirstMessage(sent.id, sent.seq, sent.outcome, sent.masked, sent.help, sent.support)
    return Opened(thread(view), message)


def hits(results: Results) -> Hits:
    next = None if results.next is None else str(results.next)
    return Hits([_hit(found) for found in results.items], next, results.help or UNSET)


def _hit(found: Found) -> Hit:
    shape = message_shape(found.message, None)
    title = found.thread_title
    return Hit(
        **{name: getattr(shape, name) for name in shape.__struct_fields__},
        group=found.group_slug,
        thread=None if title is None else (title or _("A withdrawn post")),
        snippet=marked(found.snippet),
    )


def draft(row: DraftRow) -> Draft:
    return Draft(row.place_id, row.title, row.body, row.at)


def listed_draft(view: DraftView) -> Draft:
    title = (view.place_title or UNSET) if view.there else UNSET
    return Draft(view.place_id, view.title, view.body, view.at, view.kind if view.there else "gone", title)


def earlier_texts(history: History) -> list[EarlierText]:
    return [
        EarlierText(r.n, "pending" if r.state == "pending" else "past", r.body, r.at)
        for r in history.revisions
    ]


def feed(link: FeedLink, url: str | UnsetType = UNSET) -> FeedShape:
    return FeedShape(link.id, link.group_slug, link.created_at, url)
