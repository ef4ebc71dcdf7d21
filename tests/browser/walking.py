"""Walking a page with Tab: each stop has a visible focus that nothing covers, and a name; and none is left out."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

STOPS_MAX = 150

START = """() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex"); }"""
"""From the page's beginning, wherever the page put the focus when it came."""

STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const s = getComputedStyle(e), r = e.getBoundingClientRect();
  const ring = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && !/, 0\\)$/.test(s.outlineColor);
  const said = [];
  const shade = s.boxShadow !== "none";
  if (!ring && !shade) said.push("has no visible focus");
  if (r.width < 2 || r.height < 2) said.push("has no size");
  // What is larger than the window can't be seen whole; its part in the window is what counts.
  const x = Math.min(Math.max((Math.max(r.left, 0) + Math.min(r.right, innerWidth)) / 2, 0), innerWidth - 1);
  const y = (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2;
  if (r.bottom <= 0 || r.top >= innerHeight) said.push("is out of the window");
  else {
    const tall = r.height > innerHeight / 2;
    for (const at of tall ? [y] : [r.top + 2, y, r.bottom - 2]) {
      const top = document.elementFromPoint(x, Math.min(Math.max(at, 1), innerHeight - 1));
      const around = top && top.contains(e) && !top.closest("header.top");
      const own = top && (e.contains(top) || around || top.closest("label")?.control === e);
      if (!own) { said.push(`is covered by ${top?.tagName}.${top?.className}`); break; }
    }
  }
  axe.setup(document);
  const name = axe.commons.text.accessibleText(e).trim();
  axe.teardown();
  if (!name) said.push("has no name");
  e.dataset.walked = "";
  return [`${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""} “${name.slice(0, 40)}”`, said];
}"""
"""What is wrong with the element that has the focus; null at the end of the page."""

LEFT_OUT = """() => {
  const groups = new Set();
  return [...document.querySelectorAll(
      "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }))
    .filter((e) => {
      if (e.type !== "radio") return !("walked" in e.dataset);
      const group = [...document.getElementsByName(e.name)];
      return !group.some((one) => "walked" in one.dataset) && !groups.has(e.name) && groups.add(e.name);
    })
    .map((e) => `${e.tagName.toLowerCase()}#${e.id} “${(e.textContent || e.name || "").trim().slice(0, 40)}”`);
}"""


async def walked(page: Page) -> list[str]:
    """What is wrong at any stop, and which controls Tab never reached. axe must be in the page already."""
    wrong: list[str] = []
    await page.evaluate(START)
    for _ in range(STOPS_MAX):
        await page.keyboard.press("Tab")
        stop: Any = await page.evaluate(STOP)
        if stop is None:
            return [
                *wrong,
                *[f"Tab doesn't reach {name}" for name in await page.evaluate(LEFT_OUT)],
            ]
        wrong += [f"{stop[0]} {said}" for said in stop[1]]
    return [*wrong, f"more than {STOPS_MAX} stops"]
