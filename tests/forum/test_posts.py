"""What one reader sees of a thread's posts, page by page."""

from __future__ import annotations

from community.store import marks
from forum.posts import Posts, PostsPage
from forum.store import lists
from forum.threads import SeenThread
from tests.forum.world import Laid, World, actor


async def page(world: World, member: object, laid: Laid, number: int = 1, size: int = 3) -> PostsPage:
    async with world.database.read() as conn:
        thread = await lists.see(conn, member, laid.id)  # type: ignore[arg-type]
    assert thread is not None
    seen = SeenThread(thread, None, None, False)  # type: ignore[arg-type]
    return await Posts(world.database).page(actor(member), seen, page=number, size=size)  # type: ignore[arg-type]


async def test_pages_hold_every_post_once_in_reading_order(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    laid = await world.thread(group, await world.board(group), a)
    one = await world.say(group, laid.id, a, "one")
    for body in ("two", "three", "four"):
        await world.say(group, laid.id, a, body)
    await world.say(group, laid.id, a, "under one", reply_to=one)
    first, second = await page(world, a, laid), await page(world, a, laid, 2)
    assert (first.pages, second.page) == (2, 2)
    assert [p.shown for p in (*first.posts, *second.posts)] == ["one", "under one", "two", "three", "four"]
    assert (await page(world, a, laid, 99)).page == 2


async def test_only_what_was_on_pages_so_far_counts_as_read(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    laid = await world.thread(group, await world.board(group), a)
    one = await world.say(group, laid.id, a, "one")
    for body in ("two", "three", "four"):
        await world.say(group, laid.id, a, body)
    await world.say(group, laid.id, a, "under one", reply_to=one)
    assert (await page(world, a, laid, 1)).read_to == 3  # "three" has seq 4 and stands on page 2
    assert (await page(world, a, laid, 2)).read_to == 6


async def test_new_are_the_posts_of_others_after_the_mark(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    laid = await world.thread(group, await world.board(group), a)
    await world.say(group, laid.id, b, "read")
    assert not any(p.new for p in (await page(world, a, laid)).posts)  # the first visit marks nothing
    async with world.database.transaction() as tx:
        await marks.have_read(tx, {(a, laid.id): 2})
    new = await world.say(group, laid.id, b, "new")
    await world.say(group, laid.id, a, "mine")
    shown = await page(world, a, laid)
    assert [p.new for p in shown.posts] == [False, True, False] and shown.first_unread == new


async def test_a_held_answer_stands_apart_for_its_author_alone(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    laid = await world.thread(group, await world.board(group), a)
    await world.say(group, laid.id, b, "waits", held=True)
    assert [p.own_words for p in (await page(world, b, laid)).held] == ["waits"]
    assert (await page(world, a, laid)).held == []


async def test_blocked_words_never_reach_the_page(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    laid = await world.thread(group, await world.board(group), a)
    await world.say(group, laid.id, b, "from b")
    await world.block(a, b)
    (post,) = (await page(world, a, laid)).posts
    assert post.blocked and (post.html, post.shown) == ("", "")
