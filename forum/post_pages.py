"""Small acts on one post: react to it, put away the card that stands at it, and all posts of one's own."""

from __future__ import annotations

from starlette.responses import Response

from community.ids import MessageId
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.visit import Visit
from forum import words
from forum.api import Parts
from forum.cursors import cursor_of, position_of
from forum.reading_pages import place_of
from moderation.gate.edits import REACTIONS
from moderation.gate.gate import Gate

PER_PAGE = 30


class PostPages:
    def __init__(self, parts: Parts, gate: Gate) -> None:
        self._parts = parts
        self._gate = gate

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/posts/{id}/react", self.reactions),
            Page("POST", "/posts/{id}/react", self.react),
            Page("POST", "/posts/{id}/card", self.put_card_away),
            Page("GET", "/my-posts", self.mine),
        ]

    async def reactions(self, visit: Visit) -> Response:
        """For browsers without scripts: the short, kind set as buttons."""
        actor, id = required_actor(visit), MessageId(visit.id("id"))
        thread = await self._parts.threads.of_message(actor, id)
        post = await self._parts.posts.one(actor, id, thread.id)
        return visit.render("forum/react.html", thread=thread, post=post, reactions=REACTIONS, words=words)

    async def react(self, visit: Visit) -> Response:
        form, actor, id = await visit.form(), required_actor(visit), MessageId(visit.id("id"))
        thread = await self._parts.threads.of_message(actor, id)
        emoji = form.get("emoji")
        post = await self._parts.posts.one(actor, id, thread.id)
        on = not any(r.mine and r.emoji == emoji for r in post.reactions)
        await self._gate.edits.react(actor.member_id, id, emoji, on=on)
        return visit.redirect(place_of(thread, id))

    async def put_card_away(self, visit: Visit) -> Response:
        actor, id = required_actor(visit), MessageId(visit.id("id"))
        await self._parts.cards.put_away(actor.member_id, id)
        thread = await self._parts.threads.of_message(actor, id)
        return visit.redirect(place_of(thread, id))

    async def mine(self, visit: Visit) -> Response:
        before = position_of(visit.query.get("before"))
        found = await self._parts.posts.mine(required_actor(visit), before=before, limit=PER_PAGE)
        return visit.render(
            "forum/my_posts.html",
            posts=found.posts,
            older=f"/my-posts?before={cursor_of(found.next)}" if found.next else "",
            newer="/my-posts" if before else "",
            words=words,
        )
