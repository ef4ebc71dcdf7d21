"""Files that only the server's user may read: passwords, keys, the place of a socket.

They are born with mode 0600, never widened first and narrowed later, and one that others can read is
refused instead of quietly mended: whoever could read it may have.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO


class TooOpen(Exception):
    """A secret file that others may read. The message says how to close it."""


def make_directory(path: Path) -> None:
    """Make a data directory and its parents.

    Root's may be passed through but not listed, so that Postgres, as nobody, reaches its own part.
    """
    if not path.exists():
        path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def open_new(path: Path) -> IO[bytes]:
    """Open for writing, emptied, for our eyes only."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb")


def write(path: Path, content: bytes) -> None:
    """Write in one step: a reader sees the old content or the new, also after a crash."""
    fresh = path.with_name(path.name + ".new")
    with open_new(fresh) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)


def read(path: Path) -> bytes:
    """The content of a secret file. Raises TooOpen when others than its owner may read or write it."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise TooOpen(f"{path} can be read by others (mode {mode:04o}): chmod 600 {path}")
        return file.read()


def sync_directory(path: Path) -> None:
    """Make names in a directory durable; fsync(2) of a file alone does not."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
