"""What other packages put onto the ground's pages: sections of a group page, links in the rail.

community/ may not import chat/ or forum/; at assembly they hand in functions that answer with these.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from community.ids import GroupId
from community.web.sessions import Signed


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a list: where it leads, what it is, and a quiet word beside it ("2 new")."""

    title: str
    href: str
    about: str = ""
    aside: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupSection:
    """A list on a group's page: rooms, boards. `make` is a form's page for those who may add one."""

    title: str
    entries: tuple[Entry, ...]
    empty: str
    make_href: str = ""
    make_label: str = ""


@dataclass(frozen=True, slots=True)
class RailSection:
    """A heading with links in the left rail. `always`: on a phone too, where there is no room for all."""

    title: str
    entries: tuple[Entry, ...]
    always: bool = False


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """What a section needs to know of the group and of the one who looks."""

    id: GroupId
    slug: str
    role: str | None
    """None for someone who isn't a member."""


GroupSections = Callable[[Signed | None, GroupSeen], Awaitable[GroupSection | None]]
RailSections = Callable[[Signed], Awaitable[RailSection | None]]
