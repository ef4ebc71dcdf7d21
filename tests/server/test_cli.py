"""The command line: every command beside a running server, every mistake one sentence."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from community.bus import LocalBus
from community.clock import SystemClock
from community.database import Database
from community.people import Doorway
from server.assembly import Tools, furnish
from server.cli import main
from server.postgres import EmbeddedPostgres
from server.settings import Settings

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data directory whose Postgres runs, as beside a server."""
    with tempfile.TemporaryDirectory(prefix="kc", dir="/tmp") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "kith", durable=False)
        postgres.start()
        assert kith("migrate", "--data", postgres.data_dir).stdout.startswith("0001_")
        yield postgres.data_dir
        postgres.stop()


class Done(NamedTuple):
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def kith(*arguments: str | Path, stdin: str = "", env: dict[str, str] | None = None) -> Done:
    """The entry point, in this process: a start costs two seconds, and two tests below pay for it."""
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    out, err = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["kith", *map(str, arguments)])
        for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
    return Done(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]


def kith_alone(*arguments: str | Path, stdin: str = "") -> Done:
    """The same in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Done(ran.returncode, ran.stdout, ran.stderr)


def sign_in(data: Path, handle: str, password: str) -> bool:
    """Whether this password opens this account, and the account runs the server."""

    async def ask() -> bool:
        from server.postgres import find_running

        dsn = find_running(data)
        assert dsn is not None
        database = await Database.connect(dsn, pool_max=2)
        house = furnish(Settings(), data, database, Tools(SystemClock(), LocalBus()))
        try:
            signed = await house.people.sign_in(handle, password, Doorway("bearer", "127.0.0.1", "test"))
            return (await house.people.me(signed.member_id)).is_operator
        finally:
            house.passwords.close()
            await database.close()

    return asyncio.run(ask())


def test_migrate_applies_once(data: Path) -> None:
    again = kith("migrate", "--data", data)
    assert (again.returncode, again.stdout) == (0, "nothing to do\n"), again.stderr


def test_an_operator_is_made_with_the_password_from_stdin(data: Path) -> None:
    done = kith("operator", "captain", "--password-stdin", "--data", data, stdin=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout
    assert sign_in(data, "captain", PASSWORD)


def test_an_operator_without_a_password_gets_one_shown_once(data: Path) -> None:
    done = kith("operator", "bosun", "--data", data)
    password = done.stdout.splitlines()[-1].rpartition(" ")[2]
    assert sign_in(data, "bosun", password)


def test_a_password_changes_only_when_one_is_given(data: Path) -> None:
    kith("operator", "mate", "--password-stdin", "--data", data, stdin=PASSWORD + "\n")
    assert kith("operator", "mate", "--data", data).stdout == "mate is operator now.\n"
    assert sign_in(data, "mate", PASSWORD)
    kith("operator", "mate", "--password-stdin", "--data", data, stdin=PASSWORD + " 2\n")
    assert sign_in(data, "mate", PASSWORD + " 2")


@pytest.mark.parametrize("handle", ["", "a b", "x" * 40])
def test_a_handle_that_can_t_be_is_refused_in_words(data: Path, handle: str) -> None:
    done = kith("operator", handle, "--data", data)
    assert done.returncode == 1
    assert done.stderr.startswith("kith: A name ")
    assert "Traceback" not in done.stderr


def test_backup_and_restore_know_what_runs(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "kith.backup"
    done = kith("backup", file, "--data", data)
    assert done.returncode == 0, done.stderr
    assert "key files" in done.stdout
    done = kith("restore", file, "--data", data)
    assert done.returncode == 1
    assert "stop it, then restore" in done.stderr
    elsewhere = tmp_path / "elsewhere"
    done = kith("restore", file, "--data", elsewhere)
    assert done.returncode == 0, done.stderr
    assert kith("migrate", "--data", elsewhere).stdout == "nothing to do\n"


def test_check_says_what_to_mend_and_exits_with_1(data: Path) -> None:
    done = kith("check", "--data", data)
    assert done.returncode == 1
    assert "mail.host: " in done.stdout
    assert "Promise not kept" in done.stdout


def test_judge_answers_line_by_line_without_a_database(tmp_path: Path) -> None:
    lines = '{"id": "a", "text": "this queue is killing me"}\nnonsense\n{"id": 2, "text": "I want to end my life"}\n'
    done = kith_alone("judge", "--data", tmp_path / "none", stdin=lines)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", None, 2]
    assert answers[0]["tier"] == "green"
    assert answers[2]["crisis"] == "high"
    assert done.returncode == 1
    assert not (tmp_path / "none").exists()


def test_judge_explains_in_words(tmp_path: Path) -> None:
    done = kith("judge", "--explain", "I want to end my life", "--data", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("publish_with_support, tier red (rules ")
    assert "“" in done.stdout
    assert (
        "Nothing was found" in kith("judge", "--explain", "The bread rose today", "--data", tmp_path).stdout
    )


@pytest.mark.parametrize(
    "command",
    [
        ["serve"],
        ["migrate"],
        ["check"],
        ["operator", "x"],
        ["demo"],
        ["judge"],
        ["backup", "f"],
        ["restore", "f"],
    ],
)
def test_every_command_names_a_broken_setting(tmp_path: Path, command: list[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[server]\nprot = 1\n")
    done = kith(*command, "--config", config, "--data", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"kith: {config}: server.prot: there is no such key; did you mean server.port? "
        "config.example.toml lists them all\n"
    )


def test_data_and_config_may_come_from_the_environment(data: Path, tmp_path: Path) -> None:
    assert kith("migrate", env={"KITH_DATA": str(data)}).stdout == "nothing to do\n"
    done = kith("migrate", env={"KITH_DATA": str(data), "KITH_CONFIG": str(tmp_path / "none.toml")})
    assert "there is no such file" in done.stderr


def test_help_and_version_are_there() -> None:
    commands = ("serve", "operator", "demo", "judge", "check", "migrate", "backup", "restore", "bench")
    said = kith("--help").stdout
    for command in commands:
        assert command in said
    assert kith_alone("--version").stdout.startswith("kith, version ")
