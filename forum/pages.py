"""All pages of the forum, and what other pages show of it: one thing for the assembly to know."""

from __future__ import annotations

from community.web.pages import Page
from community.web.sections import GroupSection, GroupSeen, RailSection
from community.web.sessions import Signed
from forum.api import Parts
from forum.own_pages import OwnPages
from forum.post_pages import PostPages
from forum.reading_pages import ReadingPages
from forum.thread_page import ThreadPage
from forum.writing_pages import WritingPages
from moderation.casework.flags import Flags
from moderation.gate.gate import Gate


class ForumPages:
    """`base_url` is where people reach this server; empty: as each visitor reached it."""

    def __init__(self, parts: Parts, gate: Gate, flags: Flags, base_url: str = "") -> None:
        thread_page = ThreadPage(parts)
        self._reading = ReadingPages(parts, thread_page)
        self._writing = WritingPages(parts, gate, flags, thread_page)
        self._own = OwnPages(parts, base_url)
        self._posts = PostPages(parts, gate)

    def pages(self) -> list[Page]:
        """Fixed paths stand before those with an id in their place."""
        return [
            *self._posts.pages(),
            *self._writing.pages(),
            *self._reading.pages(),
            *self._own.pages(),
        ]

    async def section(self, who: Signed | None, seen: GroupSeen) -> GroupSection | None:
        """The boards of a group, for its page (community/web/sections.py)."""
        return await self._reading.section(who, seen)

    async def rail(self, who: Signed) -> RailSection | None:
        """Threads that someone follows, for the left rail."""
        return await self._reading.rail(who)
