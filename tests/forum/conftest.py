"""What the forum's tests stand on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.clock import ManualClock
from community.database import Database
from tests.forum.house import Place, open_place
from tests.forum.world import World


@pytest.fixture
def world(database: Database, clock: ManualClock) -> World:
    """A real, empty database to lay a community into."""
    return World(database, clock)


@pytest.fixture
async def place(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Place]:
    """The whole house, started, with one group and one board."""
    async with open_place(database, clock, tmp_path) as opened:
        yield opened
