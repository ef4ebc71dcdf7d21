"""`kith rehearse`: a week with this roster, many times over, before it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from server.cli import Place


def attach(group: click.Group, with_place: Callable[[Any], Any]) -> None:
    """Add `rehearse` to the command line."""

    @group.command()
    @with_place
    @click.option(
        "--runs", default=200, show_default=True, type=click.IntRange(1, 100_000), help="Weeks to play."
    )
    @click.option("--days", default=7, show_default=True, type=click.IntRange(1, 28), help="Days of each.")
    @click.option("--crisis", type=float, help="Crisis cases a week; from the last four weeks if not given.")
    @click.option("--red", type=float, help="Red cases a week; likewise.")
    @click.option(
        "--one-more", metavar="21:00-07:00", help="The same again with one more person on duty then."
    )
    @click.option(
        "--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw the picture into this file."
    )
    def rehearse(place: Place, **given: Any) -> None:
        """Play the coming week with this roster, many times: how likely is each clock missed?"""
        from server.reaching import dsn_for
        from server.rehearsing import Wanted, play

        settings = place.settings()
        with dsn_for(settings, place.data) as dsn:
            for line in asyncio.run(play(settings, dsn, Wanted(**given))):
                click.echo(line)
