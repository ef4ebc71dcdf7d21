"""Pages for reading the forum: boards, lists of threads, a thread, its printable form, permalinks."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from community import rulings
from community.groups import Actor
from community.ids import BoardId, ConversationId, MessageId
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.sections import Entry, GroupSection, GroupSeen, RailSection
from community.web.sessions import Signed
from community.web.visit import Visit
from community.web.words import _, several
from forum import words
from forum.api import Parts
from forum.cursors import cursor_of, position_of
from forum.posts import PRINTED_MAX
from forum.shapes import title_of
from forum.store.lists import ThreadView, Wanted
from forum.thread_page import ThreadPage

PER_PAGE = 30
RAIL_MAX = 12


class ReadingPages:
    def __init__(self, parts: Parts, thread_page: ThreadPage) -> None:
        self._parts = parts
        self._thread_page = thread_page

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/groups/{slug}/boards", self.boards),
            Page("GET", "/boards/{id}", self.board),
            Page("GET", "/threads/{id}", self.thread),
            Page("GET", "/threads/{id}/print", self.printed),
            Page("GET", "/posts/{id}", self.post),
            Page("GET", "/following", self.following),
            Page("POST", "/threads/{id}/follow", self.follow),
            Page("POST", "/threads/{id}/pin", self.pin),
            Page("POST", "/threads/{id}/lock", self.lock),
        ]

    # ---- what other pages show of the forum

    async def section(self, who: Signed | None, seen: GroupSeen) -> GroupSection | None:
        """The boards of a group, on its page. Someone signed out is shown the names."""
        if who is None:
            return None
        _seen, boards = await self._parts.boards.of_group(Actor(who.member_id, who.is_operator), seen.slug)
        may_open = rulings.RANK.get(seen.role or "", 0) >= rulings.RANK["moderator"]
        return GroupSection(
            title=_("Boards"),
            entries=tuple(
                Entry(
                    b.name,
                    f"/boards/{b.id}",
                    about=b.about,
                    aside=several("%d thread", "%d threads", b.threads) % b.threads,
                    at=b.last_at,
                )
                for b in boards
            ),
            empty=_("There is no board yet."),
            make_href=f"/groups/{seen.slug}/boards/new" if may_open else "",
            make_label=_("Open a board"),
        )

    async def rail(self, who: Signed) -> RailSection | None:
        """Threads one follows, in the left rail."""
        found = await self._parts.threads.followed(who.member_id, RAIL_MAX)
        entries = [
            Entry(_seen_title(who, t), f"/threads/{t.id}", aside=_("%d new") % t.unread if t.unread else "")
            for t in found
        ]
        if found:
            entries.append(Entry(_("All threads I follow"), "/following"))
        return RailSection(_("I follow"), tuple(entries))

    # ---- boards and lists

    async def boards(self, visit: Visit) -> Response:
        seen, boards = await self._parts.boards.of_group(required_actor(visit), visit.path["slug"])
        return visit.render(
            "forum/boards.html",
            group=seen.group,
            boards=boards,
            may_moderate=rulings.moderate(seen.place).allowed,
        )

    async def board(self, visit: Visit) -> Response:
        actor, query = required_actor(visit), visit.query
        wanted = Wanted(
            filter=next((f for f in words.FILTERS if f == query.get("show")), "all"),
            needs=next((n for n in words.NEEDS if n == query.get("needs")), None),
            warned=query.get("warned") != "no",
        )
        page = await self._parts.threads.on_board(
            actor,
            BoardId(visit.id("id")),
            wanted=wanted,
            before=position_of(query.get("before")),
            limit=PER_PAGE,
        )
        return visit.render(
            "forum/board.html",
            page=page,
            board=page.board,
            group=page.seen.group,
            wanted=wanted,
            link=lambda **changes: _link(page.board.id, wanted, changes),
            older=_link(page.board.id, wanted, {"before": cursor_of(page.next)}) if page.next else "",
            newer=_link(page.board.id, wanted, {}) if query.get("before") else "",
            may_moderate=rulings.moderate(page.seen.place).allowed,
            title_of=title_of,
            words=words,
        )

    async def following(self, visit: Visit) -> Response:
        found = await self._parts.threads.followed(required_actor(visit).member_id)
        return visit.render("forum/following.html", threads=found, title_of=title_of, words=words)

    # ---- a thread

    async def thread(self, visit: Visit) -> Response:
        return await self._thread_page.show(visit, ConversationId(visit.id("id")))

    async def printed(self, visit: Visit) -> Response:
        """The whole thread on one page, without anything to press."""
        actor = required_actor(visit)
        seen = await self._parts.threads.see(actor, ConversationId(visit.id("id")))
        page = await self._parts.posts.page(actor, seen, size=PRINTED_MAX)
        return visit.render(
            "forum/print.html", thread=seen.thread, title=title_of(seen.thread), page=page, words=words
        )

    async def post(self, visit: Visit) -> Response:
        """A permalink: leads to wherever this post stands now."""
        id = MessageId(visit.id("id"))
        thread = await self._parts.threads.of_message(required_actor(visit), id)
        return visit.redirect(place_of(thread, id))

    async def follow(self, visit: Visit) -> Response:
        id, on = await _switch(visit)
        await self._parts.threads.follow(required_actor(visit), id, on=on)
        say = _("You follow this thread now.") if on else _("You don't follow this thread any more.")
        return visit.redirect(visit.next_path((await visit.form()).get("next"), f"/threads/{id}"), say=say)

    async def pin(self, visit: Visit) -> Response:
        id, on = await _switch(visit)
        await self._parts.threads.pin(required_actor(visit), id, on=on)
        return visit.redirect(
            f"/threads/{id}", say=_("Stays on top of its board.") if on else _("Not on top any more.")
        )

    async def lock(self, visit: Visit) -> Response:
        id, on = await _switch(visit)
        await self._parts.threads.lock(required_actor(visit), id, on=on)
        say = _("Read-only now. Everyone can still read it.") if on else _("Open again for answers.")
        return visit.redirect(f"/threads/{id}", say=say)


def place_of(thread: ThreadView, post: MessageId) -> str:
    """The address of a post inside its thread's page."""
    if post == thread.first_id:
        return f"/threads/{thread.id}"
    return f"/threads/{thread.id}?at={post}#p-{post}"


async def _switch(visit: Visit) -> tuple[ConversationId, bool]:
    return ConversationId(visit.id("id")), (await visit.form()).get("on") == "yes"


def _link(board: BoardId, wanted: Wanted, changes: dict[str, str | None]) -> str:
    """The list's address with some of its choices changed; None takes one out."""
    now = {
        "show": None if wanted.filter == "all" else wanted.filter,
        "needs": wanted.needs,
        "warned": None if wanted.warned else "no",
    }
    chosen = {key: value for key, value in {**now, **changes}.items() if value}
    return f"/boards/{board}" + (f"?{urlencode(chosen)}" if chosen else "")


def _seen_title(who: Signed, thread: ThreadView) -> str:
    """A title in the rail, as its reader wishes: what they muted or put away isn't said there either."""
    title = title_of(thread)
    if thread.author_id == who.member_id:
        return title
    stands = who.wishes.sight(title, thread.warnings)
    return _("A thread you chose not to see named") if stands in ("word", "hidden") else title
