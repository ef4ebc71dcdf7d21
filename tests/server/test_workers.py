"""kith serve --workers N: several processes, one port, and never one left behind."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import leftovers
from server.postgres import find_running
from tests.server.served import Served, until

WORKERS = 2


class Serving(Served):
    """A `kith serve --workers 2` of this test, once it answers."""

    def __init__(self, data: Path, redis_url: str) -> None:
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "server.cli",
            "serve",
            "--data",
            data,
            "--port=0",
            f"--workers={WORKERS}",
        ]
        self.data = data
        super().__init__(command, {"KITH_REDIS_URL": redis_url})
        self.wait_for_address()
        until(self._answers, self.said)

    def _answers(self) -> bool:
        """The port is open before anybody answers on it."""
        try:
            return self.get("/readyz") != ""
        except (urllib.error.URLError, ConnectionError):
            assert self.process.poll() is None, self.said()
            return False

    def workers(self) -> set[int]:
        """The processes that serve now."""
        pid = self.process.pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return {int(child) for child in listed if b"server.worker" in _command(int(child))}


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kw", dir="/tmp") as folder:
        yield Path(folder) / "kith"


@pytest.fixture
def serve(data: Path, redis_url: str) -> Iterator[Callable[[], Serving]]:
    """Start one; what a failed test leaves is ended."""
    started: list[Serving] = []

    def start() -> Serving:
        started.append(Serving(data, redis_url))
        return started[-1]

    yield start
    for serving in started:
        serving.abandon()


@pytest.fixture(scope="module")
def shared(redis_server: str) -> Iterator[Serving]:
    """One for the tests that leave it as they found it; a start of three processes is the dear part."""
    with tempfile.TemporaryDirectory(prefix="kw", dir="/tmp") as folder:
        serving = Serving(Path(folder) / "kith", redis_server)
        yield serving
        serving.abandon()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_workers_share_a_port_and_end_in_order(
    serve: Callable[[], Serving], data: Path, ending: signal.Signals
) -> None:
    serving = serve()
    workers = serving.workers()
    assert len(workers) == WORKERS
    code, _, said = serving.end(ending)
    assert code == 0
    assert not [pid for pid in workers if leftovers._is_alive(pid)]
    assert find_running(data) is None
    assert [line for line in said.splitlines() if json.loads(line)["level"] == "error"] == []


def test_a_worker_that_fell_over_is_replaced(shared: Serving) -> None:
    before = shared.workers()
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(shared.workers() - {victim}) == WORKERS and bool(shared.get("/livez")), shared.said)
    assert before - {victim} < shared.workers(), "the other one was left alone"
    assert '"event": "worker_ended"' in shared.said()


def test_a_worker_that_is_just_being_started_is_ended_too(serve: Callable[[], Serving]) -> None:
    """The parent once waited for ever for a worker that it started while it was told to stop."""
    serving = serve()
    os.kill(min(serving.workers()), signal.SIGKILL)
    assert serving.end(signal.SIGTERM)[0] == 0


def test_nothing_outlives_a_killed_parent(serve: Callable[[], Serving]) -> None:
    serving = serve()
    workers = serving.workers()
    serving.end(signal.SIGKILL)
    assert all(leftovers._wait_for_end(pid, 30) for pid in workers)


def test_a_workers_secrets_stand_on_no_command_line(shared: Serving) -> None:
    secret = json.loads((shared.data / "postgres.secret").read_bytes())["application"].encode()
    for pid in shared.workers():
        assert secret not in _command(pid)
        assert secret not in Path(f"/proc/{pid}/environ").read_bytes()
