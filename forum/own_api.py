"""What is one's own in the forum, as API: drafts, previews, search, private feed links."""

from __future__ import annotations

from msgspec import Struct

from community import markdown
from community.errors import TooLong
from community.web.calls import Answer, Ask, Call
from community.web.shapes import Listed, clamp
from forum import shapes
from forum.api import Parts, actor_of
from forum.cursors import offset_of
from forum.drafts import BODY_CHARS_MAX, require_draft
from forum.feed import PATH as FEEDS_PATH
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
    q: str = ""
    group: str | None = None
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
