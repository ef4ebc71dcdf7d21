"""kith serve --workers N: several processes, one port, and never one left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import leftovers
from server.postgres import find_running

WORKERS = 2


class Serving:
    """A `kith serve --workers 2` of this test."""

    def __init__(self, data: Path, redis_url: str) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "serve", "--data", data, "--port=0", f"--workers={WORKERS}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "KITH_REDIS_URL": redis_url},
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found, (said, self.process.communicate())
        self.url = found[0]
        while True:  # asking is the waiting: the port is open before anybody answers on it
            try:
                urllib.request.urlopen(self.url + "/readyz", timeout=30).close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None

    def workers(self) -> set[int]:
        """The processes that serve now."""
        pid = self.process.pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return {int(child) for child in listed if b"server.worker" in _command(int(child))}

    def end(self, ending: signal.Signals) -> str:
        self.process.send_signal(ending)
        self.process.wait(timeout=60)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        with self.process.stdout, self.process.stderr as err:
            return err.read()


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kw", dir="/tmp") as folder:
        yield Path(folder) / "kith"


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_workers_share_a_port_and_end_in_order(data: Path, redis_url: str, ending: signal.Signals) -> None:
    serving = Serving(data, redis_url)
    workers = serving.workers()
    assert len(workers) == WORKERS
    said = serving.end(ending)
    assert serving.process.returncode == 0
    assert not [pid for pid in workers if leftovers._is_alive(pid)]
    assert find_running(data) is None
    assert [line for line in said.splitlines() if json.loads(line)["level"] == "error"] == []


def test_a_worker_that_fell_over_is_replaced(data: Path, redis_url: str) -> None:
    serving = Serving(data, redis_url)
    before = serving.workers()
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    while len(now := serving.workers() - {victim}) < WORKERS:
        assert urllib.request.urlopen(serving.url + "/livez", timeout=30).status == 200
    assert before - {victim} < now, "the other one was left alone"
    assert '"event": "worker_ended"' in serving.end(signal.SIGTERM)


def test_a_worker_that_is_just_being_started_is_ended_too(data: Path, redis_url: str) -> None:
    """The parent once waited for ever for a worker that it started while it was told to stop."""
    serving = Serving(data, redis_url)
    os.kill(min(serving.workers()), signal.SIGKILL)
    serving.end(signal.SIGTERM)
    assert serving.process.returncode == 0


def test_nothing_outlives_a_killed_parent(data: Path, redis_url: str) -> None:
    serving = Serving(data, redis_url)
    workers = serving.workers()
    serving.end(signal.SIGKILL)
    assert all(leftovers._wait_for_end(pid, 30) for pid in workers)
    again = Serving(data, redis_url)
    again.end(signal.SIGTERM)


def test_a_workers_secrets_stand_on_no_command_line(data: Path, redis_url: str) -> None:
    serving = Serving(data, redis_url)
    secret = json.loads((data / "postgres.secret").read_bytes())["application"].encode()
    for pid in serving.workers():
        assert secret not in _command(pid)
        assert secret not in Path(f"/proc/{pid}/environ").read_bytes()
    serving.end(signal.SIGTERM)
