"""One thread as a page: shared by reading it, answering in it and being sent back to mend an answer."""

from __future__ import annotations

from starlette.responses import Response

from community import markdown
from community.errors import NotFound, Refusal
from community.ids import ConversationId, MessageId, parse_id
from community.tokens import new_token
from community.web.groups_pages import required_actor
from community.web.visit import Visit
from forum import standing, words
from forum.api import Parts
from forum.drafts import BODY_CHARS_MAX
from forum.posts import Post
from forum.shapes import title_of
from forum.store.drafts import DraftRow
from forum.titles import may_change
from moderation.gate.edits import REACTIONS
from moderation.gate.support import SupportCard


class ThreadPage:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def show(
        self,
        visit: Visit,
        id: ConversationId,
        *,
        support: SupportCard | None = None,
        at: MessageId | None = None,
        preview: str | None = None,
    ) -> Response:
        """The page with its posts, and the reply box with what was sent, the draft, or nothing. Being shown
        is being read. Raises NotFound."""
        actor = required_actor(visit)
        seen = await self._parts.threads.see(actor, id)
        at = at or _id(visit.query.get("at", ""))
        page = await self._parts.posts.page(actor, seen, page=_number(visit.query.get("page", "")), at=at)
        answered = await self._answered(visit, seen.thread.id)
        draft = await self._parts.drafts.get(actor.member_id, id)
        if not seen.thread.held:
            await self._parts.threads.mark_read(actor, id, page.read_to)
        part = visit.query.get("part") == "posts" and visit.request.method == "GET"
        return visit.render(
            "forum/posts.html" if part else "forum/thread.html",
            thread=seen.thread,
            title=title_of(seen.thread),
            group=seen.group.group,
            may_write=seen.may_write,
            may_moderate=seen.may_moderate,
            sees_history=standing.looks_after(seen.group),
            page=page,
            draft=draft,
            nonce=nonce_of(visit, draft),
            answered=answered,
            may_title=may_change(actor, seen).allowed,
            card=None if support else await self._parts.cards.of(actor.member_id, id),
            reactions=REACTIONS,
            quote=quoted(answered) if answered and visit.query.get("quote") else "",
            support=support or support_in(visit.problem),
            findings=findings_in(visit.problem),
            preview=preview,
            words=words,
        )

    async def _answered(self, visit: Visit, thread: ConversationId) -> Post | None:
        """The post that is being answered, by the link's `to` or the form's `reply_to`."""
        wanted = _id(visit.values.get("reply_to") or visit.query.get("to", ""))
        if wanted is None:
            return None
        try:
            return await self._parts.posts.one(required_actor(visit), wanted, thread)
        except NotFound:
            return None  # gone meanwhile: the answer goes to the thread


async def preview_of(body: str) -> str | None:
    """How a text will look, or None for nothing. A text over the limit is cut: sending it says so."""
    return await markdown.render(body[:BODY_CHARS_MAX]) if body.strip() else None


def nonce_of(visit: Visit, draft: DraftRow | None = None) -> str:
    """The form's nonce, so that sending it twice is once; else that of the draft which goes on here; a fresh
    one where the old one was used up."""
    used_up = visit.problem is not None and visit.problem.code == "conflict"
    return (not used_up and (visit.values.get("nonce") or (draft and draft.nonce))) or new_token()


def support_in(problem: Refusal | None) -> SupportCard | None:
    """The card that came with a refusal."""
    card = problem.extra.get("support") if problem else None
    return card if isinstance(card, SupportCard) else None


def findings_in(problem: Refusal | None) -> list[str]:
    """The sentences for the author about what should be changed, each once."""
    found = problem.extra.get("findings") if problem else None
    if not isinstance(found, list):
        return []
    return list(dict.fromkeys(str(f["sentence"]) for f in found if isinstance(f, dict) and f.get("sentence")))


def quoted(post: Post) -> str:
    """The words of a post as a Markdown quote to answer below."""
    lines = post.shown.strip().splitlines()
    return "\n".join(f"> {line}" for line in lines[:20]) + "\n\n" if lines else ""


def _id(text: str) -> MessageId | None:
    value = parse_id(text)
    return None if value is None else MessageId(value)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
