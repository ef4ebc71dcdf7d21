"""One house a test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from community.clock import ManualClock
from community.database import Database
from tests.community.web.house import House, open_house


@pytest.fixture
async def house(database: Database, clock: ManualClock) -> AsyncIterator[House]:
    async with open_house(database, clock) as opened:
        yield opened
