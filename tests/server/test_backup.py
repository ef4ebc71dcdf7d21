"""Backup and restore: whole or not at all, keys outside, and nothing erased ever comes back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.clock import ManualClock
from community.database import Database
from community.migrate import MigrationError
from community.store import organisation
from community.store.events import epoch
from server import private
from server.backup import MARKER, BackupError, backup, finish, is_unfinished, restore


@pytest.fixture
async def lived_in(dsn: str, clock: ManualClock) -> AsyncIterator[str]:
    """A database in which something was said, with no one connected."""
    database = await Database.connect(dsn)
    async with database.transaction() as tx:
        await organisation.found(tx, now=clock.now())
        await tx.execute("create table diary (id integer primary key, words text)")
        await tx.execute("insert into diary values (1, 'wörter \\. '';'), (2, null)")
    await database.close()
    yield dsn


async def ask(dsn: str, sql: str) -> object:
    database = await Database.connect(dsn, pool_max=1)
    try:
        async with database.read() as conn:
            return await conn.fetchval(sql)
    finally:
        await database.close()


async def change(dsn: str, sql: str) -> None:
    database = await Database.connect(dsn, pool_max=1)
    async with database.transaction() as tx:
        await tx.execute(sql)
    await database.close()


async def nothing_erased(_: Database) -> int:
    return 0


async def test_a_restore_brings_back_exactly_what_was_backed_up(lived_in: str, tmp_path: Path) -> None:
    file = tmp_path / "kith.backup"
    assert backup(lived_in, file) == file.stat().st_size > 0
    before = await ask(lived_in, "select epoch from organisation")
    await change(lived_in, "delete from diary where id = 1; create table later (id integer)")
    assert await restore(lived_in, tmp_path, file, nothing_erased) == 0
    assert await ask(lived_in, "select words from diary where id = 1") == "wörter \\. ';"
    assert await ask(lived_in, "select count(*) from diary") == 2
    assert await ask(lived_in, "select to_regclass('later') is null")
    assert await ask(lived_in, "select epoch from organisation") != before
    assert not is_unfinished(tmp_path)
    assert backup(lived_in, file)  # what was restored can be backed up and restored again
    assert await restore(lived_in, tmp_path, file, nothing_erased) == 0


async def test_a_restore_into_an_empty_database_is_a_move(
    lived_in: str, empty_dsn: str, tmp_path: Path
) -> None:
    backup(lived_in, tmp_path / "kith.backup")
    await restore(empty_dsn, tmp_path, tmp_path / "kith.backup", nothing_erased)
    assert await ask(empty_dsn, "select count(*) from diary") == 2
    assert await ask(empty_dsn, "select count(*) from pg_tables where tableowner <> 'kith' "
                     "and schemaname = 'public'") == 0  # fmt: skip


async def test_a_backup_is_taken_beside_a_running_server_and_for_our_eyes_only(
    lived_in: str, tmp_path: Path
) -> None:
    serving = await Database.connect(lived_in)
    file = tmp_path / "kith.backup"
    file.write_bytes(b"of yesterday")
    backup(lived_in, file)
    await serving.close()
    assert file.read_bytes().startswith(b"PGDMP")
    private.read(file)  # refuses what others can read


async def test_the_password_stands_in_no_process_list(lived_in: str, tmp_path: Path) -> None:
    from server.backup import _bare

    assert _bare("postgresql://kith:s%40cret@/kith?host=%2Ftmp%2Fx&port=1") == (
        "postgresql://kith@/kith?host=%2Ftmp%2Fx&port=1"
    )
    assert _bare("postgresql://db.example:5432/kith") == "postgresql://db.example:5432/kith"


async def test_a_failed_backup_leaves_the_old_file(tmp_path: Path, lived_in: str) -> None:
    file = tmp_path / "kith.backup"
    file.write_bytes(b"of yesterday")
    with pytest.raises(BackupError, match="nothing was written"):
        backup(f"postgresql://kith:x@/kith?host={tmp_path}", file)
    assert file.read_bytes() == b"of yesterday"
    assert os.listdir(tmp_path) == ["kith.backup"]


async def test_an_empty_database_is_not_taken_for_a_backup(empty_dsn: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no tables"):
        backup(empty_dsn, tmp_path / "kith.backup")


async def test_a_restore_beside_a_server_is_refused(lived_in: str, tmp_path: Path) -> None:
    backup(lived_in, tmp_path / "kith.backup")
    serving = await Database.connect(lived_in)
    try:
        with pytest.raises(BackupError, match="stop it"):
            await restore(lived_in, tmp_path, tmp_path / "kith.backup", nothing_erased)
    finally:
        await serving.close()


@pytest.mark.parametrize("content", [b"", b"hello", b"PGDMP but not really"])
async def test_what_is_no_backup_changes_nothing(lived_in: str, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "kith.backup"
    file.write_bytes(content)
    with pytest.raises(BackupError):
        await restore(lived_in, tmp_path, file, nothing_erased)
    assert await ask(lived_in, "select count(*) from diary") == 2
    with pytest.raises(BackupError, match="can't be read"):
        await restore(lived_in, tmp_path, tmp_path / "nowhere", nothing_erased)


async def test_a_torn_backup_changes_nothing(lived_in: str, tmp_path: Path) -> None:
    file = tmp_path / "kith.backup"
    backup(lived_in, file)
    whole = file.read_bytes()
    for damaged in (
        whole[:-2000],
        whole[:-1],
        whole[:100],
        whole.replace(b"diary", b"diarx", 1),
        b"x" + whole,
    ):
        file.write_bytes(damaged)
        with pytest.raises(BackupError, match="damaged"):
            await restore(lived_in, tmp_path, file, nothing_erased)
    sealed_nonsense = b"PGDMP, but not really"
    seal = b"\nkith backup sha256 " + hashlib.sha256(sealed_nonsense).hexdigest().encode()
    file.write_bytes(sealed_nonsense + seal)
    with pytest.raises(BackupError, match="nothing was changed"):
        await restore(lived_in, tmp_path, file, nothing_erased)
    assert await ask(lived_in, "select count(*) from diary") == 2


async def test_erasures_are_applied_again_before_anybody_sees_the_data(lived_in: str, tmp_path: Path) -> None:
    file = tmp_path / "kith.backup"
    backup(lived_in, file)

    async def erase_again(database: Database) -> int:
        assert is_unfinished(tmp_path)
        async with database.transaction() as tx:
            await tx.execute("update diary set words = null")
        return 2

    assert await restore(lived_in, tmp_path, file, erase_again) == 2
    assert await ask(lived_in, "select count(words) from diary") == 0


async def test_a_restore_that_was_cut_short_is_finished_later(lived_in: str, tmp_path: Path) -> None:
    file = tmp_path / "kith.backup"
    backup(lived_in, file)

    async def die(_: Database) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await restore(lived_in, tmp_path, file, die)
    assert is_unfinished(tmp_path), "a server must not start on it"
    assert await finish(lived_in, tmp_path, nothing_erased) == 0
    assert not is_unfinished(tmp_path)
    assert not (tmp_path / MARKER).exists()


async def test_a_backup_of_a_newer_version_is_refused_by_the_migrations(
    lived_in: str, tmp_path: Path
) -> None:
    await change(lived_in, "insert into migration (name, checksum) values ('9999_later.sql', 'x')")
    file = tmp_path / "kith.backup"
    backup(lived_in, file)
    with pytest.raises(MigrationError, match="newer Kith"):
        await restore(lived_in, tmp_path, file, nothing_erased)
    assert is_unfinished(tmp_path)


async def test_the_epoch_is_made_once_and_renewed_on_request(database: Database, clock: ManualClock) -> None:
    async with database.transaction() as tx:
        await organisation.found(tx, now=clock.now())
        first = await epoch(tx)
        await organisation.found(tx, now=clock.now())
        assert await epoch(tx) == first
        assert await tx.fetchval("select count(*) from team") == 1
        await organisation.renew_epoch(tx)
        assert await epoch(tx) != first
