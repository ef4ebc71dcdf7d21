"""One of several server processes, started by server/workers.py and by nobody else."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import socket
import sys
from pathlib import Path
from typing import Final

import msgspec

from server.settings import Settings

PR_SET_PDEATHSIG: Final = 1


class Order(msgspec.Struct, frozen=True):
    """What a worker is told, on its standard input."""

    settings: Settings
    data: str
    listener: int
    """Number of the inherited listening socket."""
    parent: int = msgspec.field(default_factory=os.getpid)


def main() -> None:
    """Read the order, serve until told to stop, or until the parent is gone."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    if platform.system() == "Linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != order.parent:
        raise SystemExit(1)

    from server import logs
    from server.serving import ending_in_order, run

    logs.set_up(order.settings.log.level)
    with ending_in_order(), socket.socket(fileno=order.listener) as listener:
        run(order.settings, Path(order.data), listener)


if __name__ == "__main__":
    main()
