"""`kith restore`, and what `kith serve` finishes when one was cut short.

Erasing needs every package's part of a person, so this stands above the assembly; server/backup.py doesn't.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from community.bus import LocalBus
from community.clock import SystemClock
from community.database import Database
from server import backup
from server.postgres import find_running
from server.reaching import dsn_for
from server.settings import Settings


def restore(settings: Settings, data: Path, source: Path) -> int:
    """Replace everything by `source`; answers how many were erased again. Raises BackupError."""
    if not settings.database.url and find_running(data) is not None:
        raise backup.BackupError(f"a server runs on {data}: stop it, then restore")
    backup.check(source)  # before Postgres is started for it
    with dsn_for(settings, data) as dsn:
        return asyncio.run(backup.restore(dsn, data, source, _reapply(settings, data)))


async def finish_interrupted(settings: Settings, data: Path, dsn: str) -> None:
    """Before serving: what a restore that was cut short still owes."""
    if backup.is_unfinished(data):
        await backup.finish(dsn, data, _reapply(settings, data))


def _reapply(settings: Settings, data: Path) -> backup.Reapply:
    async def reapply(database: Database) -> int:
        from server.assembly import Tools, furnish

        house = furnish(settings, data, database, Tools(SystemClock(), LocalBus()))
        try:
            return await house.erasure.repeat()
        finally:
            house.passwords.close()

    return reapply
