"""A thread in real browsers: an answer appears live in the other one, and what is taken back goes."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright, expect

from community.database import Database
from tests.browser.conftest import keep
from tests.forum.house import CRISIS, PASSWORD, Person, Place, serving


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    path = os.environ.get("KITH_CHROMIUM") or shutil.which("chromium")
    assert path, "install Debian's package chromium, or name a Chromium in KITH_CHROMIUM"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def served(database: Database, tmp_path: Path) -> AsyncIterator[tuple[Place, str]]:
    async with serving(database, tmp_path) as started:
        yield started


async def visit(chromium: Browser, url: str, person: Person, **context: object) -> tuple[Page, list[str]]:
    """A signed-in browser page, and what its console complains about."""
    page = await (await chromium.new_context(base_url=url, **context)).new_page()  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    await page.goto("/sign-in")
    await page.fill("[name=handle]", person.handle)
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/groups")
    return page, complaints


async def test_an_answer_appears_live_and_goes_when_it_is_taken_back(
    chromium: Browser, served: tuple[Place, str]
) -> None:
    place, url = served
    a, b = await place.insider("ada"), await place.insider("ben")
    id = (await place.thread(a, "First night", "How do you *sleep*?"))["thread"]["id"]
    reader, complaints = await visit(chromium, url, a)
    writer, others = await visit(chromium, url, b)
    await reader.goto(f"/threads/{id}")
    await writer.goto(f"/threads/{id}")
    await expect(reader.locator("#posts")).to_contain_text("No answer yet")
    await writer.fill("textarea[name=body]", "Pillows, and patience.")
    await writer.click("text=Preview")
    await expect(writer.locator("[data-preview] p").last).to_have_text("Pillows, and patience.")
    await writer.click("button:has-text('Send')")
    await expect(writer.locator("#posts .post")).to_contain_text("Pillows, and patience.")
    await expect(reader.locator("#posts .post.fresh")).to_contain_text("Pillows, and patience.")
    await writer.click("#posts summary:has-text('More')")
    writer.on("dialog", lambda dialog: dialog.accept())
    await writer.click("#posts button:has-text('take it back')")
    await expect(reader.locator("#posts .post")).to_contain_text("Taken back by its author")
    await expect(reader.locator("#posts")).not_to_contain_text("Pillows")
    assert complaints == [] and others == []
    await reader.context.close()
    await writer.context.close()


async def test_a_line_says_what_is_new_while_one_is_writing(
    chromium: Browser, served: tuple[Place, str]
) -> None:
    place, url = served
    a, b = await place.insider(), await place.insider()
    opened = await place.thread(a)
    id, first = opened["thread"]["id"], opened["message"]["id"]
    reader, complaints = await visit(chromium, url, a)
    await reader.goto(f"/threads/{id}")
    await expect(reader.locator("[data-joined]")).to_be_attached()
    await reader.click(f"#p-{first} [data-act=react]")
    await reader.click(".choices button >> nth=0")
    await expect(reader.locator(f"#p-{first} .reaction.mine")).to_contain_text("1")
    await place.owner.call("PATCH", f"/threads/{id}", {"title": "Second night"}, status=200)
    await expect(reader.locator("h1")).to_have_text("Second night")
    await reader.fill("textarea[name=body]", "I am in the middle of")
    await reader.focus("textarea[name=body]")
    await place.reply(b, id, "first")
    await place.reply(b, id, "second")
    await expect(reader.locator(".live-line")).to_contain_text("2 new answers")
    await reader.click(".live-line button")
    await expect(reader.locator("#posts .post")).to_have_count(2)
    assert await reader.input_value("textarea[name=body]") == "I am in the middle of"
    assert complaints == []
    await reader.context.close()


async def test_help_stands_where_the_person_is_looking(chromium: Browser, served: tuple[Place, str]) -> None:
    place, url = served
    a, b = await place.insider(), await place.insider()
    id = (await place.thread(b, body="\n\n".join(["A long story."] * 60)))["thread"]["id"]
    for scripts in (True, False):
        page, _ = await visit(chromium, url, a, java_script_enabled=scripts)
        await page.goto(f"/threads/{id}")
        await page.fill("textarea[name=body]", CRISIS)
        await page.click("button:has-text('Send')")
        await expect(page.locator(".support")).to_be_in_viewport()
        await page.context.close()


async def test_a_draft_survives_a_closed_tab_becomes_a_thread_and_is_answered_live(
    chromium: Browser, served: tuple[Place, str]
) -> None:
    place, url = served
    a, b = await place.insider(), await place.insider()
    page, complaints = await visit(chromium, url, a)
    await page.goto(f"/boards/{place.board}/new")
    await page.fill("[name=title]", "Half a title")
    await page.fill("textarea[name=body]", "half a tho")
    await expect(page.locator("[data-draft-state]")).to_have_text("Draft kept")
    await page.close()
    again = await page.context.new_page()
    await again.goto(f"/boards/{place.board}/new")
    assert await again.input_value("[name=title]") == "Half a title"
    assert await again.input_value("textarea[name=body]") == "half a tho"
    await again.fill("textarea[name=body]", "half a thought, now whole")
    await again.click("button:has-text('Send')")
    await expect(again.locator("h1")).to_have_text("Half a title")
    await again.fill("textarea[name=body]", "")
    await place.reply(b, again.url.rsplit("/", 1)[1], "I know that half.")
    await expect(again.locator("#posts .post.fresh")).to_contain_text("I know that half.")
    await keep(again, "thread-live-reply")
    assert complaints == []
    await again.context.close()


async def test_everything_works_without_scripts(chromium: Browser, served: tuple[Place, str]) -> None:
    place, url = served
    a, b = await place.insider("ada"), await place.insider("ben")
    page, _ = await visit(chromium, url, a, java_script_enabled=False)
    await page.goto(f"/boards/{place.board}")
    await page.click("text=Write something")
    await page.fill("[name=title]", "A good day")
    await page.fill("textarea[name=body]", "I *walked* to the sea.")
    await page.check("text=Celebrate with me")
    await page.click("text=Preview")
    await expect(page.locator("[data-preview] em")).to_have_text("walked")
    assert await page.is_checked("text=Celebrate with me")
    await page.click("button:has-text('Send')")
    await expect(page.locator("h1")).to_have_text("A good day")
    await expect(page.locator(".tags")).to_contain_text("Celebrate with me")
    id = page.url.rsplit("/", 1)[1]
    await place.reply(b, id, "Lovely")
    await page.reload()
    await page.click("#posts >> text=Answer")
    await expect(page.locator(".answering")).to_contain_text("ben")
    await page.fill("textarea[name=body]", "Thank you")
    await page.click("button:has-text('Send')")
    await expect(page.locator("#posts .post.nested")).to_contain_text("Thank you")
    await keep(page, "forum-without-scripts")
    await page.context.close()


async def test_a_thread_fits_a_phone_and_weighs_little(chromium: Browser, served: tuple[Place, str]) -> None:
    place, url = served
    a = await place.insider()
    id = (await place.thread(a, "x" * 150, "word " * 200 + "y" * 300))["thread"]["id"]
    await place.reply(a, id, "```\n" + "z" * 400 + "\n```")
    page, _ = await visit(chromium, url, a, viewport={"width": 320, "height": 640})
    sizes: list[asyncio.Task[int]] = []
    page.on("requestfinished", lambda request: sizes.append(asyncio.ensure_future(weight(request))))
    await page.goto(f"/threads/{id}", wait_until="load")
    too_wide = """[...document.querySelectorAll("body *")]
      .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest("pre"))
      .map((e) => e.outerHTML.slice(0, 80))"""
    assert await page.evaluate(too_wide) == []
    assert 0 < sum(await asyncio.gather(*sizes)) < 90_000
    await page.context.close()


async def weight(request: Request) -> int:
    """Bytes of one answer's body, as they came over the line."""
    return (await request.sizes())["responseBodySize"]
