"""`kith backup FILE` and `kith restore FILE`: one file with everything but the keys and the erasures.

A backup is pg_dump's custom format, complete as of one moment, taken beside a running server. The key file
is never in it: words of pairings and care notes stay unreadable to whoever finds a backup. What was erased
since stays erased: the list of erasures lives outside backups and is applied again after a restore, and
until that has happened no server starts on the restored data.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from community.clock import SystemClock
from community.database import Database
from community.migrate import migrate
from community.store import operating, organisation
from server import private
from server.postgres import find_binaries

MARKER: Final = "restore.unfinished"
"""In the data directory while restored data may still hold what was erased since."""
SEAL: Final = b"\nkith backup sha256 "
SEAL_BYTES: Final = len(SEAL) + 64
"""Ends the file: pg_restore itself takes a torn archive for a whole one. It ignores what follows its own."""
CHUNK_BYTES: Final = 1 << 20
UNKNOWN_BEFORE_17: Final = b"SET transaction_timeout = 0;\n"
"""Our pg_restore writes it for servers of any age; it is the default anyway."""

Reapply = Callable[[Database], Awaitable[int]]
"""Applies the list of erasures again and answers how many there were; see community/erasure.py."""


class BackupError(Exception):
    """A backup or restore that can't be done. The message says why and what to do."""


def backup(dsn: str, target: Path) -> int:
    """Write `target`, for our eyes only, whole or not at all. Answers its size in bytes."""
    fresh = target.with_name(target.name + ".new")
    private.open_new(fresh).close()
    try:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={fresh}", dsn=dsn)
        if b"TABLE DATA" not in _run("pg_restore", "--list", str(fresh)):
            raise BackupError("the database holds no tables: run `kith migrate`. Nothing was written")
        with fresh.open("r+b") as file:
            seal = SEAL + hashlib.file_digest(file, "sha256").hexdigest().encode()
            file.seek(0, os.SEEK_END)
            file.write(seal)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    private.sync_directory(target.absolute().parent)
    return target.stat().st_size


async def record(dsn: str, size: int) -> None:
    """Remember that a backup was written, for whoever runs the server to see how old the last one is."""
    database = await Database.connect(dsn, pool_max=1)
    try:
        async with database.transaction() as tx:
            await operating.record_backup(tx, "written", now=SystemClock().now(), size=size)
    finally:
        await database.close()


def check(source: Path) -> None:
    """Raises BackupError unless the file is one of ours and has every byte it was written with."""
    try:
        size = source.stat().st_size - SEAL_BYTES
        with source.open("rb") as file:
            digest = hashlib.sha256()
            for at in range(0, max(0, size), CHUNK_BYTES):
                digest.update(file.read(min(CHUNK_BYTES, size - at)))
            seal = file.read()
    except OSError as error:
        raise BackupError(f"{source} can't be read: {error.strerror}") from error
    if seal != SEAL + digest.hexdigest().encode():
        raise BackupError(f"{source} is damaged, or not a file that `kith backup` wrote; nothing was changed")


async def restore(dsn: str, data: Path, source: Path, reapply: Reapply) -> int:
    """Replace everything in the database by `source`, all or nothing; answers how many erasures were
    applied again.

    Raises BackupError: the file is no backup, or a server is using the database.
    """
    check(source)
    await _refuse_beside_a_server(dsn)
    private.write(data / MARKER, b"")
    _replace(dsn, source)
    return await finish(dsn, data, reapply)


async def finish(dsn: str, data: Path, reapply: Reapply) -> int:
    """What must follow a restore before anybody sees the data; also after it was interrupted here."""
    await migrate(dsn)
    database = await Database.connect(dsn, pool_max=2)
    try:
        async with database.transaction() as tx:
            await organisation.renew_epoch(tx)
            await operating.record_backup(tx, "restored", now=SystemClock().now())
        count = await reapply(database)
    finally:
        await database.close()
    (data / MARKER).unlink(missing_ok=True)
    private.sync_directory(data)
    return count


def is_unfinished(data: Path) -> bool:
    """Whether a restore was interrupted before the erasures were applied again."""
    return (data / MARKER).exists()


async def _refuse_beside_a_server(dsn: str) -> None:
    database = await Database.connect(dsn, pool_max=1)
    try:
        async with database.read() as conn:
            others = await conn.fetchval(
                """
                select count(*) from pg_stat_activity
                where datname = current_database() and application_name = 'kith' and pid <> pg_backend_pid()
                """
            )
    finally:
        await database.close()
    if others:
        raise BackupError("a server is using this database: stop it (all of them), then restore")


def _replace(dsn: str, source: Path) -> None:
    """Feed the backup's script to psql inside one transaction, committed only if both ends are content."""
    tools = find_binaries()
    psql: list[str | Path] = [tools / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", _bare(dsn)]
    pg_restore: list[str | Path] = [tools / "pg_restore", "--file=-", "--no-owner", "--no-privileges", source]
    with TemporaryFile() as said:
        database = subprocess.Popen(  # noqa: S603 - our own binary, no shell
            psql,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=_environment(dsn),
        )
        assert database.stdin is not None
        try:
            _pour(pg_restore, database.stdin)
        except BackupError:
            database.kill()  # no commit: nothing happened
            raise
        finally:
            with suppress(BrokenPipeError):
                database.stdin.close()
            code = database.wait()
        said.seek(0)
        if code != 0:
            raise BackupError(f"the database refused it, nothing was changed: {_said(said.read())}")


def _pour(pg_restore: Sequence[str | Path], psql: IO[bytes]) -> None:
    """One transaction from first to last. When psql ends early, its exit code and words say why."""
    with (
        TemporaryFile() as said,
        subprocess.Popen(pg_restore, stdout=subprocess.PIPE, stderr=said) as script,  # noqa: S603
    ):
        assert script.stdout is not None
        try:
            psql.write(b"begin; drop schema public cascade; create schema public;\n")
            part = script.stdout.read(CHUNK_BYTES).replace(UNKNOWN_BEFORE_17, b"", 1)
            while part:
                psql.write(part)
                part = script.stdout.read(CHUNK_BYTES)
        except BrokenPipeError:
            script.kill()
            return
        if script.wait() != 0:
            said.seek(0)
            raise BackupError(f"the backup can't be read, nothing was changed: {_said(said.read())}")
        with suppress(BrokenPipeError):
            psql.write(b"\ncommit;\n")


def _run(tool: str, *arguments: str, dsn: str | None = None) -> bytes:
    database = [] if dsn is None else [_bare(dsn)]
    done = subprocess.run(  # noqa: S603 - our own binary, no shell
        [find_binaries() / tool, *arguments, *database],
        capture_output=True,
        env=None if dsn is None else _environment(dsn),
    )
    if done.returncode != 0:
        raise BackupError(f"{tool} failed, nothing was written: {_said(done.stderr)}")
    return done.stdout


def _bare(dsn: str) -> str:
    """The address without its password, which every user of the machine could read in the process list."""
    parts = urlsplit(dsn)
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))


def _environment(dsn: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"PGPASSWORD": unquote(urlsplit(dsn).password or ""), "PGCONNECT_TIMEOUT": "5"}


def _said(stderr: bytes) -> str:
    """The first complaint; later ones follow from it."""
    lines = [line for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    return lines[0][:300] if lines else "it gave no reason"
