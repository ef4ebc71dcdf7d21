"""`kith serve` in a process of its own, and the few calls that put people and places into it."""

from __future__ import annotations

import html
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from playwright._impl._api_structures import SetCookieParam

START_SECONDS = 60


class RunningServer:
    """Started once a run; each test brings its own people."""

    password = "a quiet river at night"

    def __init__(self, data: Path) -> None:
        self._data = data
        self._data.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.operator = ""
        self.room = ""

    def start(self) -> None:
        """Run it until it answers. Raises AssertionError with what it said when it doesn't."""
        config = self._data / "config.toml"
        config.write_text("[limits]\nscale = 100000\n")
        log = self._data / "server.log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [*self._kith("serve"), "--port", str(self.port)], stdout=out, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert self._process.poll() is None, log.read_text()[-2000:]
            try:
                with urllib.request.urlopen(self.url + "/livez", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)  # another process starts; there is nothing to wait on
        raise AssertionError(log.read_text()[-2000:])

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(30)

    def furnish(self) -> None:
        """An operator, a group called Lighthouse, a room called Evening."""
        subprocess.run(
            [*self._kith("operator"), "harbour-lead", "--password-stdin"],
            input=self.password.encode() + b"\n",
            check=True,
            capture_output=True,
        )
        body = {"handle": "harbour-lead", "password": self.password}
        self.operator = self.call("POST", "/sessions", body)["token"]
        group = {"slug": "lighthouse", "name": "Lighthouse", "preset": "chronic-illness"}
        card = {"purpose": "For people whose illness stays.", "led_by": "peers"}
        self.call("POST", "/groups", {**group, "joining": "open", "card": card}, self.operator)
        self.room = self.call("POST", "/groups/lighthouse/rooms", {"name": "Evening"}, self.operator)["id"]

    def member(self, handle: str, *, joins: bool = True) -> str:
        """A new account, in the group; its bearer token."""
        agreed = {c["id"]: c["version"] for c in self.call("GET", "/about")["consents"]}
        body = {"handle": handle, "password": self.password, "consents": agreed, "country": "GB"}
        token: str = self.call("POST", "/members", body)["token"]
        if joins:
            version = self.call("GET", "/groups/lighthouse", token=token)["guidelines"]["version"]
            self.call("POST", "/groups/lighthouse/membership", {"guidelines_version": version}, token)
        return token

    def cookies(self, handle: str) -> list[SetCookieParam]:
        """What a browser holds after signing in by the form. The form itself is test_first_journeys.py's."""
        jar = CookieJar()
        self._signed(handle, jar)
        return [{"name": c.name, "value": c.value or "", "url": self.url} for c in jar]

    def submit(self, handle: str, path: str, **fields: str) -> None:
        """Sends the form of a page as this person, for what only pages do."""
        self._form(self._signed(handle, CookieJar()), path, fields)

    def _signed(self, handle: str, jar: CookieJar) -> urllib.request.OpenerDirector:
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        at = self._form(browser, "/sign-in", {"handle": handle, "password": self.password})
        assert at.endswith("/groups"), at
        return browser

    def _form(self, browser: urllib.request.OpenerDirector, path: str, fields: dict[str, str]) -> str:
        """Where the answer leads."""
        with browser.open(self.url + path, timeout=20) as page:
            csrf = re.search(r'name="csrf" value="([^"]+)"', page.read().decode())
        assert csrf
        form = urlencode({"csrf": html.unescape(csrf[1]), **fields}).encode()
        with browser.open(self.url + path, form, timeout=20) as page:
            return str(page.url)

    def say(self, token: str, body: str) -> Any:
        """A message in the room, by the API."""
        message = {"nonce": uuid4().hex, "body": body}
        return self.call("POST", f"/conversations/{self.room}/messages", message, token)

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/api/v1" + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def _kith(self, command: str) -> list[str]:
        beside = str(Path(sys.executable).parent / "kith")
        return [beside, command, "--data", str(self._data), "--config", str(self._data / "config.toml")]
