"""The forum's pages, visited as a browser without scripts would."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import uuid4

import pytest

from tests.forum.house import CRISIS, HELD, Place


async def test_every_page_answers_and_says_its_name_neutrally(place: Place) -> None:
    a = await place.insider()
    opened = await place.thread(a, "Sarcoidosis", "x")
    id, message = opened["thread"]["id"], opened["message"]["id"]
    for path in (
        f"/groups/{place.group}", f"/groups/{place.group}/boards", f"/boards/{place.board}",
        f"/boards/{place.board}?show=unanswered&needs=listen&warned=no", f"/boards/{place.board}/new",
        f"/threads/{id}", f"/threads/{id}?part=posts", f"/threads/{id}?page=7", f"/threads/{id}?at={message}",
        f"/threads/{id}/print", f"/posts/{message}/edit", f"/posts/{message}/history", "/following",
        "/my-posts", f"/posts/{message}/react", "/search", "/search?q=sarcoidosis",
        f"/search?q=x&group={place.group}", "/drafts", "/me/feeds",
    ):  # fmt: skip
        page = await a.page(path)
        title = re.search(r"<title>(.*?)</title>", page)
        assert "part=posts" in path or (
            title and "Sarcoidosis" not in title[1] and "Lighthouse" not in title[1]
        )
    await place.owner.page(f"/groups/{place.group}/boards/new")
    await place.owner.page(f"/boards/{place.board}/edit")
    await place.owner.page(f"/posts/{message}/flag?kind=worried")


async def test_a_stranger_is_led_to_sign_in_and_an_outsider_sees_nothing(place: Place) -> None:
    a, outsider = await place.insider(), await place.person()
    opened = await place.thread(a)
    id, message = opened["thread"]["id"], opened["message"]["id"]
    for path in (f"/boards/{place.board}", f"/threads/{id}", f"/threads/{id}/print", f"/posts/{message}",
                 f"/posts/{message}/flag", f"/boards/{place.board}/new", f"/groups/{place.group}/boards"):  # fmt: skip
        await outsider.page(path, status=404)
    outsider.browser.cookies.clear()
    answer = await outsider.browser.get(f"/threads/{id}")
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


async def test_opening_a_thread_by_form_leads_to_it_and_twice_is_once(place: Place) -> None:
    a = await place.insider()
    form: dict[str, Any] = {"title": "A good day", "body": "I *walked*.", "needs": "celebrate", "nonce": "n1",
            "warnings": ["suicide", "not on the list"], "own_warning": "hills"}  # fmt: skip
    first = await a.send(f"/boards/{place.board}/new", **form)
    again = await a.send(f"/boards/{place.board}/new", **form)
    assert first.headers["location"] == again.headers["location"]
    page = await a.follow(first)
    assert "<em>walked</em>" in page and "Celebrate with me" in page
    (thread,) = (await a.get(f"/boards/{place.board}/threads"))["items"]
    assert thread["warnings"] == ["suicide", "hills"]


async def test_a_refused_form_comes_back_with_every_word(place: Place) -> None:
    a = await place.insider()
    answer = await a.send(f"/boards/{place.board}/new", title="x" * 151, body="a long and heartfelt text")
    assert answer.status_code == 422 and "a long and heartfelt text" in answer.text
    answer = await a.send(
        f"/threads/{(await place.thread(a))['thread']['id']}",
        f"/threads/{(await place.thread(a))['thread']['id']}/replies",
        body="x" * 8001,
    )
    assert answer.status_code == 422 and "x" * 8001 in answer.text


async def test_a_cry_for_help_gets_its_card_in_the_place_where_it_was_written(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    id = (await place.thread(b))["thread"]["id"]
    answer = await a.send(f"/threads/{id}", f"/threads/{id}/replies", body=CRISIS)
    assert answer.status_code == 200 and 'class="support' in answer.text
    assert html.escape("going to take them", quote=False) in answer.text
    assert 'class="support' not in await b.page(f"/threads/{id}")


async def test_a_held_answer_is_shown_to_its_author_alone(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    id = (await place.thread(b))["thread"]["id"]
    answer = await a.send(f"/threads/{id}", f"/threads/{id}/replies", body=HELD)
    assert answer.status_code in (200, 303)
    page = await a.page(f"/threads/{id}")
    assert "a person reads it first" in page and "nobody would miss you" in page
    assert "nobody would miss you" not in await b.page(f"/threads/{id}")
    assert "nobody would miss you" not in await place.owner.page(f"/threads/{id}/print")


async def test_edit_and_take_back(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    opened = await place.thread(a)
    id = opened["thread"]["id"]
    reply = (await place.reply(a, id, "first words"))["id"]
    page = await a.follow(await a.send(f"/posts/{reply}/edit", body="second words"))
    assert "second words" in page and "edited" in page and "first words" not in page
    await b.page(f"/posts/{reply}/edit", status=403)
    answer = await b.send(f"/threads/{id}", f"/posts/{reply}/withdraw")
    assert answer.status_code == 403
    page = await a.follow(await a.send(f"/posts/{reply}/edit", f"/posts/{reply}/withdraw"))
    assert "Taken back by its author" in page and "second words" not in page


async def test_both_flags_reach_their_lanes(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    opened = await place.thread(a, body="a hard week")
    message = opened["message"]["id"]
    answer = await b.send(f"/posts/{message}/flag", kind="")
    assert answer.status_code == 422
    for kind in ("worried", "breaks_a_rule"):
        answer = await b.send(f"/posts/{message}/flag?kind={kind}", f"/posts/{message}/flag", kind=kind)
        assert answer.status_code == 303
    async with place.house.database.read() as conn:
        lanes = await conn.fetch("select lane from moderation_case order by lane")
    assert [row["lane"] for row in lanes] == ["care", "conduct"]


async def test_what_is_new_is_marked_until_it_was_shown(place: Place) -> None:
    a, b = await place.insider(), await place.insider("ben")
    id = (await place.thread(a))["thread"]["id"]
    assert 'tag good">New' in await b.page(f"/boards/{place.board}")
    await b.page(f"/threads/{id}")
    assert 'tag good">New' not in await b.page(f"/boards/{place.board}")
    news = (await place.reply(a, id, "and another thing"))["id"]
    assert "1 new" in await b.page(f"/boards/{place.board}")
    page = await b.page(f"/threads/{id}")
    assert f"/posts/{news}" in page and "To the first new answer" in page
    assert "To the first new answer" not in await b.page(f"/threads/{id}")


async def test_blocked_muted_and_warned_words_are_kept_from_the_eye(place: Place) -> None:
    a, b, c = await place.insider(), await place.insider(), await place.insider()
    id = (await place.thread(a))["thread"]["id"]
    await place.reply(b, id, "words of b")
    await place.reply(c, id, "words of c")
    await place.reply(c, id, "a meal", warnings=["food and weight"])
    await a.call("PUT", f"/me/blocks/{b.id}", status=204)
    await a.call("PUT", f"/me/mutes/{c.id}", status=204)
    page = await a.page(f"/threads/{id}")
    assert "words of b" not in page and "Someone you blocked wrote here" in page
    assert "Someone you muted wrote here" in page
    assert "Content warning:" in await b.page(f"/threads/{id}")
    assert "words of b" not in await a.page(f"/threads/{id}/print")


async def test_permalinks_find_their_page(place: Place) -> None:
    a = await place.insider()
    id = (await place.thread(a))["thread"]["id"]
    replies = [(await place.reply(a, id, f"answer {n}"))["id"] for n in range(52)]
    answer = await a.browser.get(f"/posts/{replies[51]}")
    assert answer.headers["location"] == f"/threads/{id}?at={replies[51]}#p-{replies[51]}"
    page = await a.page(f"/threads/{id}?at={replies[51]}")
    assert "answer 51" in page and "answer 49" not in page
    assert "answer 51" not in await a.page(f"/threads/{id}")
    await a.page(f"/posts/{uuid4()}", status=404)


async def test_welcomers_see_first_who_waits_for_an_answer(place: Place) -> None:
    a, b = await place.insider(), await place.insider(role="facilitator")
    await place.thread(a, "hello from me")
    assert "Waiting for a first answer" in await b.page(f"/boards/{place.board}")
    assert "Waiting for a first answer" not in await a.page(f"/boards/{place.board}")


async def test_a_companion_reads_and_is_told_why_they_do_not_write(place: Place) -> None:
    a, b = await place.insider(), await place.insider(role="companion")
    id = (await place.thread(a))["thread"]["id"]
    page = await b.page(f"/threads/{id}")
    assert "companion" in page and "<textarea" not in page


async def test_drafts_come_back_in_their_box_and_can_be_thrown_away(place: Place) -> None:
    a = await place.insider()
    new = f"/boards/{place.board}/new"
    page = await a.follow(await a.send(new, title="Half", body="half a tho", action="draft"))
    assert "half a tho" in page and "Your draft is kept" in page
    assert "half a tho" in await a.page("/drafts")
    await a.follow(await a.send("/drafts", f"/drafts/{place.board}/drop"))
    assert "half a tho" not in await a.page(new)


async def test_moderators_keep_boards_by_form(place: Place) -> None:
    new = f"/groups/{place.group}/boards/new"
    page = await place.owner.follow(await place.owner.send(new, name="Sleep", about="nights"))
    assert "Sleep" in page
    answer = await place.owner.send(new, name="sleep")
    assert answer.status_code == 409 and "already" in answer.text
    a = await place.insider()
    await a.page(new, status=403)


@pytest.mark.parametrize("path", ["/threads/x", "/boards/x", "/posts/x", "/posts/x/edit", "/threads/x/print"])
async def test_malformed_ids_are_not_found(place: Place, path: str) -> None:
    await place.owner.page(path, status=404)


async def test_a_form_without_its_token_does_nothing(place: Place) -> None:
    a = await place.insider()
    answer = await a.browser.post(
        f"/boards/{place.board}/new", data={"title": "t", "body": "b", "nonce": "n"}
    )
    assert answer.status_code == 403
    assert (await a.get(f"/boards/{place.board}/threads"))["items"] == []


async def test_a_feed_link_is_shown_once_and_ends_by_its_button(place: Place) -> None:
    a = await place.insider()
    await place.thread(a, "Small victories")
    answer = await a.send("/me/feeds")
    found = re.search(r'value="(http://kith\.test/feeds/[^"]+)"', answer.text)
    assert found is not None
    path = found[1].removeprefix("http://kith.test")
    assert "Small victories" in await a.page(path)
    listed = await a.page("/me/feeds")
    assert path not in listed
    revoke = re.search(r'action="(/me/feeds/[^"]+/revoke)"', listed)
    assert revoke is not None
    await a.follow(await a.send("/me/feeds", revoke[1]))
    await a.page(path, status=404)


async def test_a_title_is_changed_by_its_author_or_a_moderator_and_judged(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    id = (await place.thread(a, "Frist night"))["thread"]["id"]
    assert "Change the title" not in await b.page(f"/threads/{id}")
    assert (await b.send(f"/threads/{id}", f"/threads/{id}/title", title="Mine")).status_code == 403
    await a.follow(await a.send(f"/threads/{id}", f"/threads/{id}/title", title=" First night "))
    assert "First night</h1>" in await b.page(f"/threads/{id}")
    events = (await b.get(f"/conversations/{id}/events?after=0"))["items"]
    assert [e.get("notice") for e in events] == [None, "thread_titled"], "who has it open is told"
    assert (await place.owner.call("PATCH", f"/threads/{id}", {"title": "Nights"}, status=200))[
        "title"
    ] == "Nights"
    for bad in ("", "x" * 151, HELD):
        assert (await a.send(f"/threads/{id}", f"/threads/{id}/title", title=bad)).status_code == 422
    assert "Nights</h1>" in await b.page(f"/threads/{id}")
    cry = await a.send(f"/threads/{id}", f"/threads/{id}/title", title=CRISIS)
    assert cry.status_code == 200 and 'class="support"' in cry.text


async def test_a_reaction_is_put_and_taken_without_scripts(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    message = (await place.thread(a, "Day one"))["message"]["id"]
    for shown in ("🌱 1", None):
        page = await b.follow(await b.send(f"/posts/{message}/react", emoji="🌱"))
        assert ("🌱 1" in page) is (shown is not None)
    assert (await b.send(f"/posts/{message}/react", emoji="👎")).status_code == 422


async def test_my_posts_stand_together_and_go_when_they_are_taken_back(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    id = (await place.thread(b, "A long week"))["thread"]["id"]
    first = (await place.reply(a, id, "I know that week"))["id"]
    await place.reply(a, id, "And the one after")
    page = await a.page("/my-posts")
    assert page.index("And the one after") < page.index("I know that week") and "A long week" in page
    assert "I know that week" not in await b.page("/my-posts")
    await a.call("DELETE", f"/messages/{first}", status=204)
    assert "I know that week" not in await a.page("/my-posts")


async def test_a_card_stands_at_its_post_until_it_is_put_away(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    opened = await place.thread(a, "Tonight", CRISIS)
    id, message = opened["thread"]["id"], opened["message"]["id"]
    assert 'class="support"' in await a.page(f"/threads/{id}")
    assert 'class="support"' not in await b.page(f"/threads/{id}")
    await a.send(f"/threads/{id}", f"/posts/{message}/card")
    assert 'class="support"' not in await a.page(f"/threads/{id}")


async def test_a_save_that_comes_after_the_sending_never_brings_words_back(place: Place) -> None:
    a = await place.insider()
    id = (await place.thread(a))["thread"]["id"]
    draft = {"body": "half a thought", "nonce": "n5"}
    await a.call("PUT", f"/drafts/{id}", draft, status=200)
    assert 'name="nonce" value="n5"' in await a.page(f"/threads/{id}")
    await a.follow(await a.send(f"/threads/{id}", f"/threads/{id}/replies", body="half a thought"))
    await a.call("PUT", f"/drafts/{id}", draft, status=200)  # was on its way all the time
    assert (await a.get("/drafts"))["items"] == []
    assert "This is your draft" not in await a.page(f"/threads/{id}")


async def test_whoever_answers_is_told_what_would_help(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    id = (await place.thread(a, "Today", needs="listen"))["thread"]["id"]
    assert "No advice, please, unless they ask" in await b.page(f"/threads/{id}")
    assert "No advice, please, unless they ask" not in await a.page(f"/threads/{id}")
