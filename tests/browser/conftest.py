"""A real server, a real Chromium: what the journeys stand on.

The server is `kith serve` on a free port with its own data; Chromium is the system's (Debian's package
`chromium`, or the path in KITH_CHROMIUM). Everything that reaches for another host fails the test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route, async_playwright

from tests.browser.server import RunningServer

NEUTRAL = "https://www.wikipedia.org/"

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
def server(short_dir: Path) -> Iterator[RunningServer]:
    """The run's one server, with an operator, a group and a room."""
    running = RunningServer(short_dir / "browser")
    running.start()
    try:
        running.furnish()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = os.environ.get("KITH_CHROMIUM") or shutil.which("chromium")
    assert path, "install Debian's package chromium, or name a Chromium in KITH_CHROMIUM"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(chromium: Browser, server: RunningServer) -> AsyncIterator[OpenPage]:
    """Opens pages in fresh contexts. At the end no page may have complained on its console (a broken
    policy, a script's error) or asked another host for anything but the neutral site."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def stay_here(route: Route) -> None:
        if route.request.url.startswith(server.url):
            await route.continue_()
        elif route.request.url == NEUTRAL:
            await route.fulfill(body="<title>elsewhere</title>", content_type="text/html")
        else:
            complaints.append(f"asked another host: {route.request.url}")
            await route.abort()

    async def make(**options: Any) -> Page:
        handle = options.pop("signed_in_as", None)
        context = await chromium.new_context(**{"base_url": server.url, **options})
        contexts.append(context)
        await context.route("**/*", stay_here)
        page = await context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if _is_complaint(m) else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        if handle is not None:
            await page.goto("/sign-in")
            await page.fill("#f-handle", handle)
            await page.fill("#f-password", server.password)
            await page.click("main button[type=submit]")
            await page.wait_for_url("**/groups")
        return page

    yield make
    for context in contexts:
        await context.close()
    assert complaints == []


def _is_complaint(said: ConsoleMessage) -> bool:
    """An error of ours; that a form was refused with a 4xx is no error."""
    return said.type == "error" and "server responded with a status of 4" not in said.text
