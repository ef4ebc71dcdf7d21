"""The embedded Postgres: it starts, it ends with us however we end, and what it leaves never blocks the next."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from server import identity, leftovers
from server.identity import Identity, NoIdentity
from server.postgres import (
    SOCKET_DIRECTORY_BYTES_MAX,
    EmbeddedPostgres,
    PostgresError,
    find_binaries,
    find_running,
)

ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not ROOT, reason="only root can become somebody else")

SUPERVISOR = """
import sys, threading
from pathlib import Path
from server.postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]))
print(postgres.start(), postgres.pid, flush=True)
sys.stdin.read()
postgres.stop()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A fresh data directory with a short path that everybody may pass."""
    path = Path(tempfile.mkdtemp(prefix="kp", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def made(short_dir: Path) -> Path:
    """A cluster made once, for tests to copy: initdb takes half a second."""
    path = short_dir / "made"
    postgres = EmbeddedPostgres(path)
    postgres.start()
    asyncio.run(run(postgres.dsn, "create table note (id integer primary key)"))
    postgres.stop()
    return path


@pytest.fixture
def shared(made: Path) -> Path:
    """The cluster made once, for tests that leave it as they found it."""
    return made


@pytest.fixture
def old(made: Path, data_dir: Path) -> Path:
    """A data directory of this test's own that was used before, and then stopped in good order."""
    subprocess.run(["cp", "-a", "--no-target-directory", made, data_dir], check=True)
    return data_dir


