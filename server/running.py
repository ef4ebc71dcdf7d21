"""How the server does, for the people who run it: the crisis path first, then the rest, each with what to do.

The same checks as /carez and `kith check`, read together; nothing here changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from community.clock import Clock
from community.database import Database
from community.store import operating
from community.store.operating import BackupState
from server import checking
from server.checking import Trouble
from server.health import CareHealth, Health
from server.settings import Settings

BACKUP_AGE_MAX: Final = timedelta(days=7)
CRISIS_PATH: Final = ("roster", "channels", "mail.host", "rules", "clock")
"""Where a trouble stands that keeps a cry from being answered."""


@dataclass(frozen=True, slots=True)
class State:
    """What is wrong with the crisis path, and what else."""

    care: CareHealth
    crisis: list[Trouble]
    others: list[Trouble]
    backups: BackupState
    backup_old: bool


class Running:
    def __init__(self, settings: Settings, data: Path, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._data = data
        self._database = database
        self._clock = clock

    async def state(self, health: Health) -> State:
        """Read it now. Raises Unavailable."""
        care = await health.care()
        settings, data = self._settings, self._data
        found = [
            *checking.config(settings, data),
            *checking.rules(),
            *checking.shadow(settings, data),
            *checking.channels(settings),
            *checking.helplines(self._clock, data),
        ]
        async with self._database.read() as conn:
            found += [trouble async for trouble in checking.rosters(conn, settings, self._clock)]
            backups = await operating.backups(conn)
        old = backups.written_at is None or self._clock.now() - backups.written_at > BACKUP_AGE_MAX
        crisis = [t for t in found if t.where in CRISIS_PATH]
        return State(care, crisis, [t for t in found if t.where not in CRISIS_PATH], backups, old)
