"""`kith rules`: which rules run, whether a folder of others would, and what they would change before they do.

Nothing here changes a rule, a verdict or a message; the work is server/rules_report.py's.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

GENTLE = 10
"""Niceness of a replay: the server beside it goes first."""


def attach(kith: click.Group, with_place: Callable[[Any], Any]) -> None:
    """Add the commands; `with_place` gives them --config and --data."""

    @kith.group()
    def rules() -> None:
        """The rules that judge messages, and how to change them safely."""

    @rules.command("show")
    @with_place
    def show(place: Any) -> None:
        """Print the version of the rules and what they are made of."""
        from server import rules_report as report

        settings = place.settings()
        for line in report.described(report.usable("shipped")):
            click.echo(line)
        if settings.pipeline.shadow:
            candidate = report.usable(str(place.data / settings.pipeline.shadow))
            click.echo(f"In the shadow: {settings.pipeline.shadow}, version {candidate.version}.")

    @rules.command("check")
    @with_place
    @click.argument("folder")
    def check(place: Any, folder: str) -> None:
        """Say whether the lexicons in FOLDER load, or file and line of what is wrong; exit 1 then."""
        from server import rules_report as report

        place.settings()  # a broken config is said here too
        found = report.usable(folder)
        click.echo(f"{folder} loads: version {found.version}, {len(found.lexicons.entries)} rules.")

    @rules.command("diff")
    @with_place
    @click.argument("old")
    @click.argument("new")
    @click.option("--corpus", type=click.Path(path_type=Path), help="Folder of corpus files (*.toml).")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
    def diff(place: Any, old: str, new: str, corpus: Path | None, as_json: bool) -> None:
        """What changes on the corpus from the rules in OLD to those in NEW: folders, or `shipped`."""
        from server import rules_report as report

        place.settings()
        counts, found = report.compared(report.usable(old), report.usable(new), corpus)
        for line in (report.diff_json if as_json else report.diff_lines)(counts, found):
            click.echo(line)

    @rules.command("replay")
    @with_place
    @click.option("--since", required=True, help="A day or time (2026-03-01), or so many days ago (7).")
    @click.option("--rules", "folder", default="shipped", show_default=True, help="Folder of lexicons.")
    @click.option("--limit", type=click.IntRange(1), help="At most so many messages, the newest first.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
    def replay(place: Any, since: str, folder: str, limit: int | None, as_json: bool) -> None:
        """Judge stored messages again and count what would change. Nothing stored is touched."""
        from server import rules_report as report
        from server.reaching import dsn_for

        settings, candidate = place.settings(), report.usable(folder)
        start = report.parse_since(since)
        with dsn_for(settings, place.data) as dsn:
            os.nice(GENTLE)
            found = asyncio.run(report.replayed(dsn, candidate, start, limit))
        for line in (report.replay_json if as_json else report.replay_lines)(found):
            click.echo(line)
