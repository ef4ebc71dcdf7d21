"""`python -m bench.screenshots [FOLDER]`: pictures of the main pages of `kith demo`, light, dark and on a phone.

They stand in docs/pictures and in the README; take them anew when a page has changed. WebP by Chromium itself.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from bench.shown import CRY, Demo, chromium, demo

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
QUALITY = 60
BYTES_MAX = 1_500_000
DESKTOP = {"width": 1240, "height": 940}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True)
class Picture:
    """One page: who looks at it, and what leads there from the first page of that person."""

    name: str
    reader: str
    lead: Callable[[Page], Any]


def _to(path: str) -> Callable[[Page], Any]:
    return lambda page: page.goto(path)


def _room(page: Page) -> None:
    """Says the cry once; the card stays until it is put away."""
    page.goto("/groups/slow-mornings")
    page.get_by_role("main").get_by_role("link", name="Kitchen table").first.click()
    page.wait_for_url("**/rooms/*")
    page.locator("#composer textarea").wait_for()
    if not page.locator(".support").count():
        page.locator("#f-body").fill(CRY)
        page.locator("#f-body").press("Enter")
    page.locator(".support").first.wait_for()
    page.wait_for_function("document.querySelectorAll('.waiting').length === 0")


def _thread(page: Page) -> None:
    page.goto("/groups/slow-mornings")
    page.get_by_role("main").get_by_role("link", name="What helps").first.click()
    page.wait_for_url("**/boards/*")
    page.locator("main a[href^='/threads/']").last.click()
    page.wait_for_url("**/threads/*")


def _case(page: Page) -> None:
    page.goto("/moderation")
    page.locator("#queue [data-case] a").first.click()
    page.wait_for_url("**/moderation/cases/*")
    page.locator("details.words > summary").first.click()
    page.evaluate("scrollTo(0, 0)")


PICTURES = (
    Picture("front", "", _to("/")),
    Picture("help-now", "", _to("/help-now?country=GB")),
    Picture("group", "fernleaf", _to("/groups/slow-mornings")),
    Picture("room", "fernleaf", _room),
    Picture("thread", "fernleaf", _thread),
    Picture("desk", "juniper", _to("/moderation")),
    Picture("case", "juniper", _case),
    Picture("roster", "juniper", _to("/moderation/roster")),
    Picture("figures", "juniper", _to("/moderation/figures")),
)
LOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("light", {"viewport": DESKTOP, "color_scheme": "light"}),
    ("dark", {"viewport": DESKTOP, "color_scheme": "dark"}),
    ("phone", {"viewport": PHONE, "color_scheme": "light", "is_mobile": True, "has_touch": True}),
)


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as shown, chromium() as browser:
        for look, options in LOOKS:
            for reader in dict.fromkeys(picture.reader for picture in PICTURES):
                _take(shown, browser, [p for p in PICTURES if p.reader == reader], folder, (look, options))
    size = sum(file.stat().st_size for file in folder.glob("*.webp"))
    print(f"{len(list(folder.glob('*.webp')))} pictures in {folder}, {size / 1000:.0f} kB")
    return int(size > BYTES_MAX)


def _take(
    shown: Demo, browser: Browser, pictures: list[Picture], folder: Path, look: tuple[str, dict[str, Any]]
) -> None:
    name, options = look
    context = browser.new_context(base_url=shown.url, reduced_motion="reduce", **options)
    reader = pictures[0].reader
    page = shown.sign_in(context, reader) if reader else context.new_page()
    for picture in pictures:
        picture.lead(page)
        page.evaluate("document.activeElement?.blur()")
        taken = context.new_cdp_session(page).send(
            "Page.captureScreenshot", {"format": "webp", "quality": QUALITY}
        )
        (folder / f"{picture.name}-{name}.webp").write_bytes(base64.b64decode(taken["data"]))
    context.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
