"""`python -m bench.pages [--write]`: what pages weigh, how still they stand, how soon they can be used, how a long
room scrolls.

A phone's window, Chromium's own 4x slow-down of the processor, an empty cache each time, medians of several loads.
Interactive is the end of DOMContentLoaded: the page is parsed and every module script has run. Beside it stands what
others on the machine change little: the soonest load, and the processor time of the page's own thread until then.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Request

from bench.shown import Demo, chromium, demo

FILE = Path(__file__).with_name("pages.md")
PHONE = {"width": 360, "height": 740}
SLOWER = 4
LOADS = 7
MESSAGES = 5_000
SWIPES = 40
STEPS = 8
STEP_PX = 34
STEP_MS, REST_MS = 8, 120
HEAD = """# Pages

`python -m bench.pages --write`, {day}. A window of 360 × 740, an empty cache, medians of {loads} loads with
Chromium's {slower}× slow-down (of layout shifts the largest). Server and browser shared {cores} cores with other
work (load {load:.1f}), so times are upper bounds; the soonest load and the thread's processor time hold nearly
always. Budgets: first page 60 KB, room 90 KB, shift 0.05, interactive 1,000 ms at 4×.
"""
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) sum += e.value; })
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""
FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const next = (now) => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""


@dataclass(frozen=True, slots=True)
class Row:
    """One page, in medians."""

    name: str
    requests: int
    kilobytes: float
    shift: float
    interactive_ms: float
    soonest_ms: float
    thread_ms: float
    plain_ms: float


@dataclass(frozen=True, slots=True)
class Load:
    """One load of a page."""

    requests: int
    octets: int
    shift: float
    interactive_ms: float
    thread_ms: float


@dataclass(frozen=True, slots=True)
class Scroll:
    """A long room under a thumb."""

    messages: int
    lines: int
    earliest: int
    frame_p50_ms: float
    frame_p95_ms: float
    frame_max_ms: float
    in_order: bool


def measured(shown: Demo, browser: Browser, name: str, path: str, cookies: list[Any]) -> Row:
    """The page, so many times with nothing in the cache, slowed; then once unslowed."""
    loads = [_load(shown, browser, path, cookies, SLOWER) for _ in range(LOADS)]
    plain = [_load(shown, browser, path, cookies, 1) for _ in range(3)]
    return Row(
        name,
        loads[0].requests,
        statistics.median(load.octets for load in loads) / 1000,
        max(load.shift for load in loads),
        statistics.median(load.interactive_ms for load in loads),
        min(load.interactive_ms for load in loads),
        statistics.median(load.thread_ms for load in loads),
        statistics.median(load.interactive_ms for load in plain),
    )


def _load(shown: Demo, browser: Browser, path: str, cookies: list[Any], slower: int) -> Load:
    context = browser.new_context(base_url=shown.url, viewport=PHONE)  # type: ignore[arg-type]
    context.add_cookies(cookies)
    page = context.new_page()
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(path, wait_until="load")
    figures = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    page.wait_for_timeout(400)  # what scripts and sockets still move counts too
    shift = float(page.evaluate(SHIFT))
    ended = float(page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))
    sizes = [request.sizes() for request in done]
    context.close()
    octets = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)
    return Load(len(sizes), octets, shift, ended, figures["TaskDuration"] * 1000)


def scrolled(shown: Demo, browser: Browser, room: str, cookies: list[Any]) -> Scroll:
    """Up a room of thousands, by a thumb's swipes, with the processor slowed."""
    context = browser.new_context(base_url=shown.url, viewport=PHONE, has_touch=True)  # type: ignore[arg-type]
    context.add_cookies(cookies)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(room, wait_until="load")
    page.locator(".line").last.wait_for()
    box = page.locator("#log").bounding_box()
    assert box is not None
    page.evaluate(FRAMES)
    for _ in range(SWIPES):
        _swipe(page, session, box["y"] + 30)
    frames = sorted(float(ms) for ms in page.evaluate("window.frames_ms"))
    bodies = [int(n) for n in page.evaluate(
        "[...document.querySelectorAll('.line .words')].map((e) => Number(e.textContent.match(/\\d+/)?.[0] ?? -1))"
    )]  # fmt: skip
    context.close()
    middle, late = frames[len(frames) // 2], frames[int(len(frames) * 0.95)]
    in_order = bodies == sorted(bodies)
    return Scroll(MESSAGES, len(bodies), min(bodies), middle, late, frames[-1], in_order)


def _swipe(page: Page, session: CDPSession, y: float) -> None:
    """A thumb down the glass; what it set going runs on."""
    for step in range(STEPS + 1):
        at = {"x": PHONE["width"] / 2, "y": y + step * STEP_PX}
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
        page.wait_for_timeout(STEP_MS)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(REST_MS)


def _call(shown: Demo, method: str, path: str, body: Any = None, token: str = "") -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(f"{shown.url}/api/v1{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def _long_room(shown: Demo, group: str) -> str:
    """A room with thousands of short messages; each line carries its number."""
    who = {"handle": "fernleaf", "password": shown.passwords["fernleaf"]}
    token = _call(shown, "POST", "/sessions", who)["token"]
    lead = {"handle": "harbourmaster", "password": shown.passwords["harbourmaster"]}
    operator = _call(shown, "POST", "/sessions", lead)["token"]
    room = str(_call(shown, "POST", f"/groups/{group}/rooms", {"name": "Long evening"}, operator)["id"])
    for n in range(MESSAGES):
        body = {"nonce": uuid4().hex, "body": f"{n}: the kettle is on, and the rain is nearly over."}
        _call(shown, "POST", f"/conversations/{room}/messages", body, token)
    return room


def _addresses(page: Page) -> dict[str, str]:
    """Where a room and a thread of the demo stand."""
    page.goto("/groups/slow-mornings")
    room = page.locator("main a[href^='/rooms/']").first.get_attribute("href") or ""
    page.get_by_role("main").get_by_role("link", name="What helps").first.click()
    thread = page.locator("main a[href^='/threads/']").last.get_attribute("href") or ""
    return {"room": room, "thread": thread}


def _of(context: BrowserContext) -> list[Any]:
    return list(context.cookies())


def main(arguments: list[str]) -> int:
    load = os.getloadavg()[0]
    with demo(scale=100_000) as shown, chromium() as browser:
        context = browser.new_context(base_url=shown.url)
        there = _addresses(shown.sign_in(context, "fernleaf"))
        member = _of(context)
        context = browser.new_context(base_url=shown.url)
        shown.sign_in(context, "juniper")
        lead = _of(context)
        rows = [
            measured(shown, browser, "first page", "/", []),
            measured(shown, browser, "room", there["room"], member),
            measured(shown, browser, "thread", there["thread"], member),
            measured(shown, browser, "help now", "/help-now?country=GB", []),
            measured(shown, browser, "desk", "/moderation", lead),
        ]
        long = f"/rooms/{_long_room(shown, 'slow-mornings')}"
        rows.append(measured(shown, browser, f"room of {MESSAGES:,} messages", long, member))
        scroll = scrolled(shown, browser, long, member)
    said = told(rows, scroll, load)
    print(said)
    if "--write" in arguments:
        FILE.write_text(said + "\n")
    return 0


def told(rows: list[Row], scroll: Scroll, load: float) -> str:
    """As Markdown, with the budgets beside the figures."""
    return "\n".join(
        [
            HEAD.format(
                day=datetime.now(UTC).date(), loads=LOADS, slower=SLOWER, cores=os.cpu_count(), load=load
            ),
            "| Page | Requests | KB in all | Layout shift | Interactive at 4× | Soonest | Thread at 4× | Unslowed |",
            "|---|---|---|---|---|---|---|---|",
            *(
                f"| {row.name} | {row.requests} | {row.kilobytes:.1f} | {row.shift:.3f} "
                f"| {row.interactive_ms:.0f} ms | {row.soonest_ms:.0f} ms | {row.thread_ms:.0f} ms "
                f"| {row.plain_ms:.0f} ms |"
                for row in rows
            ),
            "",
            f"In the room of {scroll.messages:,} messages {SWIPES} swipes upwards at {SLOWER}× reached message",
            f"{scroll.earliest:,}, with {scroll.lines} lines in the page. Frames: median {scroll.frame_p50_ms:.0f} ms,",
            f"95th percentile {scroll.frame_p95_ms:.0f} ms, longest",
            f"{scroll.frame_max_ms:.0f} ms. Lines stand in the document in the order in which they were said:",
            f"{'yes' if scroll.in_order else 'NO'}.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
