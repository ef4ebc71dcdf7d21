"""Search finds what its reader may see, and nothing else."""

from __future__ import annotations

from typing import Any

from community.ids import GroupId, MemberId
from forum.search import marked
from forum.store import search
from forum.store.search import CLOSE, OPEN, Found
from tests.forum.world import World


async def find(world: World, member: MemberId, words: str, group: GroupId | None = None) -> list[Found]:
    async with world.database.read() as conn:
        return await search.find(conn, member, words, group=group, offset=0, limit=20)


async def test_words_and_titles_are_found_by_members_and_by_nobody_else(world: World) -> None:
    group = await world.group()
    a, outsider = await world.insider(group), await world.member()
    board = await world.board(group)
    laid = await world.thread(group, board, a, title="Pillows", body="nothing helps")
    await world.say(group, laid.id, a, "patience and tea")
    (answer,) = await find(world, a, "patience")
    assert (answer.thread_title, answer.is_first) == ("Pillows", False)
    (opening,) = await find(world, a, "pillows")
    assert opening.is_first and opening.title_snippet == f"{OPEN}Pillows{CLOSE}"
    assert await find(world, outsider, "patience") == []
    assert await find(world, outsider, "pillows") == []


async def test_a_room_is_searched_too_and_a_group_narrows(world: World) -> None:
    one, two = await world.group("one"), await world.group("two")
    a = await world.insider(one)
    await world.join(two, a)
    for group in (one, two):
        room = await world.room(group)
        await world.say(group, room, a, "heron", place="room")
    assert len(await find(world, a, "heron")) == 2
    (only,) = await find(world, a, "heron", two)
    assert only.group_slug == "two" and only.thread_title is None


async def test_held_withdrawn_removed_and_blocked_words_are_never_found(world: World) -> None:
    group = await world.group()
    a, b, moderator = (
        await world.insider(group),
        await world.insider(group),
        await world.insider(group, role="moderator"),
    )
    board = await world.board(group)
    laid = await world.thread(group, board, a, title="open")
    await world.say(group, laid.id, a, "kestrel waits", held=True)
    for state in ("withdrawn", "removed"):
        gone = await world.say(group, laid.id, a, "kestrel gone")
        await world.take_back(laid.id, gone, state)
    waits = await world.thread(group, board, a, title="kestrel title", body="x", held=True)
    await world.say(group, waits.id, a, "kestrel under a held thread")
    for member in (a, b, moderator):
        assert await find(world, member, "kestrel") == []
    await world.say(group, laid.id, b, "kestrel by b")
    assert len(await find(world, a, "kestrel")) == 1
    await world.block(a, b)
    assert await find(world, a, "kestrel") == []


async def test_the_title_of_a_withdrawn_thread_is_neither_found_nor_shown(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    board = await world.board(group)
    laid = await world.thread(group, board, a, title="osprey")
    await world.say(group, laid.id, a, "an answer that stays")
    await world.take_back(laid.id, laid.first)
    assert await find(world, a, "osprey") == []
    (answer,) = await find(world, a, "answer")
    assert answer.thread_title == "" and answer.title_snippet == ""


async def test_phrases_exclusions_and_alternatives_work(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    board = await world.board(group)
    laid = await world.thread(group, board, a, title="t", body="green tea helps")
    await world.say(group, laid.id, a, "tea that is green")
    assert len(await find(world, a, "green tea")) == 2
    assert len(await find(world, a, '"green tea"')) == 1
    assert len(await find(world, a, "tea -helps")) == 1
    assert len(await find(world, a, "helps or coffee")) == 1


async def test_odd_queries_find_nothing_and_break_nothing(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    for words in ("", " ", "'", '"', "&", "!!", "a:*", "\\", "((", "-", "\u202e", "%", "x" * 200):
        assert await find(world, a, words) == []


async def test_a_snippet_is_escaped_first_and_marked_after(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    board = await world.board(group)
    body = f"a < b & <script>alert(1)</script> {OPEN}fake{CLOSE} wren & co"
    await world.thread(group, board, a, title="t", body=body)
    (found,) = await find(world, a, "wren")
    html = marked(found.snippet)
    assert "<mark>wren</mark> &amp; co" in html and "fake" in html
    assert "<script" not in html and "<mark>fake" not in html


async def test_a_match_in_the_title_ranks_above_one_in_passing(world: World) -> None:
    group = await world.group()
    a = await world.insider(group)
    board = await world.board(group)
    await world.thread(group, board, a, title="Insulin at night", body="long story")
    await world.thread(group, board, a, title="Other", body="I mention insulin once " + "and more " * 50)
    assert [f.thread_title for f in await find(world, a, "insulin")] == ["Insulin at night", "Other"]


async def test_a_search_is_narrowed_by_board_author_day_and_need(world: World) -> None:
    group = await world.group()
    a, b = await world.insider(group, "Anna"), await world.insider(group, "Ben")
    one, two = await world.board(group, "one"), await world.board(group, "two")
    await world.thread(group, one, a, title="t", body="curlew first", needs="listen")
    room = await world.room(group)
    await world.say(group, room, a, "curlew in a room", place="room")
    world.clock.advance(86_400)
    later = world.clock.now()
    await world.thread(group, two, b, title="t", body="curlew later", needs="ideas")

    async def bodies(**narrow: Any) -> set[str]:
        async with world.database.read() as conn:
            found = await search.find(
                conn, a, "curlew", group=None, offset=0, limit=20, narrow=search.Narrow(**narrow)
            )
        return {one.message.shown for one in found}

    assert len(await bodies()) == 3
    assert await bodies(board=one) == {"curlew first"}
    assert await bodies(author="ben") == {"curlew later"}
    assert await bodies(author="nobody-here") == set()
    assert await bodies(needs="ideas") == {"curlew later"}
    assert await bodies(until=later) == {"curlew first", "curlew in a room"}
    assert await bodies(since=later) == {"curlew later"}
