"""What a former Postgres left in its directory, and whether it is still alive.

After kill -9 of ours, Postgres may still be writing its last checkpoint, may be a zombie that nobody
collects (a container without an init), or its process number may belong to somebody else by now. Postgres
itself only asks whether the number exists and would refuse to start for ever. Our caller holds the lock
on the data directory, so no other Kith looks after this Postgres.
"""

from __future__ import annotations

import os
import platform
import select
import signal
from contextlib import closing, suppress
from pathlib import Path
from threading import Event
from typing import Final

LINUX: Final = platform.system() == "Linux"  # elsewhere there is no /proc; we ask more coarsely
FAST_SECONDS: Final = 60.0
IMMEDIATE_SECONDS: Final = 15.0


def clear(cluster: Path, sockets: Path) -> None:
    """End a Postgres that still runs on `cluster`, then remove the files that would block the next.

    Raises TimeoutError when it will not end.
    """
    pid = running_postmaster(cluster)
    if pid is not None and not (
        _ended_by(pid, signal.SIGINT, FAST_SECONDS) or _ended_by(pid, signal.SIGQUIT, IMMEDIATE_SECONDS)
    ):
        raise TimeoutError(f"an earlier Postgres (process {pid}) on {cluster} does not end")
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    for left in sockets.glob(".s.PGSQL.*") if sockets.is_dir() else ():
        left.unlink(missing_ok=True)


def running_postmaster(cluster: Path) -> int | None:
    """The process number in postmaster.pid, if it is alive and really the Postgres of `cluster`."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    if pid <= 0 or not _is_alive(pid) or not _is_postgres_of(pid, cluster):
        return None
    return pid


def _is_alive(pid: int) -> bool:
    """Zombies are dead: they hold nothing but their number."""
    if LINUX:
        try:
            # The name in brackets may hold anything, so look behind the last one; proc_pid_stat(5).
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return state not in ("Z", "X")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_postgres_of(pid: int, cluster: Path) -> bool:
    """A reused number belongs to a stranger, perhaps to another Postgres."""
    if not LINUX:
        return True
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    if not command[0].endswith(b"postgres"):
        return False
    with suppress(OSError):  # another user's: only the command line may be read
        return Path(f"/proc/{pid}/cwd").samefile(cluster)  # a postmaster stands in its directory
    return os.fsencode(cluster) in command


def _ended_by(pid: int, with_signal: signal.Signals, seconds: float) -> bool:
    try:
        os.kill(pid, with_signal)
    except ProcessLookupError:
        return True
    return _wait_for_end(pid, seconds)


def _wait_for_end(pid: int, seconds: float) -> bool:
    """Wait for a process that is not our child."""
    if LINUX:
        try:
            handle = os.fdopen(os.pidfd_open(pid), closefd=True)
        except ProcessLookupError:
            return True
        with closing(handle):
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            return bool(poll.poll(seconds * 1000))
    pause = Event()
    for _ in range(int(seconds / 0.05)):
        if not _is_alive(pid):
            return True
        pause.wait(0.05)
    return False
