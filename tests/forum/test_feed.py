"""The feed's words: well-formed whatever a title holds, and silent about everything but titles."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from community.ids import ConversationId, new_id
from community.store import capabilities
from community.store.capabilities import CapabilityRow
from community.tokens import token_hash
from forum.feed import Feed, Feeds, atom
from forum.store.feeds import FeedEntry
from tests.forum.world import World, actor

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def feed_of(*titles: str, warned: bool = False) -> Feed:
    return Feed(new_id(), AT, [FeedEntry(ConversationId(new_id()), t, warned, AT, AT) for t in titles])


@given(st.text(max_size=80))
def test_every_title_makes_a_well_formed_feed(title: str) -> None:
    title = title.encode("utf-8", "replace").decode()
    tree = ElementTree.fromstring(atom(feed_of(title), "https://kith.test").encode())
    assert tree.find(f"{ATOM}entry/{ATOM}title") is not None


def test_an_entry_links_to_its_thread_and_carries_no_more() -> None:
    feed = feed_of("Small victories")
    entry = ElementTree.fromstring(atom(feed, "https://kith.test").encode()).find(f"{ATOM}entry")
    assert entry is not None
    assert {child.tag.removeprefix(ATOM) for child in entry} == {
        "id",
        "title",
        "link",
        "published",
        "updated",
    }
    link = entry.find(f"{ATOM}link")
    assert link is not None and link.get("href") == f"https://kith.test/threads/{feed.entries[0].id}"


def test_titles_with_a_warning_and_titles_that_went_are_not_told() -> None:
    assert "Food" not in atom(feed_of("Food", warned=True), "")
    assert "A withdrawn post" in atom(feed_of(""), "")


async def test_a_feed_follows_its_owners_permissions_at_every_fetch(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    board = await world.board(group)
    await world.thread(group, board, a, title="open")
    held = await world.thread(group, board, a, title="held", held=True)
    feeds = Feeds(world.database, world.clock)
    _, token = await feeds.make(actor(b), "lighthouse")
    assert [e.title for e in (await feeds.read(token)).entries] == ["open"]
    await world.release(held.id, held.first)
    assert {e.title for e in (await feeds.read(token)).entries} == {"open", "held"}
    await world.block(b, a)
    assert (await feeds.read(token)).entries == []


async def test_a_link_for_one_purpose_opens_nothing_else(world: World) -> None:
    member = await world.member()
    async with world.database.transaction() as tx:
        row = CapabilityRow(new_id(), member, "feed", None, world.clock.now())
        await capabilities.add(tx, row, token_hash=token_hash("secret"))
        assert await capabilities.by_token(tx, token_hash("secret"), purpose="feed") == row
        assert await capabilities.by_token(tx, token_hash("secret"), purpose="calendar") is None
        assert await capabilities.revoke(tx, member, row.id, now=world.clock.now())
        assert await capabilities.by_token(tx, token_hash("secret"), purpose="feed") is None
        assert not await capabilities.revoke(tx, member, row.id, now=world.clock.now())
