"""What the forum's tests stand on."""

from __future__ import annotations

import pytest

from community.clock import ManualClock
from community.database import Database
from tests.forum.world import World


@pytest.fixture
def world(database: Database, clock: ManualClock) -> World:
    """A real, empty database to lay a community into."""
    return World(database, clock)
