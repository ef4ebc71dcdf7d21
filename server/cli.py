"""The `kith` command. Each command is a few lines here and a module that does the work.

What goes wrong in an expected way is one sentence on standard error and exit code 1; a traceback is a bug.
Work is imported when it is asked for: `kith judge` starts without a web server.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from community.errors import Refusal
from community.migrate import MigrationError
from server.audit_command import attach as attach_audit
from server.backup import BackupError
from server.config import ConfigError, load
from server.helplines_command import attach as attach_helplines
from server.postgres import PostgresError
from server.private import TooOpen
from server.rehearse_command import attach as attach_rehearse
from server.rules_command import attach as attach_rules
from server.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])
EXPECTED = (ConfigError, PostgresError, MigrationError, TooOpen, BackupError)


class Place:
    """Where the settings and the data are: what every command is told."""

    def __init__(self, config: Path | None, data: Path) -> None:
        self.config = config
        self.data = data

    def settings(self) -> Settings:
        """Raises ConfigError."""
        return load(self.config, self.data, os.environ)


def with_place(command: F) -> F:
    """Add --config and --data, and hand them over as one `place`."""

    def placed(config: Path | None, data: Path, **options: Any) -> Any:
        return command(Place(config, data), **options)

    placed.__name__, placed.__doc__ = command.__name__, command.__doc__
    placed.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    path = click.Path(path_type=Path)
    for option in (
        click.option("--data", type=path, envvar="KITH_DATA", default="kith-data", show_default=True,
                     help="Directory of the database, keys and secrets."),
        click.option("--config", type=path, envvar="KITH_CONFIG", default=None,
                     help="Settings; config.toml in the data directory if not given."),
    ):  # fmt: skip
        placed = option(placed)
    return placed  # type: ignore[return-value]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kith", prog_name="kith")
def kith() -> None:
    """Kith: a self-hosted server for online peer support."""


@kith.command()
@with_place
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1), help="Processes; more than one needs Redis.")
def serve(place: Place, host: str | None, port: int | None, workers: int | None) -> None:
    """Run everything: database, migrations, server, jobs."""
    import msgspec

    from server import logs
    from server.serving import serve as run

    settings = place.settings()
    given = {"host": host, "port": port, "workers": workers}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = msgspec.structs.replace(settings, server=msgspec.structs.replace(settings.server, **changes))
    logs.set_up(settings.log.level)
    run(settings, place.data, click.echo)


@kith.command()
@with_place
def migrate(place: Place) -> None:
    """Bring the database to the shape this version needs."""
    from community.migrate import migrate as apply
    from server.reaching import dsn_for

    with dsn_for(place.settings(), place.data) as dsn:
        for name in asyncio.run(apply(dsn)) or ["nothing to do"]:
            click.echo(name)


@kith.command()
@with_place
@click.argument("handle", required=False)
@click.option(
    "--password-stdin", is_flag=True, help="Read a password (new, or to replace the old) from stdin."
)
def operator(place: Place, handle: str | None, password_stdin: bool) -> None:
    """Create the account HANDLE as operator, or raise it to one. Without HANDLE, and while nobody runs the
    server, print the code that opens its set-up page."""
    from server.first_day import make_code
    from server.operators import raise_operator
    from server.reaching import prepared

    if handle is None:
        with prepared(place.settings(), place.data) as dsn:
            code = asyncio.run(make_code(dsn))
        if code is None:
            raise click.UsageError("somebody runs this server already: name whom to make operator")
        click.echo(f"Code for the page /set-up, good once: {code}")
        return

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with prepared(place.settings(), place.data) as dsn:
        raised = asyncio.run(raise_operator(dsn, handle, password))
    click.echo(f"{handle} is operator now" + (", with a new account." if raised.is_new else "."))
    if raised.password is not None:
        click.echo(f"Password, shown this once: {raised.password}")


@kith.command()
@with_place
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(place: Place, file: Path) -> None:
    """Write everything but the keys into FILE, beside a running server or not."""
    from server.backup import backup as write
    from server.backup import record
    from server.reaching import dsn_for

    with dsn_for(place.settings(), place.data) as dsn:
        size = write(dsn, file)
        asyncio.run(record(dsn, size))
    click.echo(f"Wrote {file} ({size / 1e6:.1f} MB).")
    click.echo(
        f"The key files in {place.data} are not in it: keep a copy of them elsewhere, or the words of pairings "
        "and care notes can never be read again. The list of erasures stays in the data directory on purpose."
    )


@kith.command()
@with_place
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(place: Place, file: Path) -> None:
    """Replace everything by what FILE holds. No server may be running."""
    from server.restoring import restore as replace

    erased = replace(place.settings(), place.data, file)
    click.echo(f"Restored {file}. {erased} accounts that were erased since have been erased again.")


@kith.command()
@with_place
def check(place: Place) -> None:
    """Say what is wrong, where, what to do, and which promise this roster can't keep."""
    from community.clock import SystemClock
    from server.checking import check as look
    from server.reaching import dsn_for

    settings = place.settings()
    with dsn_for(settings, place.data) as dsn:
        found = asyncio.run(look(settings, place.data, dsn, SystemClock()))
    for trouble in found:
        click.echo(str(trouble))
    if found:
        click.echo(f"{len(found)} to mend.", err=True)
        sys.exit(1)
    click.echo("All is well.")


@kith.command()
@with_place
def demo(place: Place) -> None:
    """Fill an empty server with a made-up community, to look around."""
    from server.demo import fill
    from server.reaching import prepared

    settings = place.settings()
    with prepared(settings, place.data) as dsn:
        for line in asyncio.run(fill(settings, place.data, dsn)):
            click.echo(line)


@kith.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure this machine: see `kith bench --help`."""
    from bench.cli import main as measure

    sys.exit(measure(list(arguments)))


@kith.command()
@with_place
@click.option("--explain", metavar="TEXT", help="Judge this one text and say why, in words.")
@click.option("--no-opinion", is_flag=True, help="Without the statistical second opinion: rules only.")
def judge(place: Place, explain: str | None, no_opinion: bool) -> None:
    """Judge JSON lines from standard input with the pipeline, without a database."""
    from moderation.pipeline import filter

    place.settings()  # a broken config is said here too
    if explain is not None:
        from server.explaining import explain as in_words

        for line in in_words(explain):
            click.echo(line)
        return
    sys.exit(filter.run(sys.stdin.buffer, sys.stdout.buffer, opinion=not no_opinion))


attach_audit(kith, with_place)
attach_helplines(kith, with_place)
attach_rehearse(kith, with_place)
attach_rules(kith, with_place)


def main() -> None:
    """The entry point: runs the command and turns expected trouble into one sentence."""
    try:
        kith()
    except Refusal as refusal:
        click.echo(f"kith: {refusal.say}", err=True)
        sys.exit(1)
    except EXPECTED as trouble:
        click.echo(f"kith: {trouble}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
