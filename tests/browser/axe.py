"""axe-core, read as data from the test dependency that ships it, and run in a page under our own policy."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from playwright.async_api import Page

EVERYTHING = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("cat.color",)
"""What a theme can change; the rest of a page is the same in all of them."""


@cache
def _source() -> str:
    spec = find_spec("axe_playwright_python")
    assert spec and spec.origin, "pip install -e '.[test]' brings axe-playwright-python"
    return (Path(spec.origin).parent / "axe.min.js").read_text()


async def violations(page: Page, tags: tuple[str, ...] = EVERYTHING) -> list[str]:
    """What is wrong on the page, one line each: rule, what it says, and where."""
    # Evaluated, not injected: our policy rightly refuses a script element.
    await page.evaluate(_source())
    found = await page.evaluate(
        "async (tags) => (await axe.run({ runOnly: { type: 'tag', values: tags } })).violations", list(tags)
    )
    return [f"{v['id']}: {v['help']}: {[n['target'] for n in v['nodes']][:3]}" for v in found]
