"""Usable by everyone: axe in every theme, everything by keyboard, nothing wider than a phone, small."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.async_api import Page

from tests.browser.axe import COLOURS, EVERYTHING, violations
from tests.browser.conftest import OpenPage
from tests.browser.server import RunningServer

SIGNED_OUT = (
    "/",
    "/is-this-for-me",
    "/groups",
    "/sign-up",
    "/sign-in",
    "/recover",
    "/recover/code",
    "/recover/mail",
    "/help-now",
    "/help-now?country=GB",
    "/look",
    "/about",
)
SIGNED_IN = (
    "/groups",
    "/groups?for=tired&now=yes",
    "/groups/lighthouse",
    "/groups/lighthouse/ask",
    "/groups/lighthouse/questions",
    "/welcome",
    "/me",
    "/me/words",
    "/me/warnings",
    "/me/break",
    "/me/recovery",
    "/me/profile",
    "/me/sessions",
    "/me/password",
    "/me/people",
    "/me/notices",
    "/me/data",
    "/found-a-group",
)
OPERATOR = (
    "/groups/lighthouse/settings",
    "/groups/lighthouse/guidelines",
    "/groups/lighthouse/members",
    "/groups/lighthouse/delete",
    "/moderation",
    "/moderation/figures",
    "/moderation/roster",
    "/operator",
)
FIRST_PAGE_BYTES = 60_000


async def checked(page: Page, paths: tuple[str, ...], tags: tuple[str, ...] = EVERYTHING) -> list[str]:
    wrong = []
    for path in paths:
        await page.goto(path)
        wrong += [f"{path}: {said}" for said in await violations(page, tags)]
    return wrong


async def too_wide(page: Page) -> list[str]:
    """What sticks out of the window, if anything does."""
    found: list[str] = await page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
             [...document.querySelectorAll("body *")]
               .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".hidden"))
               .map((e) => e.tagName + "." + e.className).slice(0, 5)"""
    )
    return found


async def themed(page: Page, theme: str) -> None:
    await page.goto("/look")
    await page.check(f"input[value={theme}]")
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/look")


@pytest.mark.parametrize(("theme", "tags"), [("light", EVERYTHING), ("dark", COLOURS), ("contrast", COLOURS)])
async def test_no_page_fails_axe_in_any_theme(
    server: RunningServer, open_page: OpenPage, theme: str, tags: tuple[str, ...]
) -> None:
    page = await open_page()
    await themed(page, theme)
    assert await checked(page, (*SIGNED_OUT, "/nowhere"), tags) == []
    page = await open_page(signed_in_as="harbour-lead")
    await themed(page, theme)
    assert await checked(page, SIGNED_IN + OPERATOR, tags) == []


async def test_on_a_phone_at_double_text_size_nothing_is_cut_off(
    server: RunningServer, open_page: OpenPage
) -> None:
    page = await open_page(signed_in_as="harbour-lead", viewport={"width": 360, "height": 740})
    for path in ("/", *SIGNED_IN, *OPERATOR):
        await page.goto(path)
        assert await too_wide(page) == [], path
        await page.evaluate("document.documentElement.style.setProperty('font-size', '225%')")
        assert await too_wide(page) == [], f"{path} at double size"


async def test_a_page_is_walked_by_keyboard_with_the_focus_always_seen(
    server: RunningServer, open_page: OpenPage
) -> None:
    handle = f"walker-{uuid4().hex[:8]}"
    server.member(handle)
    page = await open_page(signed_in_as=handle)
    await page.goto("/groups/lighthouse")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    seen = []
    for _ in range(12):
        await page.keyboard.press("Tab")
        seen.append(
            await page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                   return [e.tagName, parseFloat(s.outlineWidth) >= 2 && s.outlineStyle !== 'none']; }"""
            )
        )
    assert all(visible for tag, visible in seen if tag != "BODY"), seen


async def test_the_first_page_is_under_60_kb_with_everything(open_page: OpenPage) -> None:
    page = await open_page()
    sizes: list[int] = []

    async def weigh(request: object) -> None:
        measured = await request.sizes()  # type: ignore[attr-defined]
        sizes.append(measured["responseBodySize"] + measured["responseHeadersSize"])

    page.on("requestfinished", weigh)
    await page.goto("/", wait_until="networkidle")
    assert len(sizes) > 5 and sum(sizes) < FIRST_PAGE_BYTES, sum(sizes)


async def test_nothing_jumps_while_a_page_loads(open_page: OpenPage) -> None:
    page = await open_page(viewport={"width": 360, "height": 740})
    await page.goto("/", wait_until="networkidle")
    shift = await page.evaluate(
        """() => new Promise((done) => {
          let sum = 0;
          new PerformanceObserver((list) => { for (const e of list.getEntries()) sum += e.value; })
            .observe({ type: "layout-shift", buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
        })"""
    )
    assert shift <= 0.05
