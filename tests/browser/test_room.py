"""Two people in a room, each with a real browser."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage, keep
from tests.browser.server import RunningServer

CRY = "I have the pills in front of me and I'm going to take them all tonight"
STILL_PX = 6
"""Less than a line: each step rounds to whole pixels."""
PLACE = """(id) => document.getElementById(id).getBoundingClientRect().top"""
TO_THE_TOP = """() => {
  const log = document.getElementById("log");
  const first = log.querySelector(".line");
  log.scrollTop = 0;
  return { id: first.id, top: first.getBoundingClientRect().top };
}"""
"""Scroll to the first line that is there: which it is, and its place in the window."""
CAME = """({ id }) => {
  const log = document.getElementById("log");
  return document.getElementById(id) !== log.querySelector(".line")
    && (log.scrollTop >= 1200 || document.getElementById("older").parentElement.hidden);
}"""
"""All that comes by itself above that line is there."""


async def enter(server: RunningServer, open_page: OpenPage, name: str, room: str, **options: object) -> Page:
    handle = f"{name}-{uuid4().hex[:8]}"
    server.member(handle)
    page = await open_page(signed_in_as=handle, **options)
    await page.goto(f"/rooms/{room}")
    return page


def fresh_room(server: RunningServer) -> str:
    made = server.call(
        "POST", "/groups/lighthouse/rooms", {"name": f"Room {uuid4().hex[:8]}"}, server.operator
    )
    return str(made["id"])


async def say(page: Page, words: str) -> None:
    await page.get_by_label("Your message").fill(words)
    await page.get_by_label("Your message").press("Enter")


def heard(page: Page, words: str) -> object:
    return page.get_by_role("log").get_by_text(words)


async def test_two_people_talk_react_answer_edit_and_take_back(
    server: RunningServer, open_page: OpenPage
) -> None:
    room = fresh_room(server)
    ann = await enter(server, open_page, "ann", room)
    bob = await enter(server, open_page, "bob", room)
    await say(ann, "Hello **all** <img src=x onerror=alert(1)>")
    await say(ann, "How was the day?")
    await expect(bob.locator(".line strong", has_text="all")).to_be_visible()
    assert await bob.locator(".words img").count() == 0
    await expect(bob.locator(".line.grouped")).to_have_count(1)
    await expect(ann.locator(".line.own")).to_have_count(2)
    await expect(ann.locator(".waiting")).to_have_count(0)

    line = bob.locator(".line", has_text="How was the day?")
    await line.hover()
    await line.get_by_role("link", name="React").click()
    await bob.locator(".choices button").first.click()
    await expect(ann.locator(".reaction")).to_contain_text("1")
    await line.hover()
    await line.get_by_role("link", name="Answer").click()
    await expect(bob.locator(".answering")).to_contain_text("How was the day?")
    await say(bob, "Long. And yours?")
    await expect(ann.locator(".quoted:visible")).to_contain_text("How was the day?")

    own = ann.locator(".line", has_text="How was the day?").first
    await own.hover()
    await own.get_by_role("link", name="Edit").click()
    await expect(ann.get_by_label("Your message")).to_have_value("How was the day?")
    await say(ann, "How was your night?")
    await expect(bob.get_by_text("How was your night?")).to_be_visible()
    ann.on("dialog", lambda dialog: dialog.accept())
    changed = ann.locator(".line", has_text="How was your night?").first
    await changed.hover()
    await changed.get_by_role("link", name="I shared too much").click()
    await expect(bob.get_by_text("Taken back by its author.")).to_be_visible()
    await expect(bob.get_by_text("How was your night?")).to_have_count(0)


async def test_a_cry_for_help_gets_its_card_in_place_and_only_for_its_author(
    server: RunningServer, open_page: OpenPage
) -> None:
    room = fresh_room(server)
    ann = await enter(server, open_page, "ann", room)
    bob = await enter(server, open_page, "bob", room)
    await say(ann, CRY)
    card = ann.get_by_role("region", name="Help for you")
    await expect(card).to_be_visible()
    await expect(card.get_by_role("link", name="Call 999")).to_be_in_viewport()
    await expect(bob.locator(".line", has_text="the pills")).to_be_visible()
    assert await bob.locator(".support").count() == 0
    await ann.reload()
    await expect(ann.get_by_role("region", name="Help for you")).to_be_visible()
    async with ann.expect_response("**/card"):
        await ann.get_by_role("button", name="Put this away").click()
    await ann.reload()
    await expect(ann.locator(".line")).to_have_count(1)
    assert await ann.locator(".support").count() == 0


async def test_held_words_say_so_and_nobody_else_has_them(server: RunningServer, open_page: OpenPage) -> None:
    room = fresh_room(server)
    ann = await enter(server, open_page, "ann", room)
    bob = await enter(server, open_page, "bob", room)
    await say(ann, "kill yourself, nobody would miss you")
    await expect(ann.locator(".line .fate")).to_contain_text("a person reads it first")
    await say(ann, "sorry")
    await expect(bob.locator(".line")).to_have_count(1)


async def test_a_broken_line_comes_back_and_what_was_written_meanwhile_is_sent_once(
    server: RunningServer, open_page: OpenPage
) -> None:
    room = fresh_room(server)
    bob = await enter(server, open_page, "bob", room)
    ann = await enter(server, open_page, "ann", room)
    lines: list[WebSocketRoute] = []
    is_down = False

    async def through(line: WebSocketRoute) -> None:
        if is_down:
            await line.close(code=1013)
        else:
            lines.append(line)
            line.connect_to_server()

    await ann.route_web_socket("**/chat/socket", through)
    await ann.reload()
    await expect(ann.get_by_text("Nobody has said anything here yet")).to_be_visible()
    await say(ann, "before")
    await expect(bob.get_by_text("before", exact=True)).to_be_visible()
    is_down = True
    await lines[-1].close(code=1011)
    await expect(ann.locator("#status")).to_contain_text("Reconnecting")
    await say(ann, "meanwhile")
    await expect(ann.locator(".fate")).to_contain_text("Nothing is lost")
    await keep(ann, "room-line-lost")
    await say(bob, "are you there?")
    is_down = False
    await expect(ann.get_by_text("are you there?")).to_be_visible(timeout=15_000)
    await expect(bob.get_by_text("meanwhile")).to_be_visible()
    await expect(ann.locator(".line")).to_have_count(3)
    await expect(ann.locator(".waiting")).to_have_count(0)
    await expect(bob.locator(".line", has_text="meanwhile")).to_have_count(1)
    await keep(ann, "room-line-back")


async def test_what_must_be_changed_comes_back_into_the_box(
    server: RunningServer, open_page: OpenPage
) -> None:
    room = fresh_room(server)
    ann = await enter(server, open_page, "ann", room)
    await say(ann, "x" * 8001)
    await expect(ann.get_by_role("alert")).to_be_visible()
    await expect(ann.get_by_label("Your message")).to_have_value("x" * 8001)
    await expect(ann.locator(".line")).to_have_count(0)


async def test_new_words_wait_while_one_reads_above_and_while_paused(
    server: RunningServer, open_page: OpenPage
) -> None:
    room = fresh_room(server)
    token = server.operator
    for n in range(90):
        server.call(
            "POST", f"/conversations/{room}/messages", {"nonce": uuid4().hex, "body": f"word {n}."}, token
        )
    ann = await enter(server, open_page, "ann", room)
    await expect(ann.get_by_text("word 89.")).to_be_in_viewport()
    while await ann.locator(".line").count() < 90:  # each time, earlier ones come by themselves
        read = await ann.evaluate(TO_THE_TOP)
        await ann.wait_for_function(CAME, arg=read)
        assert await ann.evaluate(PLACE, read["id"]) == pytest.approx(read["top"], abs=STILL_PX)
    await expect(ann.get_by_role("link", name="Earlier messages")).to_be_hidden()
    assert await ann.evaluate(PLACE, read["id"]) == pytest.approx(read["top"], abs=STILL_PX)
    await ann.locator("#log").evaluate("log => { log.scrollTop = 0; }")
    await expect(ann.get_by_text("word 0.")).to_be_in_viewport()
    server.call("POST", f"/conversations/{room}/messages", {"nonce": uuid4().hex, "body": "late."}, token)
    await ann.get_by_role("button", name="1 new message").click()
    await expect(ann.get_by_text("late.")).to_be_in_viewport()
    await ann.get_by_role("button", name="Pause").click()
    server.call("POST", f"/conversations/{room}/messages", {"nonce": uuid4().hex, "body": "later."}, token)
    await expect(ann.get_by_role("button", name="1 new message")).to_be_visible()
    await expect(ann.get_by_text("later.")).to_have_count(0)
    await ann.get_by_role("button", name="Go on").click()
    await expect(ann.get_by_text("later.")).to_be_in_viewport()


async def test_a_draft_survives_the_tab_on_the_server(server: RunningServer, open_page: OpenPage) -> None:
    room = fresh_room(server)
    ann = await enter(server, open_page, "ann", room)
    async with ann.expect_response("**/draft"):
        await ann.get_by_label("Your message").press_sequentially("half a thought")
    await ann.reload()
    await expect(ann.get_by_label("Your message")).to_have_value("half a thought")
    async with ann.expect_response("**/draft"):
        await say(ann, "a whole one")
    await ann.reload()
    await expect(ann.get_by_label("Your message")).to_have_value("")
    assert await ann.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_a_room_is_used_by_keyboard_alone_and_heard_on_demand(
    server: RunningServer, open_page: OpenPage
) -> None:
    room = fresh_room(server)
    friend = f"willow-{uuid4().hex[:8]}"
    token = server.member(friend)
    for words in ("the first thing", "the second thing"):
        said = {"nonce": uuid4().hex, "body": words}
        server.call("POST", f"/conversations/{room}/messages", said, token)
    ann = await enter(server, open_page, "ann", room)
    box = ann.get_by_label("Your message")
    await box.press_sequentially(f"thank you @{friend[:9]}")
    await expect(ann.get_by_role("option", name=friend)).to_be_visible()
    await box.press("Enter")
    await expect(box).to_have_value(f"thank you @{friend} ")
    await box.press("Enter")
    await expect(heard(ann, f"@{friend}")).to_be_visible()  # type: ignore[arg-type]
    await expect(ann.locator(".waiting")).to_have_count(0)
    await ann.locator("#log").focus()
    await ann.keyboard.press("Home")
    await ann.keyboard.press("ArrowDown")
    await expect(ann.locator(".line:focus")).to_contain_text("the second thing")
    for _ in range(3):  # its time, then answer, then react
        await ann.keyboard.press("Tab")
    await ann.keyboard.press("Enter")
    await ann.keyboard.press("Enter")
    await expect(ann.locator(".reaction")).to_contain_text("1")
    await ann.locator("#speak").focus()
    await ann.keyboard.press("Enter")
    await ann.keyboard.press("Enter")
    await expect(ann.locator("#aloud")).to_contain_text("the second thing")


async def test_without_scripts_words_go_by_the_form_and_come_by_loading(
    server: RunningServer, open_page: OpenPage
) -> None:
    room = fresh_room(server)
    bob = await enter(server, open_page, "bob", room)
    ann = await enter(
        server, open_page, "ann", room, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    await ann.get_by_label("Your message").fill("hello from an old phone")
    await ann.get_by_role("button", name="Send").click()
    await expect(ann.locator(".line")).to_have_count(1)
    await expect(bob.get_by_text("hello from an old phone")).to_be_visible()
    await say(bob, "hello you")
    await expect(bob.locator(".line")).to_have_count(2)
    await expect(bob.locator(".line.waiting")).to_have_count(0)  # it is kept, not only on its way
    await ann.get_by_role("link", name="Look for new messages").click()
    await expect(ann.get_by_text("hello you")).to_be_visible()
    await ann.get_by_role("link", name="Read along").click()
    await expect(ann.locator('meta[http-equiv="refresh"]')).to_have_count(1)


async def test_a_room_is_accessible_fits_a_phone_and_is_light(
    server: RunningServer, open_page: OpenPage
) -> None:
    room = fresh_room(server)
    bob = await enter(server, open_page, "bob", room)
    sizes: list[int] = []
    ann = await enter(server, open_page, "ann", room, viewport={"width": 360, "height": 740})
    await say(bob, "https://example.org/" + "a" * 120)
    await say(bob, "hello")
    await say(ann, CRY)
    await expect(ann.locator(".support")).to_be_visible()
    for page in (ann, bob):
        assert await violations(page) == []
    width, view = await ann.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= view
    light = await enter(server, open_page, "cal", room)
    light.on("response", lambda r: sizes.append(int(r.headers.get("content-length", "0"))))
    await light.reload()
    await expect(light.locator(".line")).to_have_count(3)
    assert 0 < sum(sizes) < 90_000
