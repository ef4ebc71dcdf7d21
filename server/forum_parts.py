"""The forum's parts, made once and shared by its API and its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forum.api import ForumApi, Parts
from forum.boards import Boards
from forum.drafts import Drafts
from forum.feed import Feeds
from forum.own_api import OwnApi
from forum.pages import ForumPages
from forum.posts import Posts
from forum.search import Search
from forum.threads import Threads
from forum.titles import Titles
from moderation.gate.standing_cards import StandingCards

if TYPE_CHECKING:
    from server.assembly import House


def forum_parts(house: House) -> Parts:
    database, clock, gate, bus = house.database, house.clock, house.gate, house.bus
    threads = Threads(database, clock, gate, bus)
    return Parts(
        boards=Boards(database, clock, gate, bus),
        threads=threads,
        titles=Titles(database, clock, gate, bus, threads),
        posts=Posts(database),
        cards=StandingCards(database, clock),
        drafts=Drafts(database, clock),
        search=Search(database, house.search_help),
        feeds=Feeds(database, clock),
    )


def base_url(house: House) -> str:
    """Where people reach this server, for links that leave it (feeds)."""
    server = house.settings.server
    host = f"[{server.host}]" if ":" in server.host else server.host
    return server.public_url.rstrip("/") or f"http://{host}:{server.port}"


def forum_apis(house: House) -> tuple[ForumApi, OwnApi]:
    parts = forum_parts(house)
    return ForumApi(parts), OwnApi(parts, base_url(house))


def forum_pages(house: House) -> ForumPages:
    return ForumPages(forum_parts(house), house.gate, house.flags, house.settings.server.public_url)
