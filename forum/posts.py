"""The posts of a thread as one reader sees them: in reading order, page by page, with nothing in them that
isn't theirs to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from community.database import Conn, Database
from community.errors import Forbidden, NotFound
from community.groups import Actor
from community.ids import ConversationId, MemberId, MessageId
from community.log import GONE, MessageState, MessageView
from community.store import access, messages, people, revisions
from community.store.revisions import Revision
from forum import standing
from forum.nesting import Arranged, arrange, first_unread, page_of
from forum.store import lists, own, threads
from forum.threads import SeenThread

PAGE_POSTS = 50
PRINTED_MAX = 1000
TAIL_CHARS = 8
"""Enough of an id to tell those apart who react to one post."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The post that is answered, named where it doesn't stand directly above."""

    id: MessageId
    handle: str | None


@dataclass(frozen=True, slots=True)
class Reaction:
    """`by`: the tails of the ids of those who react so, so that a live event counts nobody twice."""

    emoji: str
    count: int
    mine: bool
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """One post for one reader. `html` is empty when it is withdrawn, removed or `blocked`; `own_words`
    are the author's own, where others see a masked or no text."""

    id: MessageId
    seq: int | None
    author_id: MemberId | None
    handle: str | None
    state: MessageState
    html: str
    shown: str
    own_words: str | None
    warnings: tuple[str, ...]
    at: datetime
    edited_at: datetime | None
    nested: bool
    parent: Parent | None
    own: bool
    new: bool
    muted: bool
    blocked: bool
    reactions: tuple[Reaction, ...]


@dataclass(frozen=True, slots=True)
class PostsPage:
    """The first post, one page of answers, and the reader's own posts that wait for a person. `read_to`:
    whoever has seen pages 1 to this one has read everything up to that seq."""

    first: Post
    posts: Sequence[Post]
    held: Sequence[Post]
    page: int
    pages: int
    first_unread: MessageId | None
    read_to: int


@dataclass(frozen=True, slots=True)
class History:
    """A post's earlier and pending texts, oldest first, for its author and moderators."""

    thread: lists.ThreadView
    message: MessageView
    revisions: Sequence[Revision]
    own: bool


@dataclass(frozen=True, slots=True)
class OwnPosts:
    """A page of one's own posts."""

    posts: Sequence[own.OwnPost]
    next: lists.Position | None


@dataclass(frozen=True, slots=True)
class _Eyes:
    """Who looks: what decides how a post is shown."""

    member: MemberId
    blocked: AbstractSet[MemberId]
    muted: AbstractSet[MemberId]
    read_seq: int
    reactions: Mapping[MessageId, Sequence[tuple[str, MemberId]]]


