"""`kith audit`: whether the log of acts and views holds, and its end, to be kept somewhere else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import click

from community.database import Database
from moderation.evidence.audit import Report, verify


def attach(kith: click.Group, with_place: Callable[[Any], Any]) -> None:
    """Add the command; `with_place` gives it --config and --data."""

    @kith.group()
    def audit() -> None:
        """The log of who did and who saw what."""

    @audit.command("verify")
    @with_place
    @click.option("--end", default="", help="The end that you kept from an earlier run.")
    def verify_command(place: Any, end: str) -> None:
        """Hold chain, histories and cases against each other; exit 1 when something was changed or cut."""
        from server.reaching import dsn_for

        with dsn_for(place.settings(), place.data) as dsn:
            report = asyncio.run(read(dsn, end))
        for line in lines(report):
            click.echo(line)
        sys.exit(1 if report.faults else 0)


async def read(dsn: str, end: str) -> Report:
    """Check it all in one snapshot, beside a running server."""
    database = await Database.connect(dsn, pool_max=1)
    try:
        async with database.transaction(isolation="repeatable read", command_seconds=600) as tx:
            return await verify(tx, expected_end=end)
    finally:
        await database.close()


def lines(report: Report) -> list[str]:
    """The report in words."""
    said = [f"{report.entries} entries, {report.cases} cases."]
    if report.waiting:
        said.append(f"{report.waiting} acts wait to be chained; a running server does that within seconds.")
    said += [f"WRONG: {fault}" for fault in report.faults]
    if not report.faults:
        said.append("The log holds. Keep its end somewhere else:")
    return [*said, report.end]
