"""The forum's part of the JSON API: one visible list of calls, each a line or two over the use-cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from community.groups import Actor
from community.ids import BoardId, ConversationId, MessageId
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Listed, Named, clamp
from forum import shapes
from forum.boards import BoardForm, Boards
from forum.cursors import cursor_of, position_of
from forum.drafts import Drafts
from forum.feed import Feeds
from forum.posts import Posts
from forum.search import Search
from forum.store.lists import Filter, Wanted
from forum.store.threads import Needs
from forum.threads import ThreadForm, Threads
from forum.titles import Titles
from moderation.gate.standing_cards import StandingCards

LIMIT = 30


class NewBoard(Struct, frozen=True):
    name: str
    about: str = ""
    position: int = 0


class ChangedBoard(Struct, frozen=True):
    name: str | None = None
    about: str | None = None
    position: int | None = None
    archived: bool = False


class NewThread(Struct, frozen=True):
    nonce: str
    title: str
    body: str
    needs: Needs | None = None
    warnings: tuple[str, ...] = ()


class ThreadChange(Struct, frozen=True):
    """`title` by the thread's author or a moderator, the rest by moderators."""

    title: str | None = None
    pinned: bool | None = None
    locked: bool | None = None


class PeopleQuery(Struct, frozen=True):
    """`q`: how the handle begins."""

    q: str = ""


class ReadUpTo(Struct, frozen=True):
    seq: Annotated[int, Meta(ge=0)]


class ThreadsQuery(Struct, frozen=True):
    filter: Filter = "all"
    needs: Needs | None = None
    warned: bool = True
    cursor: str | None = None
    limit: int = LIMIT


@dataclass(frozen=True, slots=True)
class Parts:
    """The use-cases of the forum, made once at assembly; pages and API share them."""

    boards: Boards
    threads: Threads
    titles: Titles
    posts: Posts
    cards: StandingCards
    drafts: Drafts
    search: Search
    feeds: Feeds


