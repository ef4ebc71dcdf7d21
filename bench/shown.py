"""A `kith serve` of its own, filled by `kith demo`, and a Chromium that looks at it: for pictures and figures.

Nothing is asked of another host, and nothing of it stays: data and browser end with the block.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.processes import free_port

START_SECONDS = 60
NO_OTHER_HOST = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
CRY = "I have the pills in front of me and I'm going to take them all tonight"


@dataclass(frozen=True, slots=True)
class Demo:
    """A filled server and who is who on it."""

    url: str
    passwords: dict[str, str]

    def sign_in(self, context: BrowserContext, handle: str) -> Page:
        """A page of somebody who came in by the form."""
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("#f-handle", handle)
        page.fill("#f-password", self.passwords[handle])
        page.click("main button[type=submit]")
        page.wait_for_url("**/groups")
        return page


@contextmanager
def demo(*, scale: float = 1.0) -> Iterator[Demo]:
    """Started, filled, and ended with everything it wrote. `scale`: how much faster than people one may send."""
    with tempfile.TemporaryDirectory(prefix="kd", dir="/tmp") as folder:
        data, port = Path(folder) / "kith", free_port()
        kith = [sys.executable, "-m", "server.cli"]
        log = (Path(folder) / "log").open("wb")
        server = subprocess.Popen(
            [*kith, "serve", "--data", str(data), "--port", str(port)],
            stdout=log,
            stderr=log,
            env={**os.environ, "KITH_LIMITS_SCALE": str(scale)},
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz", server)
            filled = subprocess.run(
                [*kith, "demo", "--data", str(data)], capture_output=True, text=True, check=True
            )
            found = re.findall(r"^    (\S+)\s+(\S{12})(?:\s|$)", filled.stdout, re.MULTILINE)
            yield Demo(f"http://127.0.0.1:{port}", dict(found))
        finally:
            server.terminate()
            server.wait(30)
            log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, "kith serve ended"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)  # another process starts; there is nothing to wait on
    raise AssertionError("kith serve did not answer")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's, as in the tests."""
    path = os.environ.get("KITH_CHROMIUM") or shutil.which("chromium")
    assert path, "install Debian's package chromium, or name a Chromium in KITH_CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", NO_OTHER_HOST])
        yield browser
        browser.close()
