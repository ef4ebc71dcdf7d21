"""Which threads a reader sees, in which order, with which counts."""

from __future__ import annotations

import pytest

from community.store import marks
from forum.store import boards, lists, threads
from forum.store.lists import Filter, Position, Wanted
from tests.forum.world import World


async def titles(world: World, member: object, board: object, wanted: Wanted = Wanted()) -> list[str]:  # noqa: B008
    async with world.database.read() as conn:
        found = await lists.on_board(conn, member, board, wanted=wanted, before=None, limit=50)  # type: ignore[arg-type]
    return [t.title for t in found]


async def test_threads_stand_by_last_activity(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    board = await world.board(group)
    first = await world.thread(group, board, a, title="older")
    await world.thread(group, board, a, title="newer")
    assert await titles(world, b, board) == ["newer", "older"]
    await world.say(group, first.id, b, "an answer")
    assert await titles(world, b, board) == ["older", "newer"]


async def test_a_thread_whose_first_message_is_held_exists_for_its_author_and_moderators_alone(
    world: World,
) -> None:
    group = await world.group()
    author, reader = await world.insider(group), await world.insider(group)
    moderator, helper = (
        await world.insider(group, role="moderator"),
        await world.insider(group, role="facilitator"),
    )
    board = await world.board(group)
    laid = await world.thread(group, board, author, title="waits", held=True)
    await world.thread(group, board, author, title="open")
    for member, sees in ((author, True), (moderator, True), (reader, False), (helper, False)):
        assert ("waits" in await titles(world, member, board)) is sees
        async with world.database.read() as conn:
            assert (await lists.see(conn, member, laid.id) is not None) is sees
            assert (await lists.of_message(conn, reader, laid.first)) is None
            counted = await boards.of_group(conn, member, group)
        assert counted[0].threads == (2 if sees else 1)
    await world.release(laid.id, laid.first)
    assert await titles(world, reader, board) == ["waits", "open"]


async def test_the_title_goes_when_the_words_under_it_go(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    board = await world.board(group)
    withdrawn = await world.thread(group, board, a, title="shared too much")
    removed = await world.thread(group, board, a, title="against the rules")
    await world.take_back(withdrawn.id, withdrawn.first)
    await world.take_back(removed.id, removed.first, "removed")
    assert await titles(world, b, board) == ["", ""]
    assert await titles(world, a, board) == ["", ""]


async def test_answers_and_news_are_counted_for_the_one_who_looks(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    board = await world.board(group)
    laid = await world.thread(group, board, a)
    await world.say(group, laid.id, b, "one")
    two = await world.say(group, laid.id, b, "two")
    await world.say(group, laid.id, b, "waits", held=True)
    gone = await world.say(group, laid.id, b, "gone")
    await world.take_back(laid.id, gone)
    async with world.database.transaction() as tx:
        await marks.have_read(tx, {(a, laid.id): 2})
        mine = await lists.see(tx, a, laid.id)
        theirs = await lists.see(tx, b, laid.id)
    assert mine is not None and theirs is not None
    assert (mine.replies, mine.unread, mine.read_seq) == (2, 1, 2)
    assert (theirs.replies, theirs.unread, theirs.read_seq) == (2, 1, None)
    assert two


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("all", {"answered", "alone", "only mine", "theirs"}),
        ("unanswered", {"alone", "only mine", "theirs"}),
        ("mine", {"answered", "alone", "only mine"}),
        ("followed", {"answered"}),
        ("unread", {"answered", "theirs"}),
    ],
)
async def test_filters(world: World, wanted: Filter, expected: set[str]) -> None:
    group = await world.group()
    a, b = await world.insider(group), await world.insider(group)
    board = await world.board(group)
    answered = await world.thread(group, board, a, title="answered")
    await world.say(group, answered.id, b, "I hear you")
    await world.thread(group, board, a, title="alone")
    talks = await world.thread(group, board, a, title="only mine")
    await world.say(group, talks.id, a, "still here")
    await world.thread(group, board, b, title="theirs")
    async with world.database.transaction() as tx:
        await threads.follow(tx, answered.id, a, on=True, now=world.clock.now())
    assert set(await titles(world, a, board, Wanted(filter=wanted))) == expected


async def test_needs_and_warnings_filter_too(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    board = await world.board(group)
    await world.thread(group, board, a, title="listen", needs="listen")
    await world.thread(group, board, a, title="warned", warnings=("food",))
    assert await titles(world, a, board, Wanted(needs="listen")) == ["listen"]
    assert await titles(world, a, board, Wanted(warned=False)) == ["listen"]


async def test_a_blocked_author_stays_out_of_lists_but_nobody_else_does(world: World) -> None:
    group = await world.group()
    a, b, c = [await world.insider(group) for _ in range(3)]
    board = await world.board(group)
    await world.thread(group, board, b, title="by b")
    await world.thread(group, board, c, title="by c")
    await world.block(a, b)
    assert await titles(world, a, board) == ["by c"]
    assert await titles(world, b, board) == ["by c", "by b"]


async def test_pages_of_a_list_meet_without_gap_or_double(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    board = await world.board(group)
    for n in range(7):
        await world.thread(group, board, a, title=str(n))
    seen: list[str] = []
    before: Position | None = None
    async with world.database.read() as conn:
        while page := await lists.on_board(conn, a, board, wanted=Wanted(), before=before, limit=3):
            seen += [t.title for t in page]
            before = Position(page[-1].last_at, page[-1].id)
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


async def test_what_is_pinned_stands_apart(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    board = await world.board(group)
    laid = await world.thread(group, board, a, title="welcome")
    await world.thread(group, board, a, title="other")
    async with world.database.transaction() as tx:
        await threads.set_pinned(tx, laid.id, world.clock.now())
        assert [t.title for t in await lists.pinned(tx, a, board)] == ["welcome"]
    assert await titles(world, a, board) == ["other"]


async def test_an_outsider_and_the_banned_see_no_thread(world: World) -> None:
    group = await world.group()
    a, outsider = await world.insider(group), await world.member()
    banned = await world.member()
    await world.join(group, banned, banned=True)
    board = await world.board(group)
    laid = await world.thread(group, board, a)
    async with world.database.read() as conn:
        for member in (outsider, banned):
            assert await lists.see(conn, member, laid.id) is None
            assert await lists.of_message(conn, member, laid.first) is None
            assert await lists.of_first_message(conn, member, laid.first) is None
