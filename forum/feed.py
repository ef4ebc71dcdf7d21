"""Atom feeds: titles of new threads behind a private link that its owner can end at any time.

The link is a secret in the path (`/feeds/<token>`), kept as a hash, and never written to a log. A feed says
titles and nothing else: no name of a group or a person, no text, and no title with a content warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

from community.clock import Clock
from community.database import Database
from community.errors import Conflict, NotFound
from community.groups import Actor
from community.ids import GroupId, MemberId, new_id
from community.store import capabilities
from community.store import groups as groups_store
from community.store.capabilities import CapabilityRow
from community.tokens import new_token, token_hash
from community.web.dates import machine
from community.web.words import _
from forum import standing
from forum.store import feeds as store
from forum.store.feeds import FeedEntry

PURPOSE = "feed"
PATH = "/feeds"
"""Everything below this path is a secret: logs must cut it there."""
LINKS_MAX = 20
MEDIA_TYPE = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A standing link as its owner sees it in the list; the secret itself is shown once, when made."""

    id: UUID
    group_slug: str | None  # None: all groups one is in
    group_name: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """What one fetch of a link shows. `updated_at` is the newest activity, or when the link was made."""

    id: UUID
    updated_at: datetime
    entries: Sequence[FeedEntry]


class Feeds:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def make(self, actor: Actor, slug: str | None) -> tuple[FeedLink, str]:
        """A new link for one group, or for all one is in, and its secret. Raises NotFound, Conflict past
        LINKS_MAX."""
        token, now = new_token(), self._clock.now()
        async with self._database.transaction() as tx:
            group = (await standing.in_group(tx, actor, slug)).group if slug else None
            if len(await capabilities.of_member(tx, actor.member_id, purpose=PURPOSE)) >= LINKS_MAX:
                raise Conflict("You have many feed links. Please end one first.", code="too_many")
            row = CapabilityRow(new_id(), actor.member_id, PURPOSE, group.id if group else None, now)
            await capabilities.add(tx, row, token_hash=token_hash(token))
        return FeedLink(row.id, group.slug if group else None, group.name if group else None, now), token

    async def of_member(self, member: MemberId) -> list[FeedLink]:
        """The member's standing links, newest first."""
        async with self._database.read() as conn:
            links = []
            for row in await capabilities.of_member(conn, member, purpose=PURPOSE):
                group = await groups_store.by_id(conn, GroupId(row.subject)) if row.subject else None
                links.append(
                    FeedLink(
                        row.id, group.slug if group else None, group.name if group else None, row.created_at
                    )
                )
        return links

    async def revoke(self, member: MemberId, id: UUID) -> None:
        """End a link at once. Raises NotFound for one that isn't the member's or has ended."""
        async with self._database.transaction() as tx:
            if not await capabilities.revoke(tx, member, id, now=self._clock.now()):
                raise NotFound

    async def read(self, token: str) -> Feed:
        """What this secret shows now: its owner's present permissions decide, at every fetch. Raises
        NotFound for an unknown or ended link."""
        async with self._database.read() as conn:
            row = await capabilities.by_token(conn, token_hash(token), purpose=PURPOSE)
            if row is None:
                raise NotFound
            group = GroupId(row.subject) if row.subject else None
            entries = await store.entries(conn, row.member_id, group)
        return Feed(row.id, max([row.created_at, *(e.last_at for e in entries)]), entries)


def atom(feed: Feed, base_url: str) -> str:
    """The feed as Atom (RFC 4287). Pure but for the words, which are in the visit's language."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom">',
            f"<id>urn:uuid:{feed.id}</id>",
            f"<title>{escape(_('New posts'))}</title>",
            f"<updated>{machine(feed.updated_at)}</updated>",
            f"<author><name>{escape(_('Members'))}</name></author>",
            *(_entry(entry, base_url) for entry in feed.entries),
            "</feed>",
            "",
        ]
    )


def _entry(entry: FeedEntry, base_url: str) -> str:
    return (
        f"<entry><id>urn:uuid:{entry.id}</id>"
        f"<title>{escape(_printable(_title(entry)))}</title>"
        f"<link href={quoteattr(f'{base_url}/threads/{entry.id}')}/>"
        f"<published>{machine(entry.at)}</published><updated>{machine(entry.last_at)}</updated></entry>"
    )


def _title(entry: FeedEntry) -> str:
    if not entry.title:
        return _("A withdrawn post")
    return _("A post with a content warning") if entry.warned else entry.title


def _printable(text: str) -> str:
    """Without the characters that XML 1.0 has no way to write (section 2.2)."""
    return "".join(c if c >= " " and c not in "\ufffe\uffff" else " " for c in text)
