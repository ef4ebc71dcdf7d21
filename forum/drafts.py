"""Drafts: one a place (a thread to answer, a board for a new thread), kept on the server."""

from __future__ import annotations

from uuid import UUID

from community.clock import Clock
from community.database import Database
from community.errors import FieldError, Invalid, NotFound, TooLong
from community.groups import Actor
from community.ids import BoardId, ConversationId, MemberId
from forum import standing
from forum.store import drafts as store
from forum.store import lists
from forum.store.drafts import DraftRow, DraftView
from moderation.gate.submissions import NONCE_CHARS_MAX

BODY_CHARS_MAX = 8_000
TITLE_CHARS_MAX = 150


class Drafts:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, member: MemberId, place: UUID) -> DraftRow | None:
        """The member's draft for this place; None when there is none, wherever that place went."""
        async with self._database.read() as conn:
            return await store.get(conn, member, place)

    async def put(self, actor: Actor, place: UUID, *, title: str, body: str, nonce: str = "") -> DraftRow:
        """Keep a draft, replacing the earlier one; an empty one is dropped. `nonce` is the one it will be
        sent with: a save that arrives after the sending keeps nothing. Raises NotFound for a place the
        actor can't see, TooLong, Invalid."""
        draft = DraftRow(
            place,
            _checked(title, TITLE_CHARS_MAX),
            _checked(body, BODY_CHARS_MAX),
            self._clock.now(),
            _checked(nonce, NONCE_CHARS_MAX),
        )
        async with self._database.transaction() as tx:
            if await lists.see(tx, actor.member_id, ConversationId(place)) is None:
                await standing.on_board(tx, actor, BoardId(place))
            if draft.title.strip() or draft.body.strip():
                await store.put(tx, actor.member_id, draft)
            else:
                await store.drop(tx, actor.member_id, place)
        return draft

    async def drop(self, member: MemberId, place: UUID) -> None:
        """Throw a draft away; twice is once."""
        async with self._database.transaction() as tx:
            await store.drop(tx, member, place)

    async def of_member(self, member: MemberId) -> list[DraftView]:
        """All drafts of a member, newest first."""
        async with self._database.read() as conn:
            return await store.listed(conn, member)


def require_draft(draft: DraftRow | None) -> DraftRow:
    """Raises NotFound where there is none."""
    if draft is None:
        raise NotFound
    return draft


def _checked(text: str, chars_max: int) -> str:
    if len(text) > chars_max:
        raise TooLong
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        say = "There is a character in this that we can't keep."
        raise Invalid(say, code="bad_text", fields=(FieldError("body", say),))
    return text
