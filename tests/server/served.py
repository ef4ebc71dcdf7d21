"""A command of Kith that serves, run for real: heard whole, waited for within bounds, never left behind.

A run of all tests once stood still for an hour, because one test asked a server again and again that was
no longer there. Here every wait ends, and says what the server had said.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

START_SECONDS: Final = 90.0
END_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.01


class Served:
    """One process. Both its pipes are read as it writes: a full one would stop it."""

    def __init__(self, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._out: list[str] = []
        self._err: list[str] = []
        self._readers = [
            _reading(self.process.stdout, self._out),
            _reading(self.process.stderr, self._err),
        ]

    def wait_for_address(self) -> str:
        """Where it listens, as it says on its first line."""
        until(lambda: bool(self._out) or self.process.poll() is not None, self.said, START_SECONDS)
        found = re.search(r"http://\S+", "".join(self._out))
        assert found, self.said()
        self.url = found[0]
        return self.url

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    def said(self) -> str:
        """All that it said so far, for whoever reads a failed test."""
        return f"exit {self.process.poll()}\n{''.join(self._out)}\n{''.join(self._err)}"

    def end(self, ending: signal.Signals | None = None, seconds: float = END_SECONDS) -> tuple[int, str, str]:
        """Its exit code, what it said, and what it logged, once it has ended: after a signal, or by itself."""
        if ending is not None:
            self.process.send_signal(ending)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still there after {seconds} s: {self.said()}") from None
        self._close()
        return self.process.returncode, "".join(self._out), "".join(self._err)

    def abandon(self) -> None:
        """Kill it if a failed test left it. Its Postgres and its workers end with it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(END_SECONDS)
        self._close()

    def _close(self) -> None:
        for reader in self._readers:
            reader.join(END_SECONDS)  # until nobody holds the pipe any more, a child of its own included
            assert not reader.is_alive(), "somebody it started outlives it"


def until(done: Callable[[], bool], said: Callable[[], str], seconds: float = START_SECONDS) -> None:
    """Look again and again where nobody tells us. Fails with what was `said` when it takes too long."""
    pause = threading.Event()
    for _ in range(int(seconds / LOOK_SECONDS)):
        if done():
            return
        pause.wait(LOOK_SECONDS)
    raise AssertionError(f"not within {seconds} s: {said()}")


def _reading(pipe: IO[str], into: list[str]) -> threading.Thread:
    def read() -> None:
        with pipe:
            into.extend(iter(pipe.readline, ""))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return reader
