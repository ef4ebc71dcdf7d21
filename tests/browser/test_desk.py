"""The desk in a real browser: a case comes in live and is worked on by keyboard alone."""

from __future__ import annotations

from uuid import uuid4

from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.server import RunningServer

READY = "html[data-keys=ready]"
DANGER = "I have the pills in front of me and I'm going to take them all tonight"


async def test_a_case_comes_in_live_and_is_taken_noted_and_closed_by_keyboard(
    server: RunningServer, open_page: OpenPage
) -> None:
    handle = f"author-{uuid4().hex[:8]}"
    token = server.member(handle)
    page = await open_page(signed_in_as="harbour-lead")
    async with page.expect_response("**/moderation/stream"):
        await page.goto("/moderation")
    before = await page.locator("#queue [data-case]").count()
    server.say(token, DANGER)
    await expect(page.locator("#queue [data-case]")).to_have_count(before + 1)
    await expect(page.get_by_role("heading", name="Crisis")).to_be_visible()
    assert "pills" not in await page.content(), "no words on the queue"
    assert await violations(page) == []

    await page.keyboard.press("j")
    await page.keyboard.press("o")
    await page.wait_for_url("**/moderation/cases/*")
    await expect(page.locator("details.words").first).not_to_have_attribute("open", "")
    await page.wait_for_selector(READY)
    await page.keyboard.press("j")
    await page.keyboard.press("o")
    await expect(page.locator("mark.care").first).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("c")
    await expect(page.get_by_role("button", name="Give it back")).to_be_visible()
    await page.wait_for_selector(READY)
    await page.keyboard.press("n")
    await page.keyboard.type("jock and kim are on the phone with them")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".history .note")).to_have_text("jock and kim are on the phone with them")
    await page.get_by_label("Why is it done?").fill("Safe with family.")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Closed")


async def test_an_open_case_says_when_something_new_happened(
    server: RunningServer, open_page: OpenPage
) -> None:
    token = server.member(f"author-{uuid4().hex[:8]}")
    page = await open_page(signed_in_as="harbour-lead")
    server.say(token, DANGER)
    await page.goto("/moderation")
    await page.locator(".case-link").last.click()
    await page.wait_for_url("**/moderation/cases/*")
    server.say(token, "and I have written the letters, goodbye everyone, it is time")
    await expect(page.get_by_text("Something new happened in this case.")).to_be_visible()


async def test_letter_keys_can_be_turned_off(server: RunningServer, open_page: OpenPage) -> None:
    page = await open_page(signed_in_as="harbour-lead")
    await page.goto("/moderation")
    await page.wait_for_selector(READY)
    await page.keyboard.press("?")
    await expect(page.get_by_text("next, one before")).to_be_visible()
    await page.get_by_label("Turn these keys off on this device").check()
    await page.keyboard.press("?")
    await expect(page.get_by_text("next, one before")).to_be_visible()
