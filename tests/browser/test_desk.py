"""The console in a real browser: a case from its cry to its end by keyboard alone, and what scripts add to pages."""

from __future__ import annotations

from uuid import uuid4

from playwright.async_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage, keep
from tests.browser.server import RunningServer

READY = "html[data-desk=ready]"
DANGER = "I have the pills in front of me and I'm going to take them all tonight"


async def test_a_moderators_case_goes_by_keyboard_alone(server: RunningServer, open_page: OpenPage) -> None:
    """Cry, queue, claim, words, letter, note, close. What the mouse would do, the keyboard does."""
    handle = f"author-{uuid4().hex[:8]}"
    token = server.member(handle)
    page = await open_page(signed_in_as="harbour-lead")
    async with page.expect_response("**/moderation/stream"):
        await page.goto("/moderation")
    before = await page.locator("#queue [data-case]").count()
    server.say(token, DANGER)
    await expect(page.locator("#queue [data-case]")).to_have_count(before + 1)
    await expect(page.locator("#desk-said")).to_contain_text("1 new")
    assert "pills" not in await page.content(), "no words on the queue"
    assert await violations(page) == []

    await _to_case_of(page, handle)
    await expect(page.locator("details.words").first).not_to_have_attribute("open", "")
    await expect(page.locator("#next")).to_contain_text("Take the case")
    await _key(page, "c")
    await expect(page.locator("#next")).to_contain_text(f"Write to {handle}")
    await _key(page, "j", "o")
    await expect(page.locator("mark.care").first).to_be_visible()
    assert await violations(page) == []
    await _key(page, "w")
    await page.keyboard.type("I read what you wrote about tonight, and I am here. Jot down one word?")
    await _key(page, "Tab", "Enter")
    await expect(page.locator("#next")).to_contain_text("say how far it has gone")
    await keep(page, "case-by-keyboard")
    await _key(page, "n")
    await page.keyboard.type("jock and kim are on the phone with them")
    await _key(page, "Tab", "Enter")
    await expect(page.locator(".history .note")).to_have_text("jock and kim are on the phone with them")
    await _reach(page, "#close summary")
    await _key(page, "Enter", "Tab", "Tab")
    await page.keyboard.type("Safe with family.")
    await _key(page, "Tab", "Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Closed")


async def test_new_cases_wait_for_whoever_is_reading_and_are_said_politely(
    server: RunningServer, open_page: OpenPage
) -> None:
    first, second = (server.member(f"author-{uuid4().hex[:8]}") for _ in range(2))
    page = await open_page(signed_in_as="harbour-lead")
    server.say(first, DANGER)
    async with page.expect_response("**/moderation/stream"):
        await page.goto("/moderation")
    await _key(page, "j")
    at = await page.evaluate("document.activeElement.href")
    count = await page.locator("#queue [data-case]").count()
    server.say(second, DANGER)
    await expect(page.locator(".news")).to_be_visible()
    await expect(page.locator("#desk-said")).to_contain_text("new")
    assert await page.locator("#queue [data-case]").count() == count, "what one reads doesn't move"
    assert await page.evaluate("document.activeElement.href") == at
    await _key(page, "r")
    await expect(page.locator("#queue [data-case]")).to_have_count(count + 1)
    await expect(page.locator(".news")).to_be_hidden()


async def test_an_open_case_says_when_something_new_happened_and_when_its_hold_ends(
    server: RunningServer, open_page: OpenPage
) -> None:
    handle = f"author-{uuid4().hex[:8]}"
    token = server.member(handle)
    page = await open_page(signed_in_as="harbour-lead")
    await page.clock.install()
    server.say(token, DANGER)
    await page.goto("/moderation")
    await _to_case_of(page, handle)
    await _key(page, "c")
    await expect(page.get_by_role("button", name="Give it back")).to_be_visible()
    await page.wait_for_selector(READY)
    async with page.expect_response("**/heartbeat") as beat:
        await page.keyboard.press("Shift")
        await page.clock.run_for(60_000)
    assert (await beat.value).status == 200
    await page.clock.run_for(200_000)
    await expect(page.locator("[data-idle]")).to_contain_text("You have not used this case for a while.")
    async with page.expect_response("**/heartbeat"):
        await page.get_by_role("button", name="I am still here").click()
    await expect(page.locator(".hold")).to_be_hidden()
    await page.clock.run_for(400_000)
    await expect(page.locator("[data-over]")).to_be_visible()
    await _key(page, "w")
    await page.keyboard.type("half a letter")
    server.say(token, "and I have written the letters, goodbye everyone, it is time")
    await expect(page.locator(".changed")).to_be_visible()
    await page.locator(".changed a").click()
    await expect(page.locator("details.words")).to_have_count(2)
    await expect(page.locator("form.letter textarea")).to_have_value("half a letter")


async def test_letter_keys_are_listed_and_can_be_turned_off_for_a_person(
    server: RunningServer, open_page: OpenPage
) -> None:
    page = await open_page(signed_in_as="harbour-lead")
    await page.goto("/moderation")
    await _key(page, "?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_role("button", name="Turn the keys off").click()
    await expect(page.get_by_role("status").first).to_contain_text("Keys are off")
    await _key(page, "?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    await page.get_by_role("link", name="Keys").click()
    await page.get_by_role("button", name="Turn the keys on").click()
    await expect(page.get_by_role("status").first).to_contain_text("Keys are on")


async def _key(page: Page, *keys: str) -> None:
    await page.wait_for_selector(READY)
    for key in keys:
        await page.keyboard.press(key)


async def _to_case_of(page: Page, handle: str) -> None:
    """Down the list with j, and o: of the crises, whoever cried last stands last."""
    count = await page.locator("#queue [data-tier=crisis]").count()
    await _key(page, *["j"] * count, "o")
    await page.wait_for_url("**/moderation/cases/*")
    await page.wait_for_selector(READY)
    await expect(page.locator("aside .handle", has_text=handle)).to_be_visible()


async def _reach(page: Page, selector: str) -> None:
    """Tab until the focus is there."""
    for _ in range(120):
        if await page.evaluate("(s) => document.activeElement?.matches(s)", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab doesn't reach {selector}")
