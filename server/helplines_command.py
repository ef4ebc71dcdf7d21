"""`kith helplines check`: which entries this organisation has checked, which are too old, what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import click

from community.helplines import Helplines


def attach(kith: click.Group, with_place: Callable[[Any], Any]) -> None:
    """Add the command; `with_place` gives it --config and --data."""

    @kith.group()
    def helplines() -> None:
        """The helplines that members are shown."""

    @helplines.command("check")
    @with_place
    @click.option(
        "--country", "countries", multiple=True, help="Only these countries, like GB; may be repeated."
    )
    def check(place: Any, countries: tuple[str, ...]) -> None:
        """Say which entries nobody here has checked within half a year; exit 1 when there are any."""
        from community.clock import SystemClock

        place.settings()  # a broken config is said here too
        found = report(Helplines.of(place.data), SystemClock().now().date(), countries)
        for line in found:
            click.echo(line)
        sys.exit(1 if len(found) > 1 else 0)


def report(lines: Helplines, today: date, countries: tuple[str, ...] = ()) -> list[str]:
    """One line an entry that needs a look, and a sum at the end."""
    wanted = {code.upper() for code in countries}
    old = [e for e in lines.unverified(today) if not wanted or e.partition(":")[0] in wanted]
    known = len(lines.names())
    if not old:
        return [f"All entries were checked within half a year ({known} countries)."]
    return [
        *old,
        f"{len(old)} entries to ring or open, then enter the day as verified_on ({known} countries).",
    ]
