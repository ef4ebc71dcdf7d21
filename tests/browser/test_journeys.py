"""Journeys that cross the house: from a cry to a person's words, keeping others away, and right to left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from bench import catalogues
from community.database import Database
from community.web import words
from tests.browser.axe import SHAPES, violations
from tests.browser.conftest import OpenPage, keep
from tests.browser.server import RunningServer
from tests.forum.house import PASSWORD, serving

CRY = "I have the pills in front of me and I'm going to take them all tonight"
LETTER = "I read what you wrote about tonight, and I am here. What happened before you wrote it?"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}


async def test_a_cry_gets_its_card_at_once_and_a_persons_words_reach_who_cried(
    server: RunningServer, open_page: OpenPage
) -> None:
    """Two browsers: the one who cries, on a phone, and the one on duty. Nothing between them by the API."""
    handle = f"ann-{uuid4().hex[:8]}"
    server.member(handle)
    ann = await open_page(signed_in_as=handle, viewport=PHONE)
    await ann.goto(f"/rooms/{server.room}")
    await ann.get_by_label("Your message").fill(CRY)
    await ann.get_by_label("Your message").press("Enter")
    card = ann.get_by_role("region", name="Help for you")
    await expect(card.get_by_role("link", name="Call 999")).to_be_in_viewport()
    await keep(ann, "cry-1-card")

    lead = await open_page(signed_in_as="harbour-lead")
    await _open_case_of(lead, server, handle)
    await lead.get_by_role("button", name="Take the case").first.click()
    letter = lead.locator("form.letter")
    await letter.locator("textarea").fill(LETTER)
    await letter.locator("textarea").press("Tab")
    await lead.keyboard.press("Enter")
    await expect(lead.locator("#next")).to_contain_text("say how far it has gone")
    await keep(lead, "cry-2-the-one-on-duty")

    await ann.goto("/letters")
    await expect(ann.get_by_text(LETTER)).to_be_visible()
    await keep(ann, "cry-3-human-words")
    await ann.get_by_label("Your answer").fill("My sister is coming over now.")
    await ann.get_by_role("button", name="Send").click()
    await expect(ann.get_by_text("My sister is coming over now.")).to_be_visible()


async def test_a_member_mutes_and_blocks_another_and_takes_their_own_words_back(
    server: RunningServer, open_page: OpenPage
) -> None:
    made = {"name": f"Room {uuid4().hex[:8]}"}
    room = server.call("POST", "/groups/lighthouse/rooms", made, server.operator)["id"]
    ann, bob = f"ann-{uuid4().hex[:8]}", f"bob-{uuid4().hex[:8]}"
    tokens = {handle: server.member(handle) for handle in (ann, bob)}
    for handle, said in ((bob, "the loud one speaks"), (ann, "more than I wanted to say")):
        message = {"nonce": uuid4().hex, "body": said}
        server.call("POST", f"/conversations/{room}/messages", message, tokens[handle])
    person = server.call("GET", "/me", token=tokens[bob])["id"]
    page = await open_page(signed_in_as=ann, viewport=PHONE)
    await page.goto(f"/people/{person}")
    await page.get_by_role("button", name="Mute").click()
    await page.goto(f"/rooms/{room}")
    await expect(page.get_by_text("Someone you muted wrote here")).to_be_visible()
    await expect(page.get_by_text("the loud one speaks")).to_be_hidden()
    await keep(page, "member-mutes")
    await page.goto(f"/people/{person}")
    await page.get_by_role("button", name="Block").click()
    await page.goto(f"/rooms/{room}")
    await expect(page.get_by_text("the loud one speaks")).to_have_count(0)
    other = await open_page(signed_in_as=bob)
    await other.goto(f"/rooms/{room}")
    page.on("dialog", lambda dialog: dialog.accept())
    own = page.locator(".line.own")
    await own.hover()
    await own.get_by_role("link", name="I shared too much").click()
    await expect(page.get_by_text("Taken back by its author.").first).to_be_visible()
    await keep(page, "member-withdraws")
    await expect(other.get_by_text("more than I wanted to say")).to_have_count(0)


@pytest.fixture
def arabic(tmp_path: Path) -> Iterator[None]:
    """Arabic as it is shipped, or, before there is a catalogue, a made one of a few sentences."""
    if "ar" in words.shipped().languages:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogues, "LOCALES", tmp_path)
        patch.setattr(words, "LOCALES", tmp_path)
        said = {
            "Groups": "المجموعات",
            "I need help now": "أحتاج مساعدة الآن",
            "Leave this page": "غادر هذه الصفحة",
        }
        catalogue = catalogues.merged("ar", {text: [("x.py", 1)] for text in said})
        catalogues.take(said, catalogue)
        catalogues.write("ar", catalogue)
        words.shipped.cache_clear()
        yield
    words.shipped.cache_clear()


async def test_pages_are_mirrored_for_those_who_read_from_right_to_left(
    arabic: None, chromium: Browser, database: Database, tmp_path: Path
) -> None:
    async with serving(database, tmp_path) as (place, url):
        ada = await place.insider("ada")
        await ada.call("PATCH", "/me", {"language": "ar"}, status=200)
        thread = (await place.thread(ada, "ليلة أولى", "مرحبا بالجميع، hello, ١٢٣."))["thread"]["id"]
        await place.reply(ada, thread, "An answer from left to right. 555 123")
        room = (await place.owner.post(f"/groups/{place.group}/rooms", {"name": "مساء"}))["id"]
        await place.house.people.raise_operator("ada", PASSWORD)  # signs out everywhere
        await ada.send("/sign-in", handle="ada", password=PASSWORD)
        context = await chromium.new_context(base_url=url, locale="ar", viewport=DESKTOP)
        await context.add_cookies(
            [{"name": n, "value": v, "url": url} for n, v in ada.browser.cookies.items()]
        )
        page = await context.new_page()
        paths = ("/", f"/groups/{place.group}", f"/threads/{thread}", f"/boards/{place.board}", f"/rooms/{room}",
                 "/me", "/me/notices", "/help-now", "/moderation", "/moderation/roster")  # fmt: skip
        for path in paths:
            await page.goto(path)
            assert await page.evaluate("[document.documentElement.dir, document.documentElement.lang]") == [
                "rtl",
                "ar",
            ]
            assert await violations(page, SHAPES) == [], path
            await _is_mirrored(page, path)
        await page.goto(f"/threads/{thread}")
        await keep(page, "right-to-left")
        await context.close()


async def _is_mirrored(page: Page, path: str) -> None:
    """Ways stand on the right and words begin there; nothing sticks out, on a desktop or a phone."""
    sides = (
        """() => ["nav.rail", "main"].map((s) => document.querySelector(s).getBoundingClientRect().left)"""
    )
    rail, main = await page.evaluate(sides)
    assert rail > main, path
    for size in (PHONE, DESKTOP):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, (path, size)


async def _open_case_of(page: Page, server: RunningServer, handle: str) -> None:
    """By the list, as a person would, from the newest crisis on."""
    await page.goto("/moderation")
    links = await page.locator("#queue [data-tier=crisis] a").evaluate_all("(all) => all.map((a) => a.href)")
    for link in reversed(dict.fromkeys(links)):
        await page.goto(link)
        if await page.locator("aside .handle", has_text=handle).count():
            return
    raise AssertionError("the cry made no case")
