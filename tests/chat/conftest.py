"""What the live side's tests stand on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from community.database import Database
from tests.chat.world import Node, World, node


@pytest.fixture
async def world(database: Database) -> World:
    """One group in a real, otherwise empty database."""
    made = World(database)
    await made.lay()
    return made


@pytest.fixture
async def one(world: World) -> AsyncIterator[Node]:
    """One node with real sockets, limits scaled up."""
    async with node(world.database) as started:
        yield started