async def run(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def ask(dsn: str, sql: str) -> object:
    return asyncio.run(run(dsn, sql))


def supervise(data_dir: Path, **arguments: object) -> tuple[subprocess.Popen[str], str, int]:
    """Another process that starts Postgres and waits; answers it with the DSN and the postmaster's pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **arguments,  # type: ignore[call-overload]
    )
    assert process.stdout is not None
    dsn, pid = process.stdout.readline().split()
    return process, dsn, int(pid)


def ends(pid: int) -> bool:
    return leftovers._wait_for_end(pid, 30)


def test_the_first_start_makes_a_database_for_a_role_without_power(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir)
    meanwhile: list[bool] = []
    dsn = postgres.start(lambda: meanwhile.append(find_running(data_dir) is None))
    assert meanwhile == [True], "what its caller needs next is done once, and before it is ready"
    try:
        role = "select rolname || rolsuper || rolcreatedb || rolcreaterole || rolreplication || rolbypassrls"
        assert ask(dsn, f"{role} from pg_roles where rolname = current_user") == "kith" + "false" * 5
        assert ask(dsn, "select pg_get_userbyid(datdba) from pg_database where datname = 'kith'") == "kith"
        assert ask(dsn, "select lower('ÄÇĞ') || current_setting('server_encoding')") == "äçğUTF8"
        assert ask(dsn, "select current_setting('listen_addresses')") == ""
    finally:
        postgres.stop()


def test_what_was_committed_is_on_disk_before_the_answer(old: Path) -> None:
    """Durability is switched on by name, over whatever stands in the configuration file."""
    with (old / "postgres" / "postgresql.conf").open("a") as file:
        file.write("\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
    postgres = EmbeddedPostgres(old)
    dsn = postgres.start()
    try:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert ask(dsn, f"select current_setting('{name}')") == "on"
    finally:
        postgres.stop()


def test_errors_are_logged_without_the_row_that_caused_them(shared: Path) -> None:
    postgres = EmbeddedPostgres(shared)
    dsn = postgres.start()
    try:
        ask(dsn, "create table diary (id integer check (id > 0), words text)")
        with pytest.raises(asyncpg.CheckViolationError):
            ask(dsn, "insert into diary values (0, 'nobody else may read this')")
    finally:
        postgres.stop()
    logged = "".join(path.read_text() for path in (shared / "postgres" / "log").glob("*.log"))
    assert "diary_id_check" in logged
    assert "nobody else" not in logged


def test_secrets_and_sockets_are_for_our_eyes_only(shared: Path) -> None:
    postgres = EmbeddedPostgres(shared)
    postgres.start()
    try:
        for name in ("postgres.secret", "postgres.json", "postgres.start.log", "postgres.lock"):
            assert (shared / name).stat().st_mode & 0o777 == 0o600, name
        for name in ("postgres", "postgres.socket"):
            assert (shared / name).stat().st_mode & 0o777 == 0o700, name
    finally:
        postgres.stop()


def test_a_secret_that_others_can_read_is_refused_with_the_remedy(old: Path) -> None:
    (old / "postgres.secret").chmod(0o644)
    with pytest.raises(PostgresError, match="chmod 600"):
        EmbeddedPostgres(old).start()


def test_other_commands_find_the_running_one(shared: Path) -> None:
    assert find_running(shared) is None
    postgres = EmbeddedPostgres(shared)
    dsn = postgres.start()
    try:
        assert find_running(shared) == dsn
    finally:
        postgres.stop()
    assert find_running(shared) is None
    assert find_running(shared / "nowhere") is None


def test_a_second_supervisor_is_refused_while_the_first_lives(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.postgres.LOCK_SECONDS", 0.1)
    first = EmbeddedPostgres(shared)
    dsn = first.start()
    try:
        with pytest.raises(PostgresError, match="another kith"):
            EmbeddedPostgres(shared).start()
        assert ask(dsn, "select 1") == 1
        assert find_running(shared) == dsn
    finally:
        first.stop()


def test_stopping_ends_it_although_somebody_is_connected(shared: Path) -> None:
    postgres = EmbeddedPostgres(shared)
    dsn = postgres.start()
    pid = postgres.pid
    assert pid is not None

    async def connected_at_the_end() -> None:
        connection = await asyncpg.connect(dsn)
        postgres.stop()
        connection.terminate()

    asyncio.run(connected_at_the_end())
    assert postgres.pid is None
    assert not Path(f"/proc/{pid}").exists()
    assert not (shared / "postgres" / "postmaster.pid").exists()
    postgres.stop()  # a second time does nothing


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_postgres_ends_with_its_parent_and_the_next_start_recovers(
    shared: Path, ending: signal.Signals
) -> None:
    parent, dsn, pid = supervise(shared)
    ask(dsn, "truncate note")
    ask(dsn, "insert into note select generate_series(1, 1000)")
    parent.send_signal(ending)
    parent.communicate()
    again = EmbeddedPostgres(shared)  # at once: the shared postmaster may still be writing
    dsn = again.start()
    try:
        assert again.pid != pid
        assert ends(pid)
        assert ask(dsn, "select count(*) from note") == 1000
    finally:
        again.stop()


def test_a_killed_postmaster_is_started_again_with_everything_committed(shared: Path) -> None:
    postgres = EmbeddedPostgres(shared)
    dsn = postgres.start()
    try:
        ask(dsn, "truncate note")
        ask(dsn, "insert into note select generate_series(1, 1000)")
        assert not postgres.revive()
        pid = postgres.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert postgres.revive()
        assert postgres._process
        while not postgres._becomes_ready(postgres._process):  # its backends may still hold its memory:
            postgres.revive()  # the server tries again each second
        assert postgres.pid not in (None, pid)
        assert ask(dsn, "select count(*) from note") == 1000
    finally:
        postgres.stop()


def test_a_pid_file_with_the_number_of_a_stranger_does_not_block(shared: Path) -> None:
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        blocked_start(shared, stranger.pid)
        assert stranger.poll() is None, "the stranger must live"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_pid_file_with_the_number_of_a_zombie_does_not_block(shared: Path) -> None:
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # ended, not collected
    try:
        blocked_start(shared, zombie.pid)
    finally:
        zombie.wait()


def test_a_pid_file_with_the_number_of_another_postgres_does_not_block(
    old: Path, made: Path, short_dir: Path
) -> None:
    other_dir = short_dir / "other"
    subprocess.run(["cp", "-a", "--no-target-directory", made, other_dir], check=True)
    other = EmbeddedPostgres(other_dir)
    dsn = other.start()
    try:
        assert other.pid is not None
        blocked_start(old, other.pid)
        assert ask(dsn, "select 1") == 1
    finally:
        other.stop()


@pytest.mark.parametrize("content", ["", "nonsense\n", "-1\n", "4194304\n"])
def test_a_broken_pid_file_does_not_block(shared: Path, content: str) -> None:
    (shared / "postgres" / "postmaster.pid").write_text(content)
    postgres = EmbeddedPostgres(shared)
    postgres.start()
    postgres.stop()


def blocked_start(data_dir: Path, pid: int) -> None:
    """Leave files that name `pid`, as a crash would, and start all the same."""
    (data_dir / "postgres" / "postmaster.pid").write_text(
        f"{pid}\n{data_dir}/postgres\n1\n5432\n{data_dir}/postgres.socket\n\n0 0\nready\n"
    )
    (data_dir / "postgres.socket" / ".s.PGSQL.5432.lock").write_text(f"{pid}\n")
    (data_dir / "postgres.socket" / ".s.PGSQL.5432").write_text("")
    postgres = EmbeddedPostgres(data_dir)
    dsn = postgres.start()
    try:
        assert ask(dsn, "select 1") == 1
    finally:
        postgres.stop()


def test_a_kill_in_the_middle_of_the_first_start_leaves_no_half_cluster(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir()
    (data_dir / "postgres.new" / "half").write_text("")
    postgres = EmbeddedPostgres(data_dir)
    dsn = postgres.start()
    try:
        assert ask(dsn, "select 1") == 1
        assert not (data_dir / "postgres.new").exists()
    finally:
        postgres.stop()


def test_another_major_version_is_refused_with_the_way_out(old: Path) -> None:
    (old / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresError, match=r"made by PostgreSQL 15.*kith backup"):
        EmbeddedPostgres(old).start()
    assert find_running(old) is None


def test_a_directory_that_is_no_cluster_is_refused_untouched(old: Path) -> None:
    (old / "postgres" / "PG_VERSION").unlink()
    with pytest.raises(PostgresError, match="not a Postgres cluster"):
        EmbeddedPostgres(old).start()
    assert (old / "postgres" / "base").exists()


def test_a_broken_cluster_says_what_postgres_said(old: Path) -> None:
    (old / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(PostgresError, match="pg_control"):
        EmbeddedPostgres(old).start()


@pytest.mark.parametrize("name", ["x" * SOCKET_DIRECTORY_BYTES_MAX, "with space, and comma", "größe"])
def test_a_long_or_odd_path_listens_elsewhere_and_tidies_up(data_dir: Path, old: Path, name: str) -> None:
    odd = data_dir / name
    odd.mkdir(mode=0o755)
    for part in ("postgres", "postgres.secret"):
        (data_dir / part).rename(odd / part)
    postgres = EmbeddedPostgres(odd)
    dsn = postgres.start()
    elsewhere = postgres._sockets
    try:
        assert not elsewhere.is_relative_to(odd)
        assert elsewhere.stat().st_mode & 0o777 == 0o700
        assert ask(dsn, "select 1") == 1
        assert find_running(odd) == dsn
    finally:
        postgres.stop()
    assert not elsewhere.exists()


def test_no_setting_of_the_caller_leaks_into_it(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("LC_ALL", "xx_XX")
    postgres = EmbeddedPostgres(shared)
    dsn = postgres.start()
    try:
        assert ask(dsn, "select current_setting('TimeZone')") in ("UTC", "Etc/UTC")
    finally:
        postgres.stop()


@root_only
def test_root_hands_it_to_nobody_where_nobody_can_go(shared: Path) -> None:
    postgres = EmbeddedPostgres(shared)
    postgres.start()
    try:
        assert postgres.pid is not None
        assert Path(f"/proc/{postgres.pid}").stat().st_uid == identity.NOBODY
    finally:
        postgres.stop()


@root_only
def test_root_uses_a_namespace_where_only_root_can_go(data_dir: Path) -> None:
    data_dir.chmod(0o700)
    parent, dsn, pid = supervise(data_dir)
    assert (data_dir / "postgres").stat().st_uid == 0
    assert os.readlink(f"/proc/{pid}/ns/user") != os.readlink("/proc/self/ns/user")
    ask(dsn, "create table note (id integer)")
    parent.kill()
    parent.communicate()
    assert ends(pid), "the namespace must not cost us the signal on the parent's death"
    again = EmbeddedPostgres(data_dir)
    again.start()
    again.stop()


@root_only
def test_a_cluster_changes_hands_when_only_the_other_way_is_left(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.chmod(0o700)  # nobody's cluster, where nobody can't go any more
    postgres = EmbeddedPostgres(old)
    postgres.start()
    postgres.stop()
    assert (old / "postgres").stat().st_uid == 0
    old.chmod(0o755)

    def refused(*_: object) -> None:
        raise OSError("user namespaces are switched off here")

    monkeypatch.setattr(identity, "_enter_namespace", refused)
    postgres = EmbeddedPostgres(old)
    postgres.start()
    postgres.stop()
    assert (old / "postgres").stat().st_uid == identity.NOBODY


@root_only
def test_when_nobody_can_run_it_root_hears_what_to_change(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("user namespaces are switched off here")

    monkeypatch.setattr(identity, "_enter_namespace", refused)
    data_dir.chmod(0o700)
    with pytest.raises(PostgresError, match=r"chmod o\+x.*database\.url"):
        EmbeddedPostgres(data_dir).start()


@root_only
@pytest.mark.parametrize("user", [1, 4321987], ids=["named", "without a name"])
def test_an_ordinary_user_runs_it_as_themselves(data_dir: Path, user: int) -> None:
    os.chown(data_dir, user, user)
    pid = started_and_killed_as(user, data_dir)
    assert ends(pid)
    assert (data_dir / "postgres").stat().st_uid == user
    assert started_and_killed_as(user, data_dir) != pid  # they can come back
    later = EmbeddedPostgres(data_dir)  # and root afterwards
    later.start()
    later.stop()


def started_and_killed_as(user: int, data_dir: Path) -> int:
    """The number of a Postgres whose supervisor was another user, and is killed now."""
    inlet, outlet = os.pipe()
    # A fork, not a new Python: this user may not be able to reach the interpreter.
    if (child := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            # Without an exec the kernel would keep our /proc entries from us; prctl(2), PR_SET_DUMPABLE.
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
            postgres = EmbeddedPostgres(data_dir)
            postgres.start()
            os.write(outlet, str(postgres.pid).encode())
        except BaseException as error:  # a border: pytest must not go on in the child
            os.write(outlet, repr(error).encode())
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.close(outlet)
    said = os.read(inlet, 2000).decode()
    os.close(inlet)
    os.waitpid(child, 0)
    assert said.isdigit(), said
    return int(said)


def test_another_users_cluster_is_refused_to_an_ordinary_user(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(NoIdentity, match="belongs to user"):
        identity.choose(find_binaries() / "postgres", shared, shared / "postgres")


def test_a_child_of_a_parent_that_is_gone_already_does_not_start() -> None:
    with pytest.raises(subprocess.SubprocessError):
        subprocess.run(["true"], preexec_fn=_raise, check=True)
    command = ["python3", "-c", "raise SystemExit(0)"]
    prepared = identity._preparation(False, dies_with=1 << 21)
    assert subprocess.run(command, preexec_fn=prepared, check=False).returncode == 1


def _raise() -> None:
    raise OSError


def test_an_identity_gives_a_bare_environment() -> None:
    done = Identity().run(["/usr/bin/env"])
    assert {line.split("=")[0] for line in done.stdout.split()} <= {
        "LC_ALL",
        "TZ",
        "TMPDIR",
        "LD_LIBRARY_PATH",
    }
