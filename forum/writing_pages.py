"""Pages for writing in the forum: open a thread, answer, edit, withdraw, flag, look back, keep boards.

Everything written goes through the gate; a page that asks for a change shows every word again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import Response

from community import markdown
from community.errors import BadRequest, FieldError, Invalid
from community.ids import BoardId, ConversationId, MessageId, parse_id
from community.web.forms import Form
from community.web.groups_pages import required_actor
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from community.wishes import WARNINGS
from forum import words
from forum.api import Parts
from forum.boards import BoardForm
from forum.reading_pages import place_of
from forum.shapes import title_of
from forum.thread_page import ThreadPage, findings_in, nonce_of, preview_of, support_in
from forum.threads import ThreadForm
from moderation.casework.flags import Flags
from moderation.gate.gate import Gate
from moderation.gate.submissions import Edit, Send, Sent


@dataclass(frozen=True, slots=True)
class Words:
    """What a composer sent."""

    body: str
    nonce: str
    warnings: tuple[str, ...]


class WritingPages:
    def __init__(self, parts: Parts, gate: Gate, flags: Flags, thread_page: ThreadPage) -> None:
        self._parts = parts
        self._gate = gate
        self._flags = flags
        self._thread_page = thread_page

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/groups/{slug}/boards/new", self.new_board),
            Page("POST", "/groups/{slug}/boards/new", self.open_board, again=self.new_board),
            Page("GET", "/boards/{id}/edit", self.board_form),
            Page("POST", "/boards/{id}/edit", self.change_board, again=self.board_form),
            Page("GET", "/boards/{id}/new", self.new_thread),
            Page("POST", "/boards/{id}/new", self.open_thread, again=self.new_thread),
            Page("POST", "/threads/{id}/replies", self.reply, again=self.reply_again),
            Page("POST", "/threads/{id}/title", self.retitle, again=self.reply_again),
            Page("GET", "/posts/{id}/edit", self.edit_form),
            Page("POST", "/posts/{id}/edit", self.edit, again=self.edit_form),
            Page("POST", "/posts/{id}/withdraw", self.withdraw),
            Page("GET", "/posts/{id}/flag", self.flag_form),
            Page("POST", "/posts/{id}/flag", self.flag, again=self.flag_form),
            Page("GET", "/posts/{id}/history", self.history),
        ]

    # ---- boards

    async def new_board(self, visit: Visit) -> Response:
        seen = await self._parts.boards.to_open(required_actor(visit), visit.path["slug"])
        return visit.render("forum/board_form.html", group=seen.group, board=None)

    async def open_board(self, visit: Visit) -> Response:
        form = await visit.form()
        board = await self._parts.boards.open(
            required_actor(visit), visit.path["slug"], BoardForm(form.get("name"), form.get("about"))
        )
        return visit.redirect(f"/boards/{board.id}", say=_("The board is open."))

    async def board_form(self, visit: Visit) -> Response:
        board, seen = await self._parts.boards.see(required_actor(visit), BoardId(visit.id("id")))
        return visit.render("forum/board_form.html", group=seen.group, board=board)

    async def change_board(self, visit: Visit) -> Response:
        form, id = await visit.form(), BoardId(visit.id("id"))
        archived = form.get("archived") == "yes"
        board, seen = await self._parts.boards.see(required_actor(visit), id)
        change = BoardForm(form.get("name"), form.get("about"), _number(form, board.position), archived)
        await self._parts.boards.change(required_actor(visit), id, change)
        where = f"/groups/{seen.group.slug}/boards" if archived else f"/boards/{id}"
        return visit.redirect(where, say=_("Saved."))

    # ---- a new thread

    async def new_thread(self, visit: Visit, preview: str | None = None) -> Response:
        actor, id = required_actor(visit), BoardId(visit.id("id"))
        board, seen = await self._parts.boards.see(actor, id)
        draft = await self._parts.drafts.get(actor.member_id, id)
        return visit.render(
            "forum/new_thread.html",
            board=board,
            group=seen.group,
            draft=draft,
            nonce=nonce_of(visit, draft),
            support=support_in(visit.problem),
            findings=findings_in(visit.problem),
            preview=preview,
            words=words,
        )

    async def open_thread(self, visit: Visit) -> Response:
        form, id = await visit.form(), BoardId(visit.id("id"))
        said = composed(form)
        if form.get("action") == "preview":
            visit.values = form
            return await self.new_thread(visit, await preview_of(said.body))
        if form.get("action") == "draft":
            return await self._keep_draft(visit, id, f"/boards/{id}/new")
        needs = next((n for n in words.NEEDS if n == form.get("needs")), None)
        new = ThreadForm(said.nonce, form.get("title"), said.body, needs, said.warnings)
        thread, sent = await self._parts.threads.open(required_actor(visit), id, new)
        return await self._after_sending(visit, thread.id, sent, f"/threads/{thread.id}")

    # ---- answers

    async def reply_again(self, visit: Visit) -> Response:
        return await self._thread_page.show(visit, ConversationId(visit.id("id")))

    async def reply(self, visit: Visit) -> Response:
        form, id = await visit.form(), ConversationId(visit.id("id"))
        actor, said = required_actor(visit), composed(form)
        if form.get("action") == "preview":
            visit.values = form
            return await self._thread_page.show(visit, id, preview=await preview_of(said.body))
        if form.get("action") == "draft":
            return await self._keep_draft(visit, id, f"/threads/{id}#answer")
        to = parse_id(form.get("reply_to"))
        sent = await self._gate.send(
            Send(actor.member_id, id, said.nonce, said.body, MessageId(to) if to else None, said.warnings)
        )
        await self._parts.drafts.drop(actor.member_id, id)
        if form.get("follow") == "yes":
            await self._parts.threads.follow(actor, id, on=True)
        return await self._after_sending(visit, id, sent, f"/threads/{id}?at={sent.id}#p-{sent.id}")

    async def _keep_draft(self, visit: Visit, place: Any, back: str) -> Response:
        form = await visit.form()
        await self._parts.drafts.put(
            required_actor(visit),
            place,
            title=form.get("title"),
            body=form.get("body"),
            nonce=form.get("nonce"),
        )
        return visit.redirect(back, say=_("Your draft is kept. Only you can see it."))

    async def _after_sending(self, visit: Visit, thread: ConversationId, sent: Sent, where: str) -> Response:
        """To the post; with a support card, the page at once, so that help stands in its place."""
        if sent.support is not None:
            return await self._thread_page.show(visit, thread, support=sent.support, at=sent.id)
        return visit.redirect(where, say=said_of(sent))

    async def retitle(self, visit: Visit) -> Response:
        id = ConversationId(visit.id("id"))
        card = await self._parts.titles.change(required_actor(visit), id, (await visit.form()).get("title"))
        if card is not None:
            return visit.render("support_page.html", support=card, onward=f"/threads/{id}")
        return visit.redirect(f"/threads/{id}", say=_("The title is new."))

    # ---- one's own posts

    async def edit_form(self, visit: Visit, preview: str | None = None) -> Response:
        thread, view = await self._parts.posts.own(required_actor(visit), MessageId(visit.id("id")))
        return visit.render(
            "forum/edit.html",
            thread=thread,
            title=title_of(thread),
            post=view,
            nonce=nonce_of(visit),
            support=support_in(visit.problem),
            findings=findings_in(visit.problem),
            preview=preview,
        )

    async def edit(self, visit: Visit) -> Response:
        form, id = await visit.form(), MessageId(visit.id("id"))
        actor = required_actor(visit)
        if form.get("action") == "preview":
            visit.values = form
            return await self.edit_form(visit, await preview_of(form.get("body")))
        # The gate first: a cry that comes too late for its post is heard all the same.
        sent = await self._gate.edit(Edit(actor.member_id, id, form.get("nonce"), form.get("body")))
        thread = await self._parts.threads.of_message(actor, id)
        return await self._after_sending(visit, thread.id, sent, place_of(thread, id))

    async def withdraw(self, visit: Visit) -> Response:
        actor, id = required_actor(visit), MessageId(visit.id("id"))
        thread, _view = await self._parts.posts.own(actor, id)
        await self._gate.edits.withdraw(actor.member_id, id)
        return visit.redirect(place_of(thread, id), say=_("It is off every screen now."))

    async def history(self, visit: Visit) -> Response:
        history = await self._parts.posts.history(required_actor(visit), MessageId(visit.id("id")))
        rendered = [(r, await markdown.render(r.body)) for r in history.revisions]
        return visit.render(
            "forum/history.html", history=history, texts=rendered, title=title_of(history.thread)
        )

    # ---- the two flags

    async def flag_form(self, visit: Visit) -> Response:
        thread, view = await self._parts.posts.readable(required_actor(visit), MessageId(visit.id("id")))
        return visit.render(
            "forum/flag.html",
            thread=thread,
            title=title_of(thread),
            post=view,
            kind=visit.query.get("kind", ""),
            support=support_in(visit.problem),
        )

    async def flag(self, visit: Visit) -> Response:
        form, id = await visit.form(), MessageId(visit.id("id"))
        actor = required_actor(visit)
        thread, _view = await self._parts.posts.readable(actor, id)
        kind = _KINDS.get(form.get("kind"))
        if kind is None:
            say = _("Please choose one of the two.")
            raise Invalid(say, fields=(FieldError("kind", say),))
        flagged = await self._flags.flag(actor.member_id, id, kind, form.get("note"))
        if flagged.support is not None:
            return visit.render("support_page.html", support=flagged.support, onward=place_of(thread, id))
        return visit.redirect(
            place_of(thread, id), say=_("Thank you for looking out. A person will read this.")
        )


_KINDS: dict[str, Literal["worried", "breaks_a_rule"]] = {
    "worried": "worried",
    "breaks_a_rule": "breaks_a_rule",
}


def composed(form: Form) -> Words:
    """What the composer sent; a warning of one's own stands after those from the list."""
    own = form.get("own_warning")
    chosen = [w for w in form.all("warnings") if w in WARNINGS]
    return Words(
        form.get("body"), form.get("nonce"), tuple(dict.fromkeys([*chosen, *([own] if own else [])]))
    )


def said_of(sent: Sent) -> str:
    """What became of a post, in words for its author."""
    if sent.outcome == "hold":
        return _("Thank you. A person reads this before others can see it. You see it here already.")
    if sent.masked:
        return _(
            "It is there. One part is hidden from others, for their safety. You still see your own words."
        )
    if sent.help:
        return _("It is there. If today is hard: “I need help now” at the top is always there for you.")
    return _("It is there.")


def _number(form: Form, otherwise: int) -> int:
    text = form.get("position")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadRequest
    return int(text)
