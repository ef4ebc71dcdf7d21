"""Search: what the reader may see, best fit first; for crisis words help comes before any result.

A search opens no case, is judged for its help card alone, and is stored nowhere.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from community.database import Database
from community.errors import FieldError, Invalid, TooLong
from community.groups import Actor
from forum import standing
from forum.store import search as store
from forum.store.search import CANDIDATES_MAX, CLOSE, OPEN, WIDE, Found, Narrow
from moderation.gate.searching import SearchHelp
from moderation.gate.support import Reader, SupportCard

WORDS_CHARS_MAX = 200


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results. `next` is the offset of the page after it; `help` comes with the first page."""

    items: tuple[Found, ...]
    next: int | None
    help: SupportCard | None


class Search:
    def __init__(self, database: Database, help: SearchHelp) -> None:
        self._database = database
        self._help = help

    async def find(
        self,
        actor: Actor,
        reader: Reader,
        words: str,
        *,
        group: str | None,
        narrow: Narrow = WIDE,
        offset: int = 0,
        limit: int = 20,
    ) -> Results:
        """Messages and titles that fit, where and by whom it was asked for.
        Raises TooLong, Invalid, NotFound for a group one can't read."""
        if len(words) > WORDS_CHARS_MAX:
            raise TooLong(f"At most {WORDS_CHARS_MAX} characters, please.")
        if "\0" in words or any("\ud800" <= c <= "\udfff" for c in words):
            raise Invalid(fields=(FieldError("q", "There is a character in this that we can't read."),))
        card = self._help.help_for_search(words, reader) if words.strip() else None
        offset = min(max(offset, 0), 2 * CANDIDATES_MAX)
        async with self._database.read() as conn:
            inside = None if group is None else (await standing.in_group(conn, actor, group)).group.id
            found = (
                await store.find(
                    conn, actor.member_id, words, group=inside, narrow=narrow, offset=offset, limit=limit + 1
                )
                if words.strip()
                else []
            )
        more = len(found) > limit
        return Results(tuple(found[:limit]), offset + limit if more else None, card)


def marked(snippet: str) -> str:
    """A snippet as HTML: escaped first, then the found words marked."""
    return html.escape(snippet).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