class ForumApi:
    """Boards and threads; what is one's own is in forum/own_api.py."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def calls(self) -> list[Call]:
        thread = "/threads/{id}"
        return [
            Call("GET", "/groups/{slug}/boards", self.boards, "A group's boards",
                 answers={200: Listed[shapes.Board]}),
            Call("POST", "/groups/{slug}/boards", self.open_board, "Open a board (moderators)",
                 body=NewBoard, answers={201: shapes.Board}),
            Call("PATCH", "/boards/{id}", self.change_board, "Rename, describe, move, archive (moderators)",
                 body=ChangedBoard, answers={200: shapes.Board}),
            Call("GET", "/boards/{id}/people", self.people, "Whom one may mean by @… in a new thread here",
                 query=PeopleQuery, answers={200: Listed[Named]}),
            Call("GET", "/boards/{id}/threads", self.threads, "Threads of a board by last activity",
                 query=ThreadsQuery, answers={200: Listed[shapes.Thread]}),
            Call("POST", "/boards/{id}/threads", self.open_thread, "Open a thread with its first message",
                 body=NewThread, answers={201: shapes.Opened, 202: shapes.Opened}),
            Call("GET", thread, self.thread, "One thread", answers={200: shapes.Thread}),
            Call("PATCH", thread, self.change_thread, "Another title; pin, lock (moderators)",
                 body=ThreadChange, answers={200: shapes.Thread}),
            Call("PUT", thread + "/follow", self.follow, "Follow a thread", answers={204: None}),
            Call("DELETE", thread + "/follow", self.unfollow, "Stop following", answers={204: None}),
            Call("PUT", thread + "/read", self.mark_read, "Everything up to this seq was read",
                 body=ReadUpTo, answers={204: None}),
            Call("GET", "/me/follows", self.followed, "Threads I follow, with how much is new",
                 answers={200: Listed[shapes.Thread]}),
            Call("GET", "/messages/{id}/history", self.revisions,
                 "Earlier texts of a post, for its author and moderators",
                 answers={200: Listed[shapes.EarlierText]}),
        ]  # fmt: skip

    # ---- boards

    async def boards(self, ask: Ask) -> Answer:
        _, found = await self._parts.boards.of_group(actor_of(ask), ask.path["slug"])
        return Answer(Listed([shapes.listed_board(view) for view in found], None))

    async def open_board(self, ask: Ask) -> Answer:
        form = BoardForm(ask.body.name, ask.body.about, ask.body.position)
        return Answer(
            shapes.board(await self._parts.boards.open(actor_of(ask), ask.path["slug"], form)), status=201
        )

    async def change_board(self, ask: Ask) -> Answer:
        form = BoardForm(ask.body.name, ask.body.about, ask.body.position, ask.body.archived)
        return Answer(
            shapes.board(await self._parts.boards.change(actor_of(ask), BoardId(ask.id("id")), form))
        )

    async def people(self, ask: Ask) -> Answer:
        found = await self._parts.boards.people_named(actor_of(ask), BoardId(ask.id("id")), ask.query.q)
        return Answer(Listed([Named(handle) for handle in found]))

    # ---- threads

    async def threads(self, ask: Ask) -> Answer:
        query: ThreadsQuery = ask.query
        page = await self._parts.threads.on_board(
            actor_of(ask),
            BoardId(ask.id("id")),
            wanted=Wanted(query.filter, query.needs, query.warned),
            before=position_of(query.cursor),
            limit=clamp(query.limit),
        )
        items = [shapes.thread(view) for view in (*page.pinned, *page.threads)]
        return Answer(Listed(items, cursor_of(page.next)))

    async def open_thread(self, ask: Ask) -> Answer:
        body: NewThread = ask.body
        form = ThreadForm(body.nonce, body.title, body.body, body.needs, body.warnings)
        view, sent = await self._parts.threads.open(actor_of(ask), BoardId(ask.id("id")), form)
        return Answer(shapes.opened(view, sent), status=202 if sent.outcome == "hold" else 201)

    async def thread(self, ask: Ask) -> Answer:
        seen = await self._parts.threads.see(actor_of(ask), ConversationId(ask.id("id")))
        return Answer(shapes.thread(seen.thread))

    async def change_thread(self, ask: Ask) -> Answer:
        actor, id = actor_of(ask), ConversationId(ask.id("id"))
        if ask.body.title is not None:
            await self._parts.titles.change(actor, id, ask.body.title)
        if ask.body.pinned is not None:
            await self._parts.threads.pin(actor, id, on=ask.body.pinned)
        if ask.body.locked is not None:
            await self._parts.threads.lock(actor, id, on=ask.body.locked)
        return await self.thread(ask)

    async def follow(self, ask: Ask) -> Answer:
        await self._parts.threads.follow(actor_of(ask), ConversationId(ask.id("id")), on=True)
        return Answer(status=204)

    async def unfollow(self, ask: Ask) -> Answer:
        await self._parts.threads.follow(actor_of(ask), ConversationId(ask.id("id")), on=False)
        return Answer(status=204)

    async def mark_read(self, ask: Ask) -> Answer:
        await self._parts.threads.mark_read(actor_of(ask), ConversationId(ask.id("id")), ask.body.seq)
        return Answer(status=204)

    async def followed(self, ask: Ask) -> Answer:
        found = await self._parts.threads.followed(ask.signed().member_id)
        return Answer(Listed([shapes.thread(view) for view in found], None))

    async def revisions(self, ask: Ask) -> Answer:
        history = await self._parts.posts.history(actor_of(ask), MessageId(ask.id("id")))
        return Answer(Listed(shapes.earlier_texts(history), None))


def actor_of(ask: Ask) -> Actor:
    who = ask.signed()
    return Actor(who.member_id, who.is_operator)
