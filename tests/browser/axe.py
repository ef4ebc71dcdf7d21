"""axe-core, read as data from the test dependency that ships it, and run in a page under our own policy."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from playwright.async_api import Page

COLOURS = ("cat.color",)
"""What a theme can change; the rest of a page is the same in all of them. With AAA's 7 to 1, which we promise
for what is read at length and keep for all words."""
EVERYTHING = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", *COLOURS)
SHAPES = EVERYTHING[:-1]
"""What room and zoom can change. Colours that A and AA ask for are left out too: they stay what they were."""


@cache
def _source() -> str:
    spec = find_spec("axe_playwright_python")
    assert spec and spec.origin, "pip install -e '.[test]' brings axe-playwright-python"
    return (Path(spec.origin).parent / "axe.min.js").read_text()


async def violations(page: Page, tags: tuple[str, ...] = EVERYTHING, *, within: str = "") -> list[str]:
    """What is wrong on the page or in a part of it, one line each: rule, what it says, and where."""
    if not await page.evaluate("'axe' in window"):
        # Evaluated, not injected: our policy rightly refuses a script element.
        await page.evaluate(_source())
    found = await page.evaluate(
        """async ([values, within, colours]) => {
          const rules = colours ? {} : { "color-contrast": { enabled: false } };
          const options = { runOnly: { type: "tag", values }, rules, resultTypes: ["violations"] };
          const part = within && document.querySelector(within) ? within : document;
          return (await axe.run(part, options)).violations.map((v) =>
            [v.id, v.help, JSON.stringify(v.nodes.slice(0, 3).map((n) => [n.target, n.any[0]?.data?.contrastRatio]))]);
        }""",
        [list(tags), within, "cat.color" in tags],
    )
    return [f"{id}: {says}: {where}" for id, says, where in found]
