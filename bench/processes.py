"""Servers under measurement: started on a free port, pinned to one core, measured from /proc, ended by pid."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Running:
    pid: int
    port: int
    data: Path | None = None

    def cpu_s(self) -> tuple[float, float]:
        """(the server's own processes, Postgres) in CPU seconds so far."""
        own = postgres = 0.0
        for pid in family(self.pid):
            name, seconds = _stat(pid)
            if name.startswith("postgres"):
                postgres += seconds
            else:
                own += seconds
        return own, postgres

    def memory_mb(self) -> float:
        """Private memory of the server's own processes."""
        total = 0
        for pid in family(self.pid):
            if _stat(pid)[0].startswith("postgres"):
                continue
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except (FileNotFoundError, ProcessLookupError):
                continue  # a child that has just ended
            for line in lines:
                if line.startswith(("Private_Clean", "Private_Dirty")):
                    total += int(line.split()[1])
        return total / 1024


def family(root: int) -> list[int]:
    """A process and everything it started."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _stat(pid: int) -> tuple[str, float]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "", 0.0
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return name, sum(int(fields[i]) for i in (11, 12)) / TICKS


@contextmanager
def kith(scale: float = 100_000) -> Iterator[Running]:
    """A fresh Kith with its embedded Postgres (fsync on)."""
    with tempfile.TemporaryDirectory(prefix="kb") as folder:
        data, port = Path(folder), free_port()
        (data / "bench.toml").write_text(f"[limits]\nscale = {scale}\n")
        command = [str(Path(sys.executable).with_name("kith")), "serve", "--port", str(port)]
        command += ["--data", folder, "--config", str(data / "bench.toml")]
        with _started(command, data / "log") as pid:
            _wait(f"http://127.0.0.1:{port}/readyz")
            yield Running(pid, port, data)


@contextmanager
def peer() -> Iterator[Running]:
    """The bare broadcast server."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="kb") as folder:
        with _started([sys.executable, "-m", "bench.peer", str(port)], Path(folder) / "log") as pid:
            _wait_port(port)
            yield Running(pid, port)


@contextmanager
def _started(command: list[str], log: Path) -> Iterator[int]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, preexec_fn=_pin_server)
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _pin_server() -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})


def pin_generator() -> None:
    """The generator has the other cores, so that it isn't measured with the server."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores[1:]))


def _wait(url: str, patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no answer at {url}")


def _wait_port(port: int, patience_s: float = 20) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on {port}")
