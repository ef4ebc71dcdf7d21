"""What is one's own in the forum, as API: drafts, previews, search, private feed links."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from community import markdown
from community.errors import FieldError, Invalid, TooLong
from community.handles import HANDLE_CHARS_MAX
from community.ids import BoardId
from community.web import dates
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Listed, clamp
from forum import shapes
from forum.api import Parts, actor_of
from forum.cursors import offset_of
from forum.drafts import BODY_CHARS_MAX, require_draft
from forum.feed import PATH as FEEDS_PATH
from forum.store.search import Narrow
from forum.store.threads import Needs
from moderation.gate.submissions import is_text
from moderation.gate.support import Reader


class DraftText(Struct, frozen=True):
    """`nonce`: the one these words will be sent with, so that a save that comes late keeps nothing."""

    body: str
    title: str = ""
    nonce: str = ""


class PreviewOf(Struct, frozen=True):
    body: str


class NewFeed(Struct, frozen=True):
    group: str | None = None


class SearchQuery(Struct, frozen=True):
    """`since` and `until` are days in the reader's zone, both included; a board and a need leave rooms out."""

    q: str = ""
    group: str | None = None
    board: UUID | None = None
    author: str | None = None
    since: date | None = None
    until: date | None = None
    needs: Needs | None = None
    cursor: str | None = None
    limit: int = 20


class OwnApi:
    """`base_url` is where people reach this server; feed links are made with it."""

    def __init__(self, parts: Parts, base_url: str) -> None:
        self._parts = parts
        self._base_url = base_url.rstrip("/")

    def calls(self) -> list[Call]:
        text = "/drafts/{id}"
        return [
            Call("GET", "/drafts", self.drafts, "My drafts", answers={200: Listed[shapes.Draft]}),
            Call("GET", text, self.draft, "My draft for a thread or board", answers={200: shapes.Draft}),
            Call("PUT", text, self.put_draft, "Keep a draft",
                 body=DraftText, answers={200: shapes.Draft}, idempotent=False),
            Call("DELETE", text, self.drop_draft, "Throw a draft away", answers={204: None}),
            Call("POST", "/previews", self.preview, "How a text will look; kept nowhere",
                 body=PreviewOf, answers={200: shapes.Preview}, idempotent=False),
            Call("GET", "/search", self.search, "What I may see, best fit first; help first for crisis words",
                 query=SearchQuery, answers={200: shapes.Hits}),
            Call("GET", "/me/feeds", self.feeds, "My feed links", answers={200: Listed[shapes.FeedShape]}),
            Call("POST", "/me/feeds", self.make_feed, "Make a private feed link; its address is shown once",
                 body=NewFeed, answers={201: shapes.FeedShape}, idempotent=False),
            Call("DELETE", "/me/feeds/{id}", self.revoke_feed, "End a feed link", answers={204: None}),
        ]  # fmt: skip

    # ---- drafts, preview

    async def drafts(self, ask: Ask) -> Answer:
        found = await self._parts.drafts.of_member(ask.signed().member_id)
        return Answer(Listed([shapes.listed_draft(view) for view in found], None))

    async def draft(self, ask: Ask) -> Answer:
        return Answer(
            shapes.draft(require_draft(await self._parts.drafts.get(ask.signed().member_id, ask.id("id"))))
        )

    async def put_draft(self, ask: Ask) -> Answer:
        text: DraftText = ask.body
        row = await self._parts.drafts.put(
            actor_of(ask), ask.id("id"), title=text.title, body=text.body, nonce=text.nonce
        )
        return Answer(shapes.draft(row))

    async def drop_draft(self, ask: Ask) -> Answer:
        await self._parts.drafts.drop(ask.signed().member_id, ask.id("id"))
        return Answer(status=204)

    async def preview(self, ask: Ask) -> Answer:
        if len(ask.body.body) > BODY_CHARS_MAX:
            raise TooLong
        return Answer(shapes.Preview(await markdown.render(ask.body.body)))

    # ---- search, feeds

    async def search(self, ask: Ask) -> Answer:
        query: SearchQuery = ask.query
        who = ask.signed()
        results = await self._parts.search.find(
            actor_of(ask),
            Reader(who.country, who.language),
            query.q,
            group=query.group,
            narrow=narrowed(query, dates.zone(who.time_zone)),
            offset=offset_of(query.cursor),
            limit=clamp(query.limit),
        )
        return Answer(shapes.hits(results))

    async def feeds(self, ask: Ask) -> Answer:
        found = await self._parts.feeds.of_member(ask.signed().member_id)
        return Answer(Listed([shapes.feed(link) for link in found], None))

    async def make_feed(self, ask: Ask) -> Answer:
        link, token = await self._parts.feeds.make(actor_of(ask), ask.body.group)
        return Answer(shapes.feed(link, f"{self._base_url}{FEEDS_PATH}/{token}"), status=201)

    async def revoke_feed(self, ask: Ask) -> Answer:
        await self._parts.feeds.revoke(ask.signed().member_id, ask.id("id"))
        return Answer(status=204)


def narrowed(query: SearchQuery, zone: ZoneInfo) -> Narrow:
    """Days as moments in the reader's zone; a handle with or without its "@". Raises Invalid."""
    author = (query.author or "").strip().lstrip("@")
    if not is_text(author):
        raise Invalid(fields=(FieldError("author", "There is a character in this that we can't read."),))
    try:
        until = None if query.until is None else query.until + timedelta(days=1)
    except OverflowError:
        until = None
    return Narrow(
        board=None if query.board is None else BoardId(query.board),
        author=author[:HANDLE_CHARS_MAX] or None,
        since=_midnight(query.since, zone),
        until=_midnight(until, zone),
        needs=query.needs,
    )


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The first moment of a day; none for days at the edge of what a calendar holds."""
    if day is None or not 1900 <= day.year <= 9000:
        return None
    return datetime.combine(day, time(), zone)
