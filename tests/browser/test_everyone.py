"""Usable by everyone: every page in every theme and zoomed, by keyboard, on a phone, small and still.

One context, one load a page: themes are switched in place, since they change colours and nothing else. What a
page is checked for stands in `Look.wrong`; which pages there are, in places.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, Request, Response
from starlette.routing import Route

from community.database import Database
from server.assembly import routes
from server.settings import Server, Settings
from tests.browser.axe import COLOURS, SHAPES, violations
from tests.browser.behind_secrets import SECRETS, shown_behind_secrets, stand_in
from tests.browser.conftest import OpenPage
from tests.browser.places import EXCUSED, Places, Reader, examples
from tests.browser.server import RunningServer
from tests.browser.walking import walked
from tests.home import easy, living

FIRST_PAGE_BYTES = 60_000
DESKTOP = {"width": 1280, "height": 800}
ZOOMED = {"width": 640, "height": 400}
"""A desktop's window at 200 %."""
PHONE = {"width": 360, "height": 740}
LOOKS = (("dark", False), ("contrast", False), ("light", True))
SHIFT_MAX = 0.05
SHIFTS = """() => new Promise((done) => {
  const moved = [];
  const named = (n) => n ? `${n.nodeName}.${n.className ?? ""}#${n.id ?? ""} ${n.textContent.slice(0, 20)}` : "?";
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) moved.push([e.value, e.sources.map((s) => named(s.node))]);
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(moved)));
})"""
POLICY = "default-src 'self'"
PARTS = 3
"""Contexts for one reader's pages, so that a busy machine ends each in time."""
WALKED = {
    "/", "/sign-up", "/groups", "/groups/{slug}", "/help-now", "/rooms/{id}", "/threads/{id}", "/boards/{id}/new",
    "/me", "/me/notices", "/me/notices/settings", "/me/profile", "/search", "/moderation", "/moderation/cases/{id}",
    "/moderation/roster", "/operator", "/groups/{slug}/easy-read/edit", "/rooms/{id}/meetings/new",
}  # fmt: skip
"""The main pages: walked with Tab, from the first control to the last."""


@pytest.fixture(scope="session")
def places(server: RunningServer) -> Places:
    return Places(server)


async def too_wide(page: Page) -> list[str]:
    """What sticks out of the window, on either side, if anything does."""
    found: list[str] = await page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
             [...document.querySelectorAll("body *")]
               .filter((e) => !e.closest(".hidden"))
               .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)
               .map((e) => e.tagName + "." + e.className).slice(0, 5)"""
    )
    return found


class Look:
    """One page, loaded once, looked at in every way."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._first = True

    async def wrong(self, path: str, *, walks: bool = False) -> list[str]:
        answer = await self._page.goto(path)
        assert answer is not None
        return [
            *_headers_wrong(answer),
            *await violations(self._page),
            *await self._in_themes(),
            *await self._zoomed(walks=walks),
        ]

    async def _in_themes(self) -> list[str]:
        """Only the page's own part: the shell around it is the same on all and was seen on the first."""
        said = []
        for theme, calm in LOOKS:
            await self._page.evaluate(
                """([theme, calm]) => { const root = document.documentElement; root.dataset.look = theme;
                   if (calm) root.dataset.calm = ""; else delete root.dataset.calm; }""",
                [theme, calm],
            )
            name = f"{theme} {'calm' if calm else ''}"
            part = "" if self._first else "main"
            said += [f"{name}: {v}" for v in await violations(self._page, COLOURS, within=part)]
        self._first = False
        return said

    async def _zoomed(self, *, walks: bool) -> list[str]:
        await self._page.set_viewport_size(ZOOMED)
        found = [*await violations(self._page, SHAPES), *await too_wide(self._page)]
        if walks:  # where the least room is beside what stays in its place
            found += await walked(self._page)
        said = [f"at 200 %: {v}" for v in found]
        await self._page.set_viewport_size(PHONE)
        said += [f"on a phone: {v} is too wide" for v in await too_wide(self._page)]
        await self._page.evaluate("document.documentElement.style.setProperty('font-size', '225%')")
        said += [f"on a phone at double size: {v} is too wide" for v in await too_wide(self._page)]
        await self._page.set_viewport_size(DESKTOP)
        return said


