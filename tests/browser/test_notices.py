"""Notices in a real browser: the worker shows its one sentence whatever a push says, and its buttons are honest.

Headless Chromium has no push service to subscribe at; DevTools delivers the nudge instead.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from playwright.async_api import Page

from tests.browser.axe import EVERYTHING, violations
from tests.browser.conftest import OpenPage
from tests.browser.server import RunningServer

REGISTER = """async () => { await navigator.serviceWorker.register("/news-worker.js");
  return (await navigator.serviceWorker.ready).scope; }"""
SHOWN = """async (tag) => { const worker = await navigator.serviceWorker.ready;
  for (;;) { const all = await worker.getNotifications({ tag });
    if (all.length) return all.map((n) => [n.title, n.body, n.silent, n.requireInteraction, n.data]);
    await new Promise((wake) => setTimeout(wake, 20)); } }"""


async def nudge(page: Page, origin: str, data: str) -> None:
    """What a push service does: wake the worker with these bytes."""
    devtools = await page.context.new_cdp_session(page)
    known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def registered(event: Any) -> None:
        for found in event["registrations"]:
            if not known.done():
                known.set_result(found["registrationId"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", registered)
    await devtools.send("ServiceWorker.enable")
    nudged = {"origin": origin, "registrationId": await known, "data": data}
    await devtools.send("ServiceWorker.deliverPushMessage", nudged)


async def test_a_push_shows_that_there_is_news_and_nothing_that_it_says(
    server: RunningServer, open_page: OpenPage
) -> None:
    handle = f"heron-{uuid4().hex[:6]}"
    server.member(handle)
    page = await open_page(signed_in_as=handle, permissions=["notifications"])
    await page.goto("/me/notices/settings")
    await page.locator("#push .on").wait_for(state="visible")
    assert not await page.locator("#push .stop").is_visible(), "only the button that does something"
    assert await violations(page, EVERYTHING) == []
    assert await page.evaluate(REGISTER) == server.url + "/"
    await nudge(page, server.url, '{"title": "Lighthouse", "body": "somebody wrote something"}')
    assert await page.evaluate(SHOWN, "news") == [["Kith", "There is news", True, False, "/me/notices"]]
    await nudge(
        page, server.url, '{"page": "page", "id": "1a", "link": "/page/tok-en_1", "body": "Lighthouse"}'
    )
    paged = [["Kith", "Someone asks for you", False, True, "/page/tok-en_1"]]
    assert await page.evaluate(SHOWN, "page-1a") == paged, "aloud, until somebody sees it"
    await nudge(page, server.url, '{"page": "test", "id": "2b", "link": "//elsewhere.example/page/x"}')
    tested = [["Kith", "A test: please open it", False, True, "/moderation/on-call"]]
    assert await page.evaluate(SHOWN, "page-2b") == tested, "a link leads nowhere but here"
