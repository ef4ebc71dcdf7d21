"""Pages of search, drafts and private feed links, and the feed itself."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from community.ids import parse_id
from community.web import dates
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from forum import words
from forum.api import Parts
from forum.cursors import offset_of
from forum.feed import MEDIA_TYPE, PATH, atom
from forum.own_api import SearchQuery, narrowed
from forum.search import marked
from moderation.gate.support import Reader

PER_PAGE = 20
DRAFT_SHOWN_CHARS = 200


class OwnPages:
    """`base_url` is where people reach this server; empty: as this visitor reached it."""

    def __init__(self, parts: Parts, base_url: str) -> None:
        self._parts = parts
        self._base_url = base_url.rstrip("/")

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/search", self.search),
            Page("GET", "/drafts", self.drafts),
            Page("POST", "/drafts/{id}/drop", self.drop_draft),
            Page("GET", "/me/feeds", self.feeds),
            Page("POST", "/me/feeds", self.make_feed),
            Page("POST", "/me/feeds/{id}/revoke", self.revoke_feed),
            Page("GET", PATH + "/{token}", self.feed, signed_in=False),
        ]

    async def search(self, visit: Visit) -> Response:
        who, query = visit.signed(), visit.query
        said, group = query.get("q", "").strip(), query.get("group") or None
        wanted = _wanted(query, group)
        results = await self._parts.search.find(
            required_actor(visit),
            Reader(who.country, who.language),
            said,
            group=group,
            narrow=narrowed(wanted, dates.zone(who.time_zone)),
            offset=offset_of(query.get("from")),
            limit=PER_PAGE,
        )
        boards = (await self._parts.boards.of_group(required_actor(visit), group))[1] if group else []
        more = {key: query[key] for key in _FILTERS if query.get(key)}
        return visit.render(
            "forum/search.html",
            said=said,
            group=group,
            results=results,
            wanted=wanted,
            boards=[(str(board.id), board.name) for board in boards],
            is_narrow=any(query.get(key) for key in _FILTERS if key not in ("q", "group")),
            marked=marked,
            older=f"/search?{urlencode({**more, 'from': results.next})}" if results.next else "",
            newer=f"/search?{urlencode(more)}" if query.get("from") else "",
            words=words,
        )

    async def drafts(self, visit: Visit) -> Response:
        found = await self._parts.drafts.of_member(required_actor(visit).member_id)
        return visit.render("forum/drafts.html", drafts=found, shown_chars=DRAFT_SHOWN_CHARS)

    async def drop_draft(self, visit: Visit) -> Response:
        await self._parts.drafts.drop(required_actor(visit).member_id, visit.id("id"))
        form = await visit.form()
        return visit.redirect(visit.next_path(form.get("next"), "/drafts"), say=_("The draft is gone."))

    async def feeds(self, visit: Visit, made: str = "") -> Response:
        found = await self._parts.feeds.of_member(required_actor(visit).member_id)
        return visit.render("forum/feeds.html", feeds=found, made=made, group=visit.query.get("group", ""))

    async def make_feed(self, visit: Visit) -> Response:
        """The one page that shows the secret; it is kept nowhere and never cached."""
        form = await visit.form()
        _link, token = await self._parts.feeds.make(required_actor(visit), form.get("group") or None)
        return await self.feeds(visit, made=f"{self._base(visit)}{PATH}/{token}")

    async def revoke_feed(self, visit: Visit) -> Response:
        await self._parts.feeds.revoke(required_actor(visit).member_id, visit.id("id"))
        return visit.redirect("/me/feeds", say=_("That link opens nothing any more."))

    async def feed(self, visit: Visit) -> Response:
        """The feed, for a program that holds the link. Raises NotFound for any other."""
        feed = await self._parts.feeds.read(visit.path["token"])
        response = Response(atom(feed, self._base(visit)), media_type=MEDIA_TYPE)
        response.headers["cache-control"] = "private, no-cache"
        response.headers["x-robots-tag"] = "noindex"
        return response

    def _base(self, visit: Visit) -> str:
        return self._base_url or str(visit.request.base_url).rstrip("/")


_FILTERS = ("q", "group", "board", "author", "since", "until", "needs")
"""What stands in a search's address, so that it can be kept as a bookmark."""


def _wanted(query: QueryParams, group: str | None) -> SearchQuery:
    """What a form asked for; what can't be read is left open, as for an empty field."""
    board = parse_id(query.get("board", "")) if group else None
    needs = next((need for need in words.NEEDS if need == query.get("needs")), None)
    return SearchQuery(
        group=group,
        board=board,
        author=query.get("author") or None,
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
        needs=needs,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