def _headers_wrong(answer: Response) -> list[str]:
    policy = answer.headers.get("content-security-policy", "")
    is_strict = policy.startswith(POLICY) and "unsafe" not in policy
    return ([] if is_strict else [f"policy {policy!r}"]) + (
        [] if answer.status < 500 else [str(answer.status)]
    )


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("reader", ["stranger", "member", "operator"])
async def test_no_page_is_inaccessible_in_any_theme_or_zoom(
    server: RunningServer, open_page: OpenPage, places: Places, reader: Reader, part: int
) -> None:
    who = {"stranger": None, "member": places.author, "operator": "harbour-lead"}[reader]
    page = await open_page(signed_in_as=who, viewport=DESKTOP, color_scheme="light", reduced_motion="reduce")
    look, wrong = Look(page), []
    shown = [(route, e) for route, all in examples(places).items() for e in all if e.reader == reader]
    for route, example in shown[part::PARTS]:
        wrong += [f"{example.path}: {s}" for s in await look.wrong(example.path, walks=route in WALKED)]
    if reader == "stranger" and part == 0:
        wrong += [f"/nowhere: {said}" for said in await look.wrong("/nowhere")]
    assert wrong == [], "\n".join(wrong)


async def test_nor_is_one_that_stands_behind_a_secret_or_was_refused(
    server: RunningServer, open_page: OpenPage, database: Database, tmp_path: Path
) -> None:
    settings = easy(Settings(server=Server(development=True)))
    async with living(database, tmp_path, settings=settings) as home:
        found = await shown_behind_secrets(home)
    page = await open_page(viewport=DESKTOP, color_scheme="light", reduced_motion="reduce")
    await stand_in(page, server.url, found)
    look, wrong = Look(page), []
    for path in found:
        wrong += [f"{path}: {said}" for said in await look.wrong(path, walks=path == "/set-up")]
    assert wrong == [], "\n".join(wrong)


async def test_every_page_stands_in_the_list(database: Database, tmp_path: Path, places: Places) -> None:
    """The list is the app's own: whoever adds a page adds an example of it, or says why not."""
    settings = Settings(server=Server(development=True))
    async with living(database, tmp_path, settings=settings) as home:
        there = {
            route.path
            for route in routes(home.house)
            if isinstance(route, Route) and "GET" in (route.methods or ())
            if not route.path.startswith("/api/") and "_wrong_method" not in route.endpoint.__qualname__
        }
    listed = {*examples(places), *SECRETS, *EXCUSED}
    assert (there - listed, listed - there) == (set(), set())


async def test_the_first_stop_of_a_page_leads_past_the_ways_to_others(open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto("/groups/lighthouse")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"


async def test_the_first_page_is_under_60_kb_with_everything(open_page: OpenPage) -> None:
    page = await open_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    await page.goto("/", wait_until="networkidle")
    sizes = [await request.sizes() for request in asked]
    weights = {
        r.url: s["responseBodySize"] + s["responseHeadersSize"] for r, s in zip(asked, sizes, strict=True)
    }
    assert {request.resource_type for request in asked} >= {"document", "stylesheet", "script"}
    assert all(size["responseBodySize"] > 0 for size in sizes), "what wasn't weighed"
    assert sum(weights.values()) < FIRST_PAGE_BYTES, weights


async def test_nothing_jumps_while_a_page_loads(open_page: OpenPage, places: Places) -> None:
    page = await open_page(signed_in_as=places.author, viewport=PHONE)
    for path in ("/", f"/rooms/{places.room}", f"/threads/{places.thread}"):
        await page.goto(path, wait_until="networkidle" if path == "/" else "load")
        await page.wait_for_function("document.fonts.status === 'loaded'")
        moved = await page.evaluate(SHIFTS)
        assert sum(value for value, _ in moved) <= SHIFT_MAX, (path, moved)
