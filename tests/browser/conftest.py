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
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    async_playwright,
)

from tests.browser.server import RunningServer

NEUTRAL = "https://www.wikipedia.org/"

PICTURES = Path(__file__).parents[2] / "bench" / "out" / "journeys"
"""What a run's journeys looked like; written anew by each run and kept out of the repository."""
STAY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""No page of a test reaches another host, whatever it asks for."""

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
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", STAY])
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(chromium: Browser, server: RunningServer) -> AsyncIterator[OpenPage]:
    """Opens pages in fresh contexts. At the end no page may have complained on its console (a broken
    policy, a script's error) or asked another host for anything; the neutral site answers a test that `leaves`."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def stay_here(request: Request) -> None:
        if not request.url.startswith((server.url, "data:", "blob:")):
            complaints.append(f"asked another host: {request.url}")

    async def elsewhere(route: Route) -> None:
        await route.fulfill(body="<title>elsewhere</title>", content_type="text/html")

    async def make(**options: Any) -> Page:
        handle, leaves = options.pop("signed_in_as", None), options.pop("leaves", False)
        context = await chromium.new_context(**{"base_url": server.url, **options})
        contexts.append(context)
        page = await context.new_page()
        if leaves:
            await page.route(
                NEUTRAL, elsewhere
            )  # a route turns the browser's cache off, so only where needed
        else:
            page.on("request", stay_here)
        page.on("console", lambda m: complaints.append(m.text) if _is_complaint(m) else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        if handle is not None:
            await context.add_cookies(server.cookies(handle))
        return page

    yield make
    for context in contexts:
        await context.close()
    assert complaints == []


async def keep(page: Page, name: str) -> None:
    """A picture of this moment of a journey."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def _is_complaint(said: ConsoleMessage) -> bool:
    """An error of ours; that a form was refused with a 4xx is no error."""
    return said.type == "error" and "server responded with a status of 4" not in said.text