class Posts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        actor: Actor,
        seen: SeenThread,
        *,
        page: int = 1,
        at: MessageId | None = None,
        size: int = PAGE_POSTS,
    ) -> PostsPage:
        """One page of a thread that `Threads.see` has let the actor see. `at` finds the page of a post; a
        page past the end is the last one."""
        thread = seen.thread
        async with self._database.read() as conn:
            arranged = arrange(await threads.places(conn, thread.id), thread.first_id)
            pages = max(1, -(-len(arranged) // size))
            page = (page_of(arranged, at, size) if at else None) or min(max(page, 1), pages)
            shown = arranged[(page - 1) * size : page * size]
            views = {v.id: v for v in await messages.views(conn, [thread.first_id, *(a.id for a in shown)])}
            handles = await self._parents(conn, shown)
            eyes = await self._eyes(conn, actor, thread, [thread.first_id, *(a.id for a in shown)])
            held = await messages.held_of(conn, thread.id, actor.member_id)
        return PostsPage(
            first=_post(views[thread.first_id], None, {}, eyes),
            posts=[_post(views[a.id], a, handles, eyes) for a in shown],
            held=[_post(v, None, {}, eyes) for v in held if v.id != thread.first_id],
            page=page,
            pages=pages,
            first_unread=None if thread.read_seq is None else first_unread(arranged, thread.read_seq),
            read_to=min([a.seq for a in arranged[page * size :]], default=thread.last_seq + 1) - 1,
        )

    async def own(self, actor: Actor, id: MessageId) -> tuple[lists.ThreadView, MessageView]:
        """One's own post that can still be changed. Raises NotFound, and Forbidden for someone else's."""
        thread, view = await self._one(actor, id)
        if view.author_id != actor.member_id or view.state in ("withdrawn", "removed"):
            raise Forbidden
        return thread, view

    async def readable(self, actor: Actor, id: MessageId) -> tuple[lists.ThreadView, MessageView]:
        """A post the actor may read. Raises NotFound."""
        return await self._one(actor, id)

    async def one(self, actor: Actor, id: MessageId, thread: ConversationId) -> Post:
        """One post of this thread as the actor sees it, to be answered. Raises NotFound."""
        found, view = await self._one(actor, id)
        if found.id != thread:
            raise NotFound
        async with self._database.read() as conn:
            return _post(view, None, {}, await self._eyes(conn, actor, found, [id]))

    async def mine(self, actor: Actor, *, before: lists.Position | None, limit: int) -> OwnPosts:
        """What one wrote in threads, newest first."""
        async with self._database.read() as conn:
            found = await own.posts(conn, actor.member_id, before=before, limit=limit + 1)
        more = len(found) > limit
        return OwnPosts(found[:limit], own.position_after(found[limit - 1]) if more else None)

    async def history(self, actor: Actor, id: MessageId) -> History:
        """Raises NotFound, and Forbidden for readers who are neither its author nor moderators here."""
        thread, view = await self._one(actor, id)
        is_own = view.author_id == actor.member_id
        async with self._database.read() as conn:
            if not is_own:
                group = await standing.in_group_of(conn, actor, thread.group_id)
                if not standing.looks_after(group):
                    raise Forbidden("Earlier texts are for the author and the moderators.")
            # Taken back is taken back from moderators too; a case keeps a sealed copy for those who need it.
            gone = view.state in GONE
            return History(thread, view, [] if gone else await revisions.of(conn, id), is_own)

    async def _one(self, actor: Actor, id: MessageId) -> tuple[lists.ThreadView, MessageView]:
        async with self._database.read() as conn:
            thread = await lists.of_message(conn, actor.member_id, id)
            views = await messages.views(conn, [id]) if thread else []
        if thread is None or not views:
            raise NotFound
        return thread, views[0]

    async def _parents(self, conn: Conn, shown: Sequence[Arranged]) -> Mapping[MessageId, str | None]:
        """Handles of those who are answered, where the page has to name them."""
        ids = [a.parent for a in shown if a.parent is not None and not a.is_beneath]
        return {v.id: v.author_handle for v in await messages.views(conn, ids)} if ids else {}

    async def _eyes(
        self, conn: Conn, actor: Actor, thread: lists.ThreadView, ids: Sequence[MessageId]
    ) -> _Eyes:
        return _Eyes(
            member=actor.member_id,
            blocked=await access.blocked_by(conn, actor.member_id),
            muted=frozenset(id for id, _ in await people.mutes(conn, actor.member_id)),
            # Nothing is "new" to someone who opens the thread for the first time.
            read_seq=thread.last_seq if thread.read_seq is None else thread.read_seq,
            reactions=await messages.reactions_of(conn, ids),
        )


def _post(
    view: MessageView, place: Arranged | None, handles: Mapping[MessageId, str | None], eyes: _Eyes
) -> Post:
    is_own = view.author_id == eyes.member
    blocked = view.author_id in eyes.blocked
    parent = place.parent if place is not None and not place.is_beneath else None
    return Post(
        id=view.id,
        seq=view.seq,
        author_id=view.author_id,
        handle=view.author_handle,
        state=view.state,
        html="" if blocked else view.html,
        shown="" if blocked else view.shown,
        own_words=view.body if is_own and view.state in ("masked", "held") else None,
        warnings=() if blocked or view.state in GONE else view.warnings,
        at=view.created_at,
        edited_at=view.edited_at,
        nested=place.nested if place else False,
        parent=Parent(parent, handles.get(parent)) if parent else None,
        own=is_own,
        new=view.seq is not None and view.seq > eyes.read_seq and not is_own,
        muted=view.author_id in eyes.muted and not is_own,
        blocked=blocked,
        reactions=() if blocked or view.state in GONE else _counted(eyes.reactions.get(view.id, ()), eyes),
    )


def _counted(pairs: Sequence[tuple[str, MemberId]], eyes: _Eyes) -> tuple[Reaction, ...]:
    people: dict[str, list[MemberId]] = {}
    for emoji, member in pairs:
        if member not in eyes.blocked:
            people.setdefault(emoji, []).append(member)
    return tuple(
        Reaction(emoji, len(by), eyes.member in by, tuple(one.hex[-TAIL_CHARS:] for one in by))
        for emoji, by in people.items()
    )
